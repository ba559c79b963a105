import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { main } from '../src/cli.js';
import { configJsonSchema, describeFields } from '../src/config/describe-fields.js';
import { fieldFlags } from '../src/config/parse-setting.js';
import { presets } from '../src/config/presets.js';
import { resolveConfig } from '../src/config/resolve-config.js';
import { estimateSeconds, planOf } from '../src/pipeline/plan.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('a configuration file', () => {
  const typescript = `
    import { defineConfig } from '@spark-rl/trainer';
    const leaves: number = 4 * 4;
    export default defineConfig({ preset: 'smoke', env: 'webshop', rollout: { leaves }, seed: 7 });
  `;
  const json = '{"$schema":"x","preset":"smoke","env":"webshop","rollout":{"leaves":16},"seed":7}';
  const yaml = 'preset: smoke\nenv: webshop\nrollout:\n  leaves: 16\nseed: 7\n';

  it.each([
    ['spark.config.ts', typescript],
    ['spark.config.mjs', typescript.replace(': number', '')],
    ['spark.config.json', json],
    ['spark.config.yaml', yaml],
  ])('%s is laid over its preset, and settings over it', async (name, text) => {
    const config = file(name, text);
    const resolved = await resolveConfig({ config, set: ['rollout.roots=8', 'seed=9'] });
    const smoke = presets.smoke.webshop;
    expect(resolved.config).toEqual({
      ...smoke,
      seed: 9,
      rollout: { ...smoke.rollout, leaves: 16, roots: 8 },
    });
    expect(resolved).toMatchObject({ preset: 'smoke', env: 'webshop', file: config });
  });

  it('gives way to a preset and a world of the command line', async () => {
    const config = file('spark.config.json', '{"preset":"smoke","seed":3}');
    const resolved = await resolveConfig({ config, preset: 'quickstart', set: [] });
    expect(resolved.config).toEqual({ ...presets.quickstart.alfworld, seed: 3 });
  });

  it.each([
    [
      'a.json',
      '{"rollout":{"leafs":9}}',
      /a\.json: there is no field rollout\.leafs\. Did you mean leaves\?/,
    ],
    ['a.json', '{"rollout":{"leaves":', /a\.json cannot be read: .*JSON/],
    ['a.json', '[1]', /a\.json: .*expected object/],
    ['a.json', '{"seed":"one"}', /seed: .*found "one"/],
    ['a.yaml', 'rollout: [1', /a\.yaml cannot be read/],
    ['a.ts', 'export default { seed: () => 1 }', /a\.ts: seed/],
    ['a.ts', "throw new Error('no luck')", /a\.ts cannot be read: Error: no luck/],
    ['a.toml', 'seed = 1', /no configuration file.*\.ts/s],
  ])('%s that holds %s is refused', async (name, text, message) => {
    await expect(resolveConfig({ config: file(name, text), set: [] })).rejects.toThrow(message);
  });

  it('that is not there is refused', async () => {
    const config = join(folder, 'none.json');
    await expect(resolveConfig({ config, set: [] })).rejects.toThrow(/none\.json cannot be read/);
  });
});

describe('flags that name a field', () => {
  it('are settings', () => {
    expect(fieldFlags(['train', '--rollout.leaves', '16', '--seed', '2', '--a.b=c=d'])).toEqual([
      'train',
      '--set',
      'rollout.leaves=16',
      '--seed',
      '2',
      '--set',
      'a.b=c=d',
    ]);
    expect(() => fieldFlags(['--rollout.leaves'])).toThrow(InvalidInputError);
  });
});

describe('what is said of fields', () => {
  const schema = configJsonSchema();
  const accepts = new Ajv2020({ strict: false }).compile(schema);

  it('the JSON Schema takes whole presets and parts of them, and refuses what is wrong', () => {
    for (const worlds of Object.values(presets))
      for (const preset of Object.values(worlds))
        expect([accepts(preset), accepts.errors]).toEqual([true, null]);
    expect(accepts({ preset: 'smoke', rollout: { leaves: 9 }, environment: { maxTurns: 5 } })).toBe(
      true,
    );
    expect(accepts({ rollout: { leafs: 9 } })).toBe(false);
    expect(accepts({ rollout: { leaves: 'many' } })).toBe(false);
  });

  it('every field has a sentence', () => {
    const fields = describeFields();
    expect(fields.length).toBeGreaterThan(60);
    expect(fields.filter(({ meaning }) => !meaning.endsWith('.'))).toEqual([]);
    expect(new Set(fields.map(({ field }) => field)).size).toBe(fields.length);
  });

  it('spark-rl config prints them', async () => {
    let printed = '';
    const output = { write: (text: string) => void (printed += text), interactive: false };
    expect(await main(['config', '--env', 'webshop', '--rollout.leaves', '16'], output)).toBe(0);
    expect(printed).toMatch(/rollout\.leaves = 16\n {4}N: the most leaves/);
    expect(printed).toContain('environment.products = 2000');
    expect(printed).not.toContain('searchNoise');
  });
});

describe('the plan', () => {
  const plan = planOf(presets.quickstart.alfworld);

  it('counts the weights and what is trained', () => {
    // Embedding 1024 x 64, tied; two blocks of 4 x 64 x 64 + 3 x 64 x 192 and two norms; the last norm.
    expect(plan.parameters).toBe(1024 * 64 + 2 * (4 * 64 * 64 + 3 * 64 * 192 + 2 * 64) + 64);
    expect(plan.operations.warmup).toBe(6 * plan.parameters * 5_000_000);
    // 650,000 tokens; a step can take 16 x 8 x 12 x 48.
    expect(plan.tokensOfAStep).toBe(73_728);
    expect(plan.steps).toEqual({ least: 9, most: 200 });
  });

  it('estimates time by what an engine did', () => {
    const speed = {
      trainingStepMs: 10,
      trainedTokens: 1000,
      decodedTokensPerSecond: 1000,
      parameters: plan.parameters / 2,
    };
    const { warmup, reinforcement } = estimateSeconds(plan, speed);
    expect(warmup).toBeCloseTo(5_000_000 * 2e-5, 6);
    expect(reinforcement).toBeCloseTo(650_000 * (2e-5 + 2e-3), 6);
  });
});
