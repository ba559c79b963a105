import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { JsonValue } from '@spark-rl/core';
import { loadTokenizer, trainTokenizer } from '@spark-rl/transformer-policy';

import { main } from '../src/cli.js';
import { presetNamed } from '../src/config/presets.js';
import { creditRuleOf } from '../src/commands/studio/credit-rule.js';
import { openTokenDecoder } from '../src/commands/studio/token-decoder.js';
import { start } from './command.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'studio-command-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function said(...argv: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await main(argv, { write: (part) => (text += part), interactive: false });
  return { code, text };
}

describe('spark-rl studio', () => {
  it('names a folder of runs that does not exist', async () => {
    const { code, text } = await said('studio', '--runs', join(folder, 'none'));
    expect(code).toBe(1);
    expect(text).toContain('there is no folder');
    expect(text).toContain('Train a run first');
  });

  it('serves a named run among its neighbours, until Ctrl-C', async () => {
    await mkdir(join(folder, 'one run'));
    const studio = start(['studio', join(folder, 'one run'), '--port', '0']);
    await studio.sees(/Ctrl-C ends it/);
    const address = /at (http:\S+)/.exec(studio.output())![1]!;
    expect(new URL(address).hash).toBe('#/run/one%20run');
    expect(await (await fetch(address)).text()).toContain('<title>');
    studio.child.kill('SIGINT');
    expect((await studio.finished).code).toBe(0);
  });

  it('wants a run with --export, and one that is there', async () => {
    expect((await said('studio', '--export', 'a.html')).text).toContain('--export needs a run');
    expect((await said('studio', join(folder, 'one'))).text).toContain('there is no folder');
    const missing = await said('studio', '--export', join(folder, 'a.html'), join(folder, 'one'));
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.text).toContain('there is no folder');
  });

  it('refuses steps and ports that are none', async () => {
    expect((await said('studio', '--steps', 'x', '--runs', folder)).text).toContain(
      'such as 3 or 1-5',
    );
    expect((await said('studio', '--port', '70000', '--runs', folder)).text).toContain(
      'ports end at 65535',
    );
  });
});

it('credits trees as the recorded configuration says, whatever else it holds', () => {
  const { model, rollout, learning } = presetNamed('smoke');
  const recorded = {
    model,
    rollout,
    learning: { ...learning, estimator: 'rloo' },
    environment: { id: 'of another version' },
  };
  const rule = creditRuleOf(JSON.parse(JSON.stringify(recorded)) as Record<string, JsonValue>);
  expect(rule.estimator.id).toContain('rloo');
  expect(rule.treesPerTask).toBeGreaterThanOrEqual(1);
  expect(() => creditRuleOf({ learning: { estimator: 'none' } })).toThrow();
});

describe('the tokenizer of a run', () => {
  it('gives every token its text, together the text that was encoded', async () => {
    const texts = ['go to the fridge 1', 'öffne die Tür 🗝️', 'take apple 2 from the table'];
    const tokenizer = loadTokenizer(trainTokenizer(texts, { vocabularySize: 300 }));
    const checkpoint = join(folder, 'checkpoints', 'warmup');
    await mkdir(checkpoint, { recursive: true });
    await writeFile(join(checkpoint, 'tokenizer.json'), JSON.stringify(tokenizer.json));
    await writeFile(join(checkpoint, 'tokenizer_config.json'), JSON.stringify(tokenizer.config));
    const decoder = (await openTokenDecoder(folder))!;
    for (const text of [...texts, '🗝️ 🗝️', '']) {
      const tokens = tokenizer.encode(text);
      const pieces = decoder.pieces(tokens);
      expect(pieces).toHaveLength(tokens.length);
      expect(pieces.join('')).toBe(text);
      expect(decoder.decode(tokens)).toBe(text);
    }
  });

  it('is absent before the first checkpoint', async () => {
    expect(await openTokenDecoder(folder)).toBeUndefined();
  });
});
