import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand, start } from '../tests/command.js';

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-json-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const runs = join(folder, 'runs');
const first = join(runs, 'first');
const warm = join(runs, 'warm');
const games = join(folder, 'games');
const data = join(__dirname, '..', '..', '..', '..', 'shared', 'data');
const recording = join(
  ...[__dirname, '..', '..', '..', 'packages', 'env-scienceworld', 'recordings'],
  'easy-1.3.0.jsonl.gz',
);
const shop = [
  ...['--items', join(data, 'webshop', 'items_shuffle_1000.reconstructed.json')],
  ...['--ins', join(data, 'webshop', 'items_ins_v2_1000.json')],
];
const small = [
  ...['--preset', 'smoke', '--warmup.tokens', '4000', '--evaluation.episodes', '2'],
  ...['--out', runs],
];

/** What is typed, and what the one document on standard output holds; the exit code where it is not 0. */
interface Case {
  readonly args: readonly string[];
  readonly holds: unknown;
  readonly code?: number;
  readonly input?: string;
  readonly needsData?: boolean;
}

const anyText = expect.any(String) as string;
const anyNumber = expect.any(Number) as number;

/** Commands that end with one document, in an order in which each finds what it needs. */
const documents: readonly Case[] = [
  { args: ['config', '--preset', 'smoke'], holds: { rollout: { leaves: 8 } } },
  { args: ['config', '--schema'], holds: { title: 'spark-rl configuration' } },
  {
    args: ['train', ...small, '--dry-run'],
    holds: { config: { seed: 1 }, plan: { parameters: anyNumber }, missing: [] },
  },
  {
    args: ['train', '--preset', 'paper-scienceworld-7b', '--dry-run'],
    holds: {
      plan: { parameters: 7_615_616_512 },
      missing: expect.arrayContaining([expect.objectContaining({ field: 'model.folder' })]),
    },
  },
  {
    args: ['rollout', first, '--tasks', '2'],
    holds: { tasks: 2, split: 'valid_unseen', out: anyText },
  },
  { args: ['eval', first, '--episodes', '2', '--temperature', '1'], holds: expect.anything() },
  {
    args: ['criteria', first, '--episodes', '2', '--criteria', 'explore-tag,always'],
    holds: { settings: { continuations: 16 }, tasks: 2 },
  },
  {
    args: [
      ...['compare', '--run', first, '--out', runs, '--id', 'compared'],
      ...['--methods', 'spark,chain', '--tokens', '3000'],
    ],
    holds: { environment: 'alfworld', runs: expect.any(Array) },
  },
  {
    args: ['export', first, '--format', 'trl', '--out', join(folder, 'trl.jsonl')],
    holds: { format: 'trl', rows: anyNumber, unfinished: 0 },
  },
  { args: ['doctor'], holds: { chosen: anyText, engines: expect.any(Array) } },
  {
    args: ['studio', '--export', join(folder, 'run.html'), first],
    holds: { file: anyText, bytes: anyNumber },
  },
  {
    args: ['new', 'environment', 'lucky-boxes', '--out', join(folder, 'boxes')],
    holds: { folder: join(folder, 'boxes'), files: expect.arrayContaining(['package.json']) },
  },
  {
    args: ['alfworld', 'generate', '--out', games, '--count', '2', '--size', 'small'],
    holds: { out: games, splits: ['train'], games: 2 },
  },
  { args: ['alfworld', 'index', games], holds: { games: expect.any(Array), skipped: [] } },
  { args: ['alfworld', 'validate', games], holds: { solvable: 2, problems: [] } },
  {
    args: ['webshop', 'validate', '--products', '50', '--tries', '5'],
    holds: { errors: 0, goals: { tried: 5 } },
  },
  {
    args: ['webshop', 'index', ...shop, '--out', join(folder, 'index')],
    holds: { products: 1000, terms: anyNumber },
    needsData: true,
  },
  {
    args: ['webshop', 'search', 'lamp', ...shop, '--count', '2'],
    holds: [{ asin: anyText }, { asin: anyText }],
    needsData: true,
  },
  {
    args: ['webshop', 'verify', join(data, 'webshop', 'test_vectors.json')],
    holds: { failed: 0, groups: expect.any(Array) },
    needsData: true,
  },
  {
    args: ['scienceworld', 'doctor', '--jar', join(folder, 'none.jar')],
    holds: { ok: false, findings: expect.any(Array) },
    code: 1,
  },
];

describe('--json prints one document', () => {
  beforeAll(async () => {
    const { code, output } = await runCommand(['train', ...small, '--id', 'first']);
    expect([code, output]).toEqual([0, anyText]);
  }, 300_000);

  it.each(documents.map((each) => [each.args.join(' ').replaceAll(folder, '.'), each] as const))(
    '%s',
    async (_, { args, holds, code = 0, input = '', needsData = false }) => {
      if (needsData && !existsSync(join(data, 'webshop'))) {
        console.warn('skipped: needs ../shared/data/webshop');
        return;
      }
      const finished = await runCommand([...args, '--json'], input);
      expect([finished.code, finished.output]).toEqual([code, anyText]);
      const document = JSON.parse(finished.stdout) as unknown;
      if (Array.isArray(holds)) expect(document).toMatchObject(holds);
      else if (typeof holds === 'object' && holds !== null && 'asymmetricMatch' in holds)
        expect(document).toEqual(holds);
      else expect(document).toMatchObject(holds as object);
    },
    300_000,
  );
});

/** Lines of JSON: what happened, in order. */
const eventsIn = (stdout: string): { readonly event: string }[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });

describe('--json prints events line by line', () => {
  it('sft, and resume after it', async () => {
    const sft = await runCommand(['sft', ...small, '--id', 'warm', '--json']);
    expect([sft.code, sft.output]).toEqual([0, anyText]);
    const events = eventsIn(sft.stdout);
    expect(events[0]).toMatchObject({ event: 'started', folder: warm, engine: anyText });
    expect(events.at(-1)).toMatchObject({
      event: 'finished',
      warmup: [
        { temperature: 1, success: { episodes: 2 } },
        { temperature: 0.4, success: { episodes: 2 } },
      ],
    });
    const resumed = await runCommand(['resume', warm, '--json']);
    expect([resumed.code, resumed.output]).toEqual([0, anyText]);
    const after = eventsIn(resumed.stdout);
    expect(after.filter(({ event }) => event === 'metrics').length).toBeGreaterThanOrEqual(2);
    expect(after.at(-1)).toMatchObject({
      event: 'finished',
      folder: warm,
      summary: JSON.parse(readFileSync(join(warm, 'summary.json'), 'utf8')) as object,
    });
  }, 300_000);

  it.each([
    [['play'], 'look\n!hint\n!quit\n', { won: false, steps: 1 }],
    [['alfworld', 'play', '--seed', '2'], '!quit\n', { won: false, steps: 0 }],
    [['webshop', 'play', '--products', '50'], 'search[lamp]\n!quit\n', { actions: 1 }],
    [
      ['scienceworld', 'play', '--recording', recording],
      'look around\n!quit\n',
      { actions: 1, status: 'running' },
    ],
  ])(
    '%j',
    async (args, input, end) => {
      const { code, stdout, output } = await runCommand([...args, '--json'], input);
      expect([code, output]).toEqual([0, anyText]);
      const events = eventsIn(stdout);
      expect(events[0]).toMatchObject({ event: 'start', observation: anyText });
      expect(events.at(-1)).toMatchObject({ event: 'end', ...end });
    },
    120_000,
  );
});

describe('--json tells the address of a server', () => {
  it.each([
    [['serve', first, '--port', '0'], { model: 'first', token: anyText }],
    [['studio', '--runs', runs, '--port', '0'], { runs }],
    [['webshop', 'serve', '--products', '50', '--port', '0'], { products: 50 }],
  ])(
    '%j',
    async (args, holds) => {
      const running = start([...args, '--json']);
      await running.sees(/\n\}\n/);
      running.child.kill('SIGINT');
      const { code, stdout } = await running.finished;
      expect(JSON.parse(stdout)).toMatchObject({ url: expect.stringMatching(/^http/), ...holds });
      expect(code).toBe(0);
    },
    120_000,
  );
});

describe('--json says errors as JSON, and prints no result', () => {
  it.each([
    [['train', '--rollout.roots', '9'], 'InvalidInputError', 'rollout.roots', /--set FIELD=VALUE/],
    [['train', '--sed', '3'], 'InvalidInputError', '--sed', /Did you mean .*--seed/],
    [['train', '--preset', 'webshop'], 'InvalidInputError', 'model.folder', /--model\.folder/],
    [['train', '--seed', 'x'], 'InvalidInputError', '--seed', /spark-rl COMMAND --help/],
    [['trian'], 'InvalidInputError', null, /Did you mean train/],
    [['resume', 'nowhere'], 'RunStoreError', anyText, /run/],
    [['play', '--size', 'huge'], 'InvalidInputError', '--size', /small or full/],
    [
      ['scienceworld', 'record', '--task', 'boil', '--out', 'x', '--jar', 'none.jar'],
      anyText,
      anyText,
      /./,
    ],
  ])(
    '%j',
    async (args, name, field, remedy) => {
      const { code, stdout, output } = await runCommand([...args, '--json']);
      expect([code, stdout]).toEqual([1, '']);
      const line = output.split('\n').find((each) => each.startsWith('{"error"'));
      const { error } = JSON.parse(line ?? output) as { error: object };
      expect(Object.keys(error)).toEqual(['name', 'message', 'field', 'value', 'remedy']);
      expect(error).toMatchObject({ name, message: anyText, field });
      expect(error).toMatchObject({ remedy: expect.stringMatching(remedy) as unknown });
    },
    120_000,
  );
});
