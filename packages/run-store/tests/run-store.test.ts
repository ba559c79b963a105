import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  childId,
  eventToJson,
  leafId,
  rootId,
  SparkError,
  taskId,
  treeId,
  type NodeId,
  type TreeEvent,
  type Turn,
} from '@spark-rl/core';

import {
  configHash,
  createRun,
  lockFolder,
  openCheckpoints,
  openJsonLines,
  openRun,
  openTreeJournal,
  readJsonLines,
  readMetrics,
  readTree,
  readTrees,
  type Manifest,
} from '../src/index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const config = { steps: 3, model: { width: 64 } };
const manifest: Manifest = {
  format: 1,
  id: 'first',
  createdAt: '2026-01-02T03:04:05.000Z',
  command: ['train'],
  seed: 7,
  config,
  configHash: configHash(config),
  engine: 'onnx-cpu',
  device: 'test',
  versions: { node: '20.0.0' },
};

const turn = (id: NodeId, parent: NodeId | null, index: number): Turn => ({
  id,
  parent,
  index,
  observation: `before ${id}`,
  generation: {
    text: '<think>x</think><action>go</action>',
    policyVersion: 'v0',
    finish: 'stop',
    promptTokens: Int32Array.of(1, 2, 3),
    responseTokens: Int32Array.of(4, 5),
    logProbs: Float32Array.of(-0.5, -0.25),
    cachedPromptTokens: 0,
  },
  response: { valid: true, mode: 'think', reasoning: 'x', action: 'go' },
  action: 'go',
  admissible: null,
  next: { observation: `after ${id}`, score: 0, status: 'running' },
  requestedWidth: 1,
  grantedWidth: 1,
});

const tree = treeId('step-1/a');
const root = rootId(0);
const child = childId(root, 0);
const opening: TreeEvent = {
  type: 'tree',
  tree,
  opening: {
    task: { id: taskId('a'), environment: 'test', split: 'train', data: null },
    instruction: 'win',
    observation: 'start',
    score: 0,
    settings: { leaves: 2 },
  },
};
const account = { limit: 2, used: 2, reserved: 0, failed: 0, free: 0 };

describe('json lines', () => {
  it('drops a torn last line when reading, and cuts it off before appending', async () => {
    const path = join(folder, 'a.jsonl');
    const first = await openJsonLines(path);
    await first.append({ a: 1 });
    await first.close();
    appendFileSync(path, '{"a":');
    expect(await readJsonLines(path)).toEqual([{ a: 1 }]);
    const second = await openJsonLines(path);
    await second.append({ a: 2 });
    await second.close();
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"a":2}\n');
  });

  it('names a damaged line in the middle', async () => {
    const path = join(folder, 'a.jsonl');
    writeFileSync(path, '{"a":1}\nnonsense\n{"a":3}\n');
    await expect(readJsonLines(path)).rejects.toThrow(/line 2 is not JSON/);
  });

  it('keeps the order of calls that were not awaited', async () => {
    const path = join(folder, 'a.jsonl');
    const writer = await openJsonLines(path);
    await Promise.all(Array.from({ length: 200 }, (_, i) => writer.append(i)));
    await writer.close();
    expect(await readJsonLines(path)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });
});

describe('tree journal', () => {
  const events: TreeEvent[] = [
    { type: 'turn', tree, turn: turn(rootId(1), null, 0) },
    { type: 'turn', tree, turn: turn(root, null, 0) },
    { type: 'turn', tree, turn: turn(child, root, 1) },
    {
      type: 'leaf',
      tree,
      leaf: { id: leafId('1'), tail: rootId(1), outcome: 'failure', score: 0 },
    },
    { type: 'leaf', tree, leaf: { id: leafId('0.0'), tail: child, outcome: 'success', score: 1 } },
  ];

  it('gives the same bytes whatever the order in which things happened, and reads back the tree', async () => {
    const write = async (name: string, order: readonly TreeEvent[]): Promise<string> => {
      const journal = openTreeJournal(join(folder, name));
      for (const event of [opening, ...order, { type: 'end', tree, account } as const])
        await journal.append(event);
      await journal.close();
      return readFileSync(join(folder, name, 'step-1_a.jsonl'), 'utf8');
    };
    const one = await write('one', events);
    const two = await write('two', [events[1]!, events[2]!, events[4]!, events[0]!, events[3]!]);
    expect(two).toBe(one);
    const [read] = await readTrees(join(folder, 'one'));
    expect(read?.finished).toBe(true);
    expect([...read!.tree.turns.keys()]).toEqual(['0', '0.0', '1']);
    expect(read!.tree.turns.get(root)?.generation.logProbs).toEqual(Float32Array.of(-0.5, -0.25));
    expect(read!.tree.account).toEqual(account);
  });

  it('stores an append-only prompt as what it adds, and a prompt that starts anew as a whole', async () => {
    const grown = turn(child, root, 1);
    const appended = {
      ...grown,
      generation: { ...grown.generation, promptTokens: Int32Array.of(1, 2, 3, 4, 5, 9, 8) },
    };
    const anew = turn(childId(root, 1), root, 1);
    const journal = openTreeJournal(folder);
    for (const event of [
      opening,
      { type: 'turn', tree, turn: turn(root, null, 0) },
      { type: 'turn', tree, turn: appended },
      { type: 'turn', tree, turn: anew },
      { type: 'end', tree, account },
    ] as const) {
      await journal.append(event);
    }
    const path = join(folder, 'step-1_a.jsonl');
    const lines = (await readJsonLines(path)) as {
      turn: { generation: { promptTokens: object } };
    }[];
    expect(lines[2]!.turn.generation.promptTokens).toEqual({
      added: { type: 'int32', base64: 'CQAAAAgAAAA=' },
    });
    const read = await readTree(path);
    expect(read!.tree.turns.get(child)!.generation.promptTokens).toEqual(
      appended.generation.promptTokens,
    );
    expect(read!.tree.turns.get(childId(root, 1))!.generation.promptTokens).toEqual(
      Int32Array.of(1, 2, 3),
    );
  });

  it('keeps what was appended when the run is cut off in the middle of a line', async () => {
    const journal = openTreeJournal(folder);
    for (const event of [opening, ...events.slice(0, 2)]) await journal.append(event);
    await journal.close();
    const path = join(folder, 'step-1_a.jsonl');
    appendFileSync(path, '{"type":"turn","tre');
    const read = await readTree(path);
    expect(read?.finished).toBe(false);
    expect([...read!.tree.turns.keys()]).toEqual(['0', '1']);
  });

  it('names the line of a damaged file, whatever is wrong with it', async () => {
    const path = join(folder, 'tree.jsonl');
    const lines = [opening, ...events.slice(1, 3)].map((event) =>
      JSON.stringify(eventToJson(event)),
    );
    const damages: readonly (readonly [string, RegExp])[] = [
      ['null', /tree\.jsonl:3/],
      ['7', /tree\.jsonl:3/],
      ['{"type":"turn"}', /tree\.jsonl:3: tree|tree\.jsonl:3: turn/],
      ['{"type":"turn","turn":{"parent":"0"}}', /tree\.jsonl:3/],
      [lines[2]!.replace(/"base64":"[^"]*"/, '"added":{"type":"int32","base64":"?"}'), /jsonl:3/],
    ];
    for (const [line, message] of damages) {
      writeFileSync(path, `${lines[0]}\n${lines[1]}\n${line}\n`);
      await expect(readTree(path)).rejects.toThrow(message);
      await expect(readTree(path)).rejects.toBeInstanceOf(SparkError);
    }
    // The parent's line is gone.
    writeFileSync(path, `${lines[0]}\n${lines[2]}\n`);
    await expect(readTree(path)).rejects.toThrow(/tree\.jsonl:2: turn 0\.0 has parent 0/);
    await expect(readTree(path)).rejects.toBeInstanceOf(SparkError);
  });

  it('refuses two trees whose names give the same file', async () => {
    const journal = openTreeJournal(folder);
    await journal.append(opening);
    const twin = { ...opening, tree: treeId('step-1_a') };
    await expect(journal.append(twin)).rejects.toThrow(/step-1\/a and step-1_a would both/);
    await journal.append({ type: 'end', tree, account });
    await expect(journal.append(twin)).rejects.toThrow(/would both be written/);
  });

  it('refuses events of a tree that was not opened', async () => {
    await expect(openTreeJournal(folder).append(events[0]!)).rejects.toThrow(
      /before the tree was opened/,
    );
  });
});

describe('checkpoints', () => {
  it('saves, lists in numeric order, loads and removes', async () => {
    const checkpoints = openCheckpoints(join(folder, 'checkpoints'));
    expect(await checkpoints.list()).toEqual([]);
    await checkpoints.save('step-10', new Map([['a.bin', Uint8Array.of(1, 2)]]));
    await checkpoints.save('step-2', new Map([['a.bin', Uint8Array.of(3)]]));
    await checkpoints.save('step-2', new Map([['b.bin', Uint8Array.of(4)]]));
    expect(await checkpoints.list()).toEqual(['step-2', 'step-10']);
    expect([...(await checkpoints.load('step-2'))]).toEqual([['b.bin', Uint8Array.of(4)]]);
    await checkpoints.remove('step-2');
    expect(await checkpoints.has('step-2')).toBe(false);
    await expect(checkpoints.load('step-3')).rejects.toThrow(
      /no checkpoint step-3.*Choose one of: step-10/,
    );
  });

  it('leaves the old checkpoint alone when a new one cannot be written', async () => {
    const checkpoints = openCheckpoints(folder);
    await checkpoints.save('last', new Map([['a.bin', Uint8Array.of(1)]]));
    await expect(
      checkpoints.save('last', new Map([['no/such/folder', Uint8Array.of(2)]])),
    ).rejects.toThrow(/cannot write the checkpoint/);
    expect([...(await checkpoints.load('last'))]).toEqual([['a.bin', Uint8Array.of(1)]]);
    expect(await checkpoints.list()).toEqual(['last']);
  });

  it('loses nothing when the process ends at any moment of a replacement', async () => {
    const checkpoints = openCheckpoints(folder);
    const old = new Map([['a.bin', Uint8Array.of(1)]]);
    await checkpoints.save('last', old);
    // Between the two renames: the old one stands aside, the new one is written, neither has the name.
    renameSync(join(folder, 'last'), join(folder, 'last.replaced'));
    mkdirSync(join(folder, 'last.writing'));
    writeFileSync(join(folder, 'last.writing', 'a.bin'), 'new');
    expect(await checkpoints.list()).toEqual(['last']);
    expect([...(await checkpoints.load('last'))]).toEqual([...old]);
    // Half-way through deleting the old one.
    await checkpoints.save('last', new Map([['a.bin', Uint8Array.of(2)]]));
    mkdirSync(join(folder, 'last.replaced'));
    expect([...(await checkpoints.load('last'))]).toEqual([['a.bin', Uint8Array.of(2)]]);
    await checkpoints.remove('last');
    // Half-way through a removal.
    mkdirSync(join(folder, 'last.removed'));
    expect(await checkpoints.list()).toEqual([]);
    await checkpoints.save('last', old);
    expect([...(await checkpoints.load('last'))]).toEqual([...old]);
    await checkpoints.remove('last');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('run', () => {
  it('is created, written, closed and opened again', async () => {
    const run = await createRun(folder, manifest);
    await run.recordMetrics({ phase: 'warmup', step: 1, loss: 2.5 });
    await run.close();
    const again = await openRun(run.folder);
    expect(again.manifest).toEqual(manifest);
    await again.recordMetrics({ phase: 'warmup', step: 2, loss: 2 });
    await again.close();
    expect((await readMetrics(run.folder)).map((row) => row['step'])).toEqual([1, 2]);
    // Done again after a resume: the later row counts.
    const third = await openRun(run.folder);
    await third.recordMetrics({ phase: 'warmup', step: 1, loss: 9 });
    await third.close();
    expect((await readMetrics(run.folder)).map((row) => row['loss'])).toEqual([9, 2]);
  });

  it('reads the metrics of earlier versions under the names that they have now', async () => {
    const run = await createRun(folder, manifest);
    const old = { 'learn/policyLoss': 1, 'learn/paddedTokens': 2, 'tree/budget_full_at': 3 };
    await run.recordMetrics({ phase: 'reinforce', step: 1, ...old, 'tree/leaves': 4 });
    await run.close();
    expect(await readMetrics(run.folder)).toEqual([
      {
        phase: 'reinforce',
        step: 1,
        'actor/pg_loss': 1,
        'learn/padded_tokens': 2,
        'budget/full_at': 3,
        'tree/leaves': 4,
      },
    ]);
  });

  it('refuses an existing folder, a folder that is no run, and a damaged manifest', async () => {
    const run = await createRun(folder, manifest);
    await run.close();
    await expect(createRun(folder, manifest)).rejects.toThrow(/exists.*Choose another run id/);
    await expect(openRun(folder)).rejects.toThrow(/no manifest.json/);
    await expect(openRun(join(folder, 'none'))).rejects.toThrow(/does not exist/);
    writeFileSync(join(run.folder, 'manifest.json'), JSON.stringify({ ...manifest, seed: -1 }));
    await expect(openRun(run.folder)).rejects.toThrow(/seed.*found -1/);
  });

  it('refuses a configuration that is not the one the run was begun with', async () => {
    const wrong = { ...manifest, configHash: configHash({ steps: 4 }) };
    await expect(createRun(folder, wrong)).rejects.toThrow(/does not have the hash.*configHash/);
    const run = await createRun(folder, manifest);
    await run.close();
    const path = join(run.folder, 'manifest.json');
    writeFileSync(path, JSON.stringify({ ...manifest, config: { ...config, steps: 4 } }));
    const opened = openRun(run.folder);
    await expect(opened).rejects.toThrow(/manifest\.json.*changed after the run began: restore/);
    await expect(opened).rejects.toMatchObject({ code: 'run-store', field: 'configHash' });
    // Another order of keys is the same configuration.
    const same = { model: { width: 64 }, steps: 3 };
    writeFileSync(path, JSON.stringify({ ...manifest, config: same }));
    await (await openRun(run.folder)).close();
  });

  it('refuses an id that is not the name of a folder below the root', async () => {
    for (const id of ['', '.', '..', '../outside', 'a/b', 'a\\b'])
      await expect(createRun(join(folder, 'runs'), { ...manifest, id })).rejects.toThrow(
        /manifest of the run: id: expected the name of a folder/,
      );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is locked against a second process, and the lock of a dead process is taken over', async () => {
    const run = await createRun(folder, manifest);
    await run.close();
    writeFileSync(join(run.folder, 'lock'), String(process.ppid));
    await expect(openRun(run.folder)).rejects.toThrow(
      new RegExp(`in use by process ${process.ppid}`),
    );
    writeFileSync(join(run.folder, 'lock'), '4194305');
    const unlock = await lockFolder(run.folder);
    expect(readFileSync(join(run.folder, 'lock'), 'utf8')).toBe(String(process.pid));
    await unlock();
    expect(readdirSync(run.folder).filter((file) => file.startsWith('lock'))).toEqual([]);
  });

  it('does not take a lock for abandoned while its holder is still writing it', async () => {
    const run = await createRun(folder, manifest);
    await run.close();
    writeFileSync(join(run.folder, 'lock'), '');
    const opened = openRun(run.folder);
    setTimeout(() => writeFileSync(join(run.folder, 'lock'), String(process.ppid)), 20);
    await expect(opened).rejects.toThrow(/in use by process/);
    // One that stays empty belongs to nobody: its process ended before it wrote.
    writeFileSync(join(run.folder, 'lock'), '');
    await (await openRun(run.folder)).close();
  });

  it('hashes configurations without regard to the order of keys', () => {
    expect(configHash({ a: 1, b: [1, { c: 2, d: 3 }] })).toBe(
      configHash({ b: [1, { d: 3, c: 2 }], a: 1 }),
    );
    expect(configHash({ a: 1 })).not.toBe(configHash({ a: 2 }));
  });
});
