import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { openCheckpoints, readManifest, readTrees } from '@spark-rl/run-store';
import {
  encodePrompt,
  loadAdapter,
  loadHuggingFaceModel,
  mergeAdapters,
} from '@spark-rl/transformer-policy';

import { main } from '../src/cli.js';
import { readRecordedConfig } from '../src/config/recorded-config.js';
import { loadCheckpoint } from '../src/pipeline/checkpoint.js';
import { openWorld } from '../src/worlds/world.js';
import { runCommand, start } from './command.js';
import { writeTinyPublished } from './tiny-published.js';

/** The real command, on tiny folders in the form of published models. */
jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-published-'));
const qwen = join(folder, 'models', 'qwen2');
const llama = join(folder, 'models', 'llama');
beforeAll(async () => {
  await writeTinyPublished(qwen, 'qwen2');
  await writeTinyPublished(llama, 'llama');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RANK = 2;
const LORA = ['--model.lora.rank', String(RANK), '--model.lora.alpha', '4'];

const train = (id: string, model: string, ...more: string[]): string[] => [
  ...['train', '--preset', 'smoke', '--engine', 'onnx-cpu', '--out', folder, '--id', id],
  ...['--model.folder', model, '--environment.maxTurns', '4'],
  ...['--warmup.tokens', '12000', '--warmup.episodes', '16', '--evaluation.episodes', '2'],
  ...['--rollout.tasksPerStep', '1', '--rollout.leaves', '4', '--rollout.roots', '2'],
  ...['--rollout.maxResponseTokens', '16', '--learning.invalidPenalty', '0.5'],
  ...more,
];

const run = async (...args: string[]): Promise<string> => {
  const { code, output } = await runCommand(args);
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  return output;
};

/** The same without a process of its own: for what ends before anything is trained. */
async function inProcess(args: readonly string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const write = (text: string): void => void (output += text);
  return { code: await main(args, { write, interactive: false }), output };
}

const checkpointOf = (id: string, name: string): string => join(folder, id, 'checkpoints', name);
const file = (id: string, name: string, of: string): Buffer =>
  readFileSync(join(checkpointOf(id, name), of));
const bytesIn = (path: string): number =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);

const opened = async (id: string, name: string) =>
  loadCheckpoint(
    openCheckpoints(join(folder, id, 'checkpoints')),
    name,
    (await readRecordedConfig(join(folder, id))).model,
  );

describe('a published model with adapters', () => {
  beforeAll(() => run(...train('lora', qwen, ...LORA)));

  it('stores its adapters and their moments alone, and leaves the base as it is', async () => {
    const manifest = await readManifest(join(folder, 'lora'));
    expect(manifest.baseModel?.folder).toBe(qwen);
    expect(Object.keys(manifest.baseModel!.files)).toEqual(
      expect.arrayContaining(['config.json', 'tokenizer.json', 'model.safetensors.index.json']),
    );
    const base = await loadHuggingFaceModel(qwen);
    const { config } = base;
    const sides = [
      // q, k and v; o; gate and up; down: inputs plus outputs.
      3 * config.width + config.heads * 8 + 2 * config.keyValueHeads * 8,
      2 * config.width,
      2 * (config.width + config.hiddenWidth),
      config.width + config.hiddenWidth,
    ];
    const adapterNumbers = config.layers * RANK * sides.reduce((sum, each) => sum + each, 0);
    const adapter = file('lora', 'final', 'adapter_model.safetensors').length;
    const moments = file('lora', 'final', 'optimizer.safetensors').length;
    // Names and shapes stand in the headers.
    expect(adapter - 4 * adapterNumbers).toBeGreaterThan(0);
    expect(adapter - 4 * adapterNumbers).toBeLessThan(4500);
    expect(moments - 8 * adapterNumbers).toBeLessThan(6500);
    expect(bytesIn(checkpointOf('lora', 'final'))).toBeLessThan(12 * adapterNumbers + 14_000);
    const { model, snapshot } = await opened('lora', 'final');
    for (const [name, tensor] of Object.entries(base.parameters))
      expect(model.parameters[name]).toEqual(tensor);
    expect(Object.keys(snapshot.firstMoments).every((name) => name.includes('lora'))).toBe(true);
    expect(snapshot.step).toBeGreaterThan(1);
    // The warm-up taught something, and so did reinforcement.
    const warm = await opened('lora', 'warmup');
    const b = 'layers.0.q.loraB';
    expect(warm.model.parameters[b]!.data.some((value) => value !== 0)).toBe(true);
    expect(model.parameters[b]!.data).not.toEqual(warm.model.parameters[b]!.data);
  });

  it('speaks in its own chat template, and rolls out what the warm-up trained on', async () => {
    const config = await readRecordedConfig(join(folder, 'lora'));
    expect(config.agent.prompt).toBe('messages');
    const world = await openWorld(config);
    expect(world.protocol.id).toBe('spark-messages');
    const { tokenizer } = await loadHuggingFaceModel(qwen);
    const trees = await readTrees(join(folder, 'lora', 'trees', 'step-0001'));
    const turns = [...trees[0]!.tree.turns.values()].filter(({ parent }) => parent === null);
    expect(turns.length).toBeGreaterThan(1);
    for (const { generation } of turns) {
      const text = tokenizer.decode(generation.promptTokens);
      expect(text.startsWith('<|im_start|>user\n')).toBe(true);
      expect(text.endsWith('<|im_end|>\n<|im_start|>assistant\n')).toBe(true);
      expect(text).toMatch(/Possible actions now:\n- /);
      // What the template renders of the message, once encoded: exactly these tokens, and SPARK's tags are text among them.
      const content = text.slice('<|im_start|>user\n'.length, text.lastIndexOf('<|im_end|>'));
      const messages = [{ role: 'user' as const, content }];
      const again = encodePrompt({ kind: 'messages', messages }, tokenizer);
      expect([...generation.promptTokens]).toEqual([...again]);
      expect(tokenizer.tokenId('<explore>')).toBeUndefined();
    }
  });

  it('goes on after a kill as if nothing had been', async () => {
    // In CI nothing is said of a step.
    const args = train('killed', qwen, ...LORA, '--reinforcement.maxSteps', '3');
    const killed = start(args, '', { CI: '' });
    await killed.sees(/step 1,/);
    killed.child.kill('SIGKILL');
    await killed.finished;
    await wait(100);
    expect(readdirSync(join(folder, 'killed', 'checkpoints'))).not.toContain('final');
    await run('resume', join(folder, 'killed'));
    await run(...train('whole', qwen, ...LORA, '--reinforcement.maxSteps', '3'));
    for (const name of ['adapter_model.safetensors', 'optimizer.safetensors', 'base.json'])
      expect(file('killed', 'final', name).equals(file('whole', 'final', name))).toBe(true);
  });

  it('is exported merged, or as PEFT has adapters, and both load to the same model', async () => {
    const [merged, adapter] = [join(folder, 'merged'), join(folder, 'adapter')];
    const source = join(folder, 'lora');
    await run('export', source, '--format', 'hugging-face', '--out', merged);
    await run('export', source, '--format', 'peft', '--out', adapter);
    const base = await loadHuggingFaceModel(qwen);
    const { lora, adapters } = await loadAdapter(adapter, base.config);
    expect(lora).toMatchObject({ rank: RANK, alpha: 4 });
    const loaded = await loadHuggingFaceModel(merged);
    expect(loaded.parameters).toEqual(mergeAdapters(base.config, lora, base.parameters, adapters));
    expect(loaded.tokenizer.config).toEqual(base.tokenizer.config);
    expect(loaded.config).toEqual(base.config);
    // And a run can begin with what was exported.
    await run(...train('again', merged, '--warmup.tokens', '0', '--reinforcement.maxSteps', '1'));
  });

  it('is measured, rolled out and served like any other run', async () => {
    const source = join(folder, 'lora');
    expect(await run('eval', source, '--episodes', '2', '--engine', 'onnx-cpu')).toMatch(/success/);
    expect(await run('rollout', source, '--tasks', '1', '--engine', 'onnx-cpu')).toMatch(/leaves/);
    const served = start(['serve', source, '--port', '0', '--no-token', '--engine', 'onnx-cpu']);
    await served.sees(/at http:\S+/);
    const url = /at (http:\S+)/.exec(served.output())![1]!;
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'lora',
        messages: [{ role: 'user', content: 'look' }],
        max_tokens: 4,
      }),
    });
    expect(response.status).toBe(200);
    served.child.kill('SIGINT');
    await served.finished;
  });

  it('is refused when its base is another one, and says which file changed', async () => {
    const moved = join(folder, 'models', 'changing');
    cpSync(qwen, moved, { recursive: true });
    await run(...train('changed', moved, ...LORA, '--reinforcement.maxSteps', '1'));
    appendFileSync(join(moved, 'tokenizer.json'), '\n');
    for (const args of [
      ['resume', join(folder, 'changed')],
      ['eval', join(folder, 'changed'), '--episodes', '2'],
    ]) {
      const { code, output } = await runCommand(args);
      expect(code).toBe(1);
      expect(output).toMatch(/not the one that the run began with: tokenizer\.json has changed/);
      expect(output).toMatch(/Put back the files/);
    }
    rmSync(moved, { recursive: true });
    const gone = await runCommand(['resume', join(folder, 'changed')]);
    expect([gone.code, gone.output]).toEqual([1, expect.stringMatching(/there is no folder/)]);
  });
});

describe('a published model, all weights', () => {
  it('is trained from its folder without a warm-up, and exported', async () => {
    const output = await run(
      ...train('full', llama, '--warmup.tokens', '0', '--reinforcement.maxSteps', '2'),
    );
    expect(output).toContain('the model begins as it came');
    expect(output).toContain('as the model came');
    // Of a model that nothing was learned by only its name is kept.
    expect(readdirSync(checkpointOf('full', 'warmup')).sort()).toEqual([
      'base.json',
      'optimizer.safetensors',
      'progress.json',
    ]);
    const base = await loadHuggingFaceModel(llama);
    expect((await opened('full', 'warmup')).model.parameters).toEqual(base.parameters);
    expect((await opened('full', 'final')).model.parameters).not.toEqual(base.parameters);
    const config = await readRecordedConfig(join(folder, 'full'));
    // No chat template: a transcript, told the rules, that begins as the model was trained to.
    expect(config.agent.prompt).toBe('transcript');
    const trees = await readTrees(join(folder, 'full', 'trees', 'step-0001'));
    const [first] = trees[0]!.tree.turns.values();
    expect(first!.generation.promptTokens[0]).toBe(base.tokenizer.beginOfSequence);
    const text = base.tokenizer.decode(first!.generation.promptTokens);
    expect(text).toMatch(/<explore>/);
    const exported = join(folder, 'full-hf');
    const source = join(folder, 'full');
    await run('export', source, '--format', 'hugging-face', '--out', exported);
    const { parameters } = (await opened('full', 'final')).model;
    expect((await loadHuggingFaceModel(exported)).parameters).toEqual(parameters);
    const refused = await runCommand(['export', source, '--format', 'peft', '--out', exported]);
    expect(refused.output).toMatch(/trained all weights.*--format hugging-face/);
  });

  it('is warmed up with the begin of sequence that its policy sees', async () => {
    await run(...train('begun', llama, '--reinforcement.maxSteps', '1'));
    const trained = (await opened('begun', 'warmup')).model;
    const base = await loadHuggingFaceModel(llama);
    const [row, changed] = ['tokenEmbedding', base.tokenizer.beginOfSequence!];
    const { width } = base.config;
    const at = (values: ArrayLike<number>) =>
      Array.from({ length: width }, (_, i) => values[changed * width + i]);
    // Its embedding is trained only where it stands in the rows.
    expect(at(trained.parameters[row]!.data)).not.toEqual(at(base.parameters[row]!.data));
  });

  it.each([
    [['--model.folder', 'nowhere'], /the folder of a published model.*not at nowhere/s],
    [['--model.contextLength', '999999'], /contextLength is 999999.*made for 4096/],
    [['--model.vocabularySize', '500'], /vocabularySize contradicts model\.from folder/],
    [['--rollout.maxResponseTokens', '4096'], /leave no room for a prompt/],
  ])('with %s is refused before a run folder is made', async (more, message) => {
    const { code, output } = await inProcess(train('never', qwen, ...more));
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(readdirSync(folder)).not.toContain('never');
  });

  it('of an unknown architecture is refused', async () => {
    const other = join(folder, 'models', 'other');
    cpSync(qwen, other, { recursive: true });
    const path = join(other, 'config.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    rmSync(path);
    appendFileSync(path, JSON.stringify({ ...json, model_type: 'mamba' }));
    const { code, output } = await inProcess(train('never', other));
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/model\.folder cannot be used: .*model_type/s),
    ]);
  });

  it('shows its size in a plan', async () => {
    const output = await run(...train('plan', qwen, ...LORA, '--dry-run'));
    expect(output).toMatch(/parameters\s+│\s+4\d,\d{3} │/);
    expect(output).toMatch(/of them trained\s+│\s+2,\d{3} │/);
  });
});
