import fc from 'fast-check';

import { budgetFill } from '../src/server/budget-fill.js';
import { parseMetrics } from '../src/server/metrics.js';
import { groupOf, mayBeOfTask, setPath } from '../src/server/tree-sets.js';
import { compact, nats, percent, plural, signed } from '../src/shared/format.js';
import { rolloutCommand } from '../src/shared/rollout-command.js';
import { checkpointOf, setTitle, stepOf } from '../src/shared/set-names.js';
import type { TreeCard } from '../src/shared/views.js';
import { parseRoute, toHash } from '../src/web/app/route.js';
import { MEASURES, otherMeasures } from '../src/web/charts/measures.js';
import { align, seriesOf, smooth } from '../src/web/charts/series.js';
import { changesByKind, pairsOf } from '../src/web/run/evaluation-pairs.js';
import { chooseTrees } from '../src/web/trees/tree-filters.js';
import { heatOf, leastLikely, tokenInWords, visibleText } from '../src/web/turn/heat.js';

describe('places', () => {
  it('survive the address bar, whatever they are called', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 5 }),
        fc.dictionary(
          fc.stringMatching(/^[a-z]{1,5}$/),
          fc.string({ minLength: 1, unit: 'grapheme' }),
        ),
        (parts, query) => {
          const read = parseRoute(toHash(parts, query));
          expect(read.parts).toEqual(parts);
          expect(Object.fromEntries(read.query)).toEqual({ ...query });
        },
      ),
    );
  });

  it('are read as they are when they are broken', () => {
    expect(parseRoute('#/run/%E0%A4%A').parts).toEqual(['run', '%E0%A4%A']);
    expect(parseRoute('').parts).toEqual([]);
  });

  it('tell step, group and task by their names', () => {
    expect([stepOf('step-0012'), stepOf('warmup'), stepOf('step-')]).toEqual([12, null, null]);
    expect(groupOf('003-task_1.jsonl')).toBe('003');
    expect(groupOf('other.jsonl')).toBe('other.jsonl');
    const files = [
      '003-a_1.jsonl',
      '3-a_1-7.jsonl',
      '003-a_1-x.jsonl',
      '003-a_12.jsonl',
      'a_1.jsonl',
    ];
    expect(files.map((file) => mayBeOfTask(file, 'a/1'))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('tell a checkpoint by the set that it grew, in a folder beside the trees of training', () => {
    expect(setPath('step-0012')).toEqual(['trees', 'step-0012']);
    expect(setPath('rollouts/step-10-0')).toEqual(['rollouts', 'step-10-0']);
    expect(checkpointOf('rollouts/step-10-0')).toBe('step-10');
    expect([checkpointOf('rollouts/mine'), checkpointOf('step-10')]).toEqual([null, null]);
    expect(['step-0012', 'rollouts/warmup-3', 'other'].map(setTitle)).toEqual([
      'step 12',
      'checkpoint warmup (seed 3)',
      'other',
    ]);
  });

  it('are words of a command for a shell, whatever they are called', () => {
    expect(rolloutCommand('runs/one', 'step-10', 'runs/one/trees/step-0001/000-a.jsonl')).toBe(
      'spark-rl rollout runs/one --checkpoint step-10 --tasks-of runs/one/trees/step-0001/000-a.jsonl',
    );
    expect(rolloutCommand("my $(run)'s", 'final', 'b;c')).toBe(
      String.raw`spark-rl rollout 'my $(run)'\''s' --checkpoint final --tasks-of 'b;c'`,
    );
  });
});

describe('curves', () => {
  const rows = [
    { phase: 'warmup', step: 1, 'warmup/loss': 3 },
    {
      phase: 'reinforce',
      step: 1,
      'rollout/success': 0.1,
      'rollout/tokens_generated': 90,
      // As earlier versions called it.
      'rollout/seconds': 3,
    },
    { phase: 'reinforce', step: 2, 'rollout/success': 0.2, note: 'text' },
    { phase: 'reinforce', step: 1, 'rollout/success': 0.3 },
  ];
  const { points } = parseMetrics(rows.map((row) => JSON.stringify(row)).join('\n'), String);
  const measure = (title: string): (typeof MEASURES)[number] =>
    MEASURES.find((each) => each.title === title)!;

  it('take the last row of a step that was done again', () => {
    expect(seriesOf('a', points, measure('Success'))).toEqual({
      name: 'a',
      steps: [1, 2],
      values: [0.3, 0.2],
    });
  });

  it('work out tokens per second', () => {
    expect(seriesOf('a', points, measure('Tokens per second')).values).toEqual([30]);
  });

  it('offer every number that was recorded', () => {
    expect(otherMeasures(points).map(({ title }) => title)).toEqual([
      'rollout/success',
      'rollout/tokens_generated',
      'timing_s/gen',
      'warmup/loss',
    ]);
  });

  it('lie on one axis', () => {
    const a = { name: 'a', steps: [1, 2], values: [10, 20] };
    const b = { name: 'b', steps: [2, 4], values: [5, 6] };
    expect(align([a, b])).toEqual([
      [1, 2, 4],
      [10, 20, null],
      [null, 5, 6],
    ]);
    expect(smooth([0, 3, 6], 3)).toEqual([1.5, 3, 4.5]);
  });
});

it('fills the budget by what was granted, and counts what was refused', () => {
  const turn = (id: string, requestedWidth: number, grantedWidth: number): object => ({
    id,
    index: id.split('.').length - 1,
    requestedWidth,
    grantedWidth,
  });
  const turns = new Map(
    [turn('0', 2, 2), turn('1', 1, 1), turn('0.0', 3, 2), turn('0.1', 2, 1)].map((each) => [
      (each as { id: string }).id,
      each,
    ]),
  );
  // A third root was lost before its first turn.
  const tree = { turns, leaves: [{ id: '2' }] } as unknown as Parameters<typeof budgetFill>[0];
  expect(budgetFill(tree)).toEqual([
    { turn: 0, opened: 4, forks: 1, refused: 0 },
    { turn: 1, opened: 5, forks: 1, refused: 2 },
  ]);
});

describe('evaluations', () => {
  const evaluation = (checkpoint: string, successes: boolean[], temperature = 1): never =>
    ({ checkpoint, temperature, successes, kinds: ['a', 'b', 'a', 'b'] }) as never;
  const warmup = evaluation('warmup', [true, false, false, true]);
  const final = evaluation('final', [true, true, false, false]);

  it('are compared task by task', () => {
    const [pair] = pairsOf([warmup, final]);
    expect(pair!.changes).toEqual(['kept', 'gained', 'neither', 'lost']);
    expect(changesByKind(pair!)).toEqual([
      { kind: 'a', tasks: 2, before: 1, after: 1, gained: 0, lost: 0 },
      { kind: 'b', tasks: 2, before: 1, after: 1, gained: 1, lost: 1 },
    ]);
  });

  it('are no pair at different temperatures or over other tasks', () => {
    expect(pairsOf([warmup, evaluation('final', [true], 1)])).toEqual([]);
    expect(pairsOf([warmup, evaluation('final', [true, true, true, true], 0.4)])).toEqual([]);
    const three = pairsOf([warmup, evaluation('step-5', [true, true, true, true]), final]);
    expect(three.map(({ before, after }) => `${before.checkpoint} ${after.checkpoint}`)).toEqual([
      'warmup final',
      'warmup step-5',
      'step-5 final',
    ]);
  });
});

describe('tokens', () => {
  it('are the warmer the less likely they were', () => {
    const heats = [1, 0.95, 0.8, 0.5, 0.2, 0.05, 0.001].map((p) =>
      heatOf({ logProb: Math.log(p) }),
    );
    expect(heats).toEqual([0, 0, 1, 2, 3, 4, 5]);
  });

  it('are told in words', () => {
    expect(tokenInWords({ text: ' bed', id: 4, logProb: Math.log(0.5) })).toBe(
      '“ bed”: 50.0 %, −0.69 nats',
    );
    expect(tokenInWords({ text: null, id: 4, logProb: 0, entropy: 1.234 })).toBe(
      'token 4: 100.0 %, 0.00 nats, entropy 1.23',
    );
    expect(visibleText('\n')).toBe('↵\n');
    expect(visibleText('  ')).toBe('␣␣');
  });

  it('name those that were least likely', () => {
    const token = (id: number, p: number): { id: number; text: string; logProb: number } => ({
      id,
      text: String(id),
      logProb: Math.log(p),
    });
    const found = leastLikely([token(0, 0.99), token(1, 0.3), token(2, 0.1), token(3, 0.5)], 2);
    expect(found.map(({ id }) => id)).toEqual([2, 1]);
  });
});

describe('lists of trees', () => {
  const tree = (
    file: string,
    success: number,
    failure: number,
    rest: Partial<TreeCard> = {},
  ): TreeCard => ({
    file,
    task: `task ${file}`,
    kind: 'pick',
    instruction: 'put a <b>potato</b> away',
    outcomes: { success, failure, truncated: 0, failed: 0 },
    turns: 1,
    forks: 0,
    invalid: 0,
    tokens: 1,
    opened: 1,
    limit: 8,
    finished: true,
    problems: [],
    ...rest,
  });
  const trees = [
    tree('010', 1, 1, { forks: 2 }),
    tree('002', 0, 2, { invalid: 1 }),
    tree('003', 2, 0),
  ];
  const files = (
    ...parameters: [string, Parameters<typeof chooseTrees>[2], Parameters<typeof chooseTrees>[3]]
  ): string[] => chooseTrees(trees, ...parameters).map(({ file }) => file);

  it('are searched, filtered and ordered', () => {
    expect(files('', 'all', 'file')).toEqual(['002', '003', '010']);
    expect(files('', 'all', 'success')).toEqual(['003', '010', '002']);
    expect(files('Potato 003', 'all', 'file')).toEqual(['003']);
    expect(files('', 'mixed', 'file')).toEqual(['010']);
    expect(files('', 'success', 'file')).toEqual(['003']);
    expect(files('', 'none', 'file')).toEqual(['002']);
    expect(files('', 'forked', 'file')).toEqual(['010']);
    expect(files('', 'invalid', 'file')).toEqual(['002']);
    expect(files('', 'damaged', 'file')).toEqual([]);
  });
});

it('writes numbers as they are read', () => {
  expect([percent(0.4321), percent(null), percent(NaN)]).toEqual(['43.2 %', '–', '–']);
  expect([compact(1234.5), compact(0.04117), compact(0.0000123), compact(NaN)]).toEqual([
    '1,235',
    '0.0412',
    '1.2e-5',
    '–',
  ]);
  expect([signed(0.5), signed(-0.5), signed(-0.001)]).toEqual(['+0.50', '−0.50', '0.00']);
  expect([plural(1, 'leaf', 'leaves'), plural(2, 'leaf', 'leaves')]).toEqual([
    '1 leaf',
    '2 leaves',
  ]);
  expect(nats(-1.005)).toBe('−1.00');
});
