import {
  createTreeBuilder,
  InvalidInputError,
  leafId,
  taskId,
  treeId,
  type LeafOutcome,
  type NodeId,
  type ParsedResponse,
  type Tree,
} from '@spark-rl/core';
import { float64Ops, fromHost, referenceEngine, type SequenceRow } from '@spark-rl/tensor';
import fc from 'fast-check';

import {
  describeFormat,
  dpoLoss,
  etoPairs,
  preferenceTrainer,
  referenceLogProbs,
  siblingPreferences,
  successfulExamples,
  trainEto,
  type DpoProgress,
  type ExampleTurn,
  type ExpertEpisode,
  type PreferencePair,
} from '../src/index.js';
import { logSigmoids } from '../src/preference/dpo-loss.js';
import { groupPairs, pairMicroBatches } from '../src/preference/pair-batches.js';
import { bigramModel, VOCABULARY, zeroTable } from './fixtures.js';

const engine = referenceEngine();
const none = { limit: 0, used: 0, reserved: 0, failed: 0, free: 0 };

interface Given {
  readonly says: readonly number[];
  readonly valid?: boolean;
  readonly action?: string;
}

/** A tree of transcripts: a turn's prompt is the path before it and one observation token, 5. */
function treeOf(
  turns: Readonly<Record<string, Given>>,
  leaves: Readonly<Record<string, LeafOutcome>>,
  { task = 'task', windowed = false } = {},
): Tree {
  const builder = createTreeBuilder(treeId(`tree of ${task}`), {
    task: { id: taskId(task), environment: 'e', split: 's', data: null },
    instruction: 'Do.',
    observation: 'o',
    score: 0,
    settings: {},
  });
  const tokens = new Map<string, number[]>([['', []]]);
  for (const [id, { says, valid = true, action = id }] of Object.entries(turns)) {
    const parent = id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : '';
    const prompt = [...(windowed ? [] : tokens.get(parent)!), 5];
    tokens.set(id, [...prompt, ...says]);
    const response: ParsedResponse = {
      valid,
      mode: says[0] === 1 ? 'explore' : 'think',
      reasoning: '',
      action: valid ? action : '',
      ...(!valid && { reason: 'no good' }),
    };
    builder.addTurn({
      id: id as NodeId,
      parent: parent === '' ? null : (parent as NodeId),
      index: id.split('.').length - 1,
      observation: 'o',
      generation: {
        text: says.join(' '),
        policyVersion: '0',
        finish: 'stop',
        promptTokens: Int32Array.from(prompt),
        responseTokens: Int32Array.from(says),
        logProbs: new Float32Array(says.length),
        cachedPromptTokens: 0,
      },
      response,
      action,
      admissible: null,
      next: { observation: 'o', score: 0, status: 'running' },
      requestedWidth: 1,
      grantedWidth: 1,
    });
  }
  for (const [id, outcome] of Object.entries(leaves))
    builder.addLeaf({ id: leafId(id), tail: id as NodeId, outcome, score: 0 });
  return builder.build(none);
}

const shown = (rows: readonly SequenceRow[]): unknown =>
  rows.map(({ tokens, targets }) => ({ tokens: [...tokens], targets: [...targets] }));

const forked = {
  '0': { says: [1, 2] },
  '0.0': { says: [3] },
  '0.0.0': { says: [4, 4] },
  '0.1': { says: [2] },
} as const;

describe('siblingPreferences', () => {
  const tree = treeOf(forked, { '0.0.0': 'success', '0.1': 'failure' });

  it('compares the responses of siblings after the same prompt', () => {
    const [pair, ...others] = siblingPreferences([tree]);
    expect(others).toEqual([]);
    expect(shown(pair!.chosen)).toEqual([{ tokens: [5, 1, 2, 5, 3], targets: [4] }]);
    expect(shown(pair!.rejected)).toEqual([{ tokens: [5, 1, 2, 5, 2], targets: [4] }]);
    expect(pair!.task).toBe('task');
  });

  it('compares all that follows, on request', () => {
    const [pair] = siblingPreferences([tree], { level: 'path' });
    expect(shown(pair!.chosen)).toEqual([{ tokens: [5, 1, 2, 5, 3, 5, 4, 4], targets: [4, 6, 7] }]);
    expect(shown(pair!.rejected)).toEqual([{ tokens: [5, 1, 2, 5, 2], targets: [4] }]);
    const windows = treeOf(forked, { '0.0.0': 'success', '0.1': 'failure' }, { windowed: true });
    const [windowed] = siblingPreferences([windows], { level: 'path' });
    expect(shown(windowed!.chosen)).toEqual([
      { tokens: [5, 3], targets: [1] },
      { tokens: [5, 4, 4], targets: [1, 2] },
    ]);
  });

  it('has nothing to say of responses without tokens', () => {
    const silent = treeOf(
      { '0': { says: [] }, '1': { says: [1] } },
      { '0': 'success', '1': 'failure' },
    );
    expect(siblingPreferences([silent])).toEqual([]);
  });
});

const row = (tokens: readonly number[], ...targets: number[]): SequenceRow => ({
  tokens: Int32Array.from(tokens),
  targets: Int32Array.from(targets),
});
const pairs: readonly PreferencePair[] = [
  { task: taskId('a'), chosen: [row([0, 1, 2], 1, 2)], rejected: [row([0, 2], 1)] },
  {
    task: taskId('b'),
    chosen: [row([1, 3], 1), row([2, 4, 5], 2)],
    rejected: [row([3, 3, 3, 1], 3)],
  },
  { task: taskId('c'), chosen: [row([4, 0, 1, 1, 1], 1, 4)], rejected: [row([4, 1], 1)] },
];

/** A table, and log p(next | token) of it. */
const tableFrom = (values: readonly number[]) => ({
  table: {
    dtype: 'float32' as const,
    shape: [VOCABULARY, VOCABULARY],
    data: Float32Array.from(values),
  },
});
function logProb(table: Float32Array | readonly number[], from: number, to: number): number {
  const logits = Array.from(table.slice(from * VOCABULARY, (from + 1) * VOCABULARY));
  return logits[to]! - Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
}
const sideLogProb = (
  table: Float32Array | readonly number[],
  rows: readonly SequenceRow[],
): number =>
  rows.reduce(
    (sum, { tokens, targets }) =>
      [...targets].reduce((s, t) => s + logProb(table, tokens[t - 1]!, tokens[t]!), sum),
    0,
  );

/** The loss by the formula, with nothing of the program in it. */
function lossByHand(
  policy: Float32Array | readonly number[],
  reference: Float32Array | readonly number[],
  beta: number,
  smoothing: number,
): number {
  const losses = pairs.map(({ chosen, rejected }) => {
    const gain = (rows: readonly SequenceRow[]): number =>
      sideLogProb(policy, rows) - sideLogProb(reference, rows);
    const m = beta * (gain(chosen) - gain(rejected));
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    return -(1 - smoothing) * Math.log(sigmoid(m)) - smoothing * Math.log(sigmoid(-m));
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

const SIZE = VOCABULARY * VOCABULARY;
const table = fc.array(fc.float({ min: -2, max: 2, noNaN: true }), {
  minLength: SIZE,
  maxLength: SIZE,
});

/** Loss and metrics of the program in float64. */
async function programLoss(
  policy: readonly number[],
  reference: readonly number[],
  settings: { readonly beta: number; readonly labelSmoothing: number },
  tokenBudget: number,
): Promise<{ loss: number }> {
  const held = engine.parameters(tableFrom(reference));
  const references = await referenceLogProbs(engine, bigramModel, held, pairs, { tokenBudget: 64 });
  held.dispose();
  const program = dpoLoss(bigramModel, settings);
  const total = { loss: 0 };
  for (const inputs of pairMicroBatches(bigramModel, pairs, references, tokenBudget)) {
    const values = Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [name, fromHost(tensor)]),
    );
    const weights = { table: fromHost(tableFrom(policy).table) };
    const { loss } = program.run(float64Ops, weights, values);
    total.loss += loss.data[0]!;
  }
  return total;
}

describe('dpoLoss', () => {
  it('is log 2 where policy and reference agree', async () => {
    const zeros = new Array<number>(SIZE).fill(0);
    const { loss } = await programLoss(zeros, zeros, { beta: 0.3, labelSmoothing: 0 }, 64);
    expect(loss).toBeCloseTo(Math.log(2), 6);
  });

  it('is what the formula says, however the pairs are put into micro-batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        table,
        fc.constantFrom(0.1, 0.5, 2),
        fc.constantFrom(0, 0.1, 0.4),
        fc.constantFrom(1, 12, 1000),
        async (policy, reference, beta, labelSmoothing, tokenBudget) => {
          const { loss } = await programLoss(
            policy,
            reference,
            { beta, labelSmoothing },
            tokenBudget,
          );
          const expected = lossByHand(policy, reference, beta, labelSmoothing);
          expect(Math.abs(loss - expected)).toBeLessThan(1e-5 * (1 + expected));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has the gradient of log sigmoid also at 0, where training begins', async () => {
    const points = [-3, -1e-3, 0, 1e-3, 3];
    for (const which of [0, 1] as const) {
      const trainer = await engine.compileTraining(
        {
          name: 'log-sigmoid',
          parameters: { x: [5] },
          inputs: { one: { dtype: 'float32', shape: ['pair', 5] } },
          run: (ops, parameters, inputs) => ({
            loss: ops.sum(
              logSigmoids(ops, ops.sum(ops.mul(inputs['one']!, parameters['x']!), [-1]))[which],
              [0],
            ),
            metrics: {},
          }),
        },
        { beta1: 0.5, beta2: 0.9, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1e9 },
        { x: { dtype: 'float32', shape: [5], data: Float32Array.from(points) } },
      );
      const one = {
        dtype: 'float32' as const,
        shape: [5, 5],
        data: Float32Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0)),
      };
      await trainer.step([{ one }], { learningRate: 0 });
      const { firstMoments } = await trainer.snapshot();
      for (const [i, x] of points.entries()) {
        const expected = which === 0 ? 1 / (1 + Math.exp(x)) : -1 / (1 + Math.exp(-x));
        expect(firstMoments['x']!.data[i]! / 0.5).toBeCloseTo(expected, 6);
      }
      trainer.dispose();
    }
  });

  it('stays finite at margins that overflow exp', async () => {
    const far = Array.from({ length: SIZE }, (_, i) => (i % 2 === 0 ? 400 : -400));
    const zeros = new Array<number>(SIZE).fill(0);
    const { loss } = await programLoss(far, zeros, { beta: 5, labelSmoothing: 0 }, 64);
    expect(Number.isFinite(loss)).toBe(true);
    expect(loss).toBeGreaterThan(100);
  });

  it('has the gradient that finite differences give', async () => {
    const policy = Array.from({ length: SIZE }, (_, i) => Math.sin(i) / 2);
    const reference = Array.from({ length: SIZE }, (_, i) => Math.cos(3 * i) / 2);
    const trainer = await preferenceTrainer({
      engine,
      model: bigramModel,
      start: tableFrom(policy),
      reference: tableFrom(reference),
      pairs,
      // The first moment after one step is (1 - beta1) times the gradient.
      options: {
        beta: 0.7,
        labelSmoothing: 0.1,
        epochs: 1,
        learningRate: 0,
        tokenBudget: 12,
        optimizer: { beta1: 0.5, maxGradientNorm: 1e9, weightDecay: 0 },
      },
    });
    const last = await trainer.train();
    const { firstMoments } = await trainer.snapshot();
    const gradient = Array.from(firstMoments['table']!.data, (m) => m / 0.5);
    const h = 1e-5;
    for (let i = 0; i < SIZE; i++) {
      const moved = (by: number): number =>
        lossByHand(
          policy.map((x, j) => (j === i ? x + by : x)),
          reference,
          0.7,
          0.1,
        );
      expect(gradient[i]!).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 5);
    }
    expect(last!.loss).toBeCloseTo(lossByHand(policy, reference, 0.7, 0.1), 5);
    trainer.dispose();
  });
});

describe('referenceLogProbs', () => {
  it('sums over the targets of all rows of a side', async () => {
    const values = Array.from({ length: SIZE }, (_, i) => Math.sin(2 * i));
    const parameters = engine.parameters(tableFrom(values));
    for (const tokenBudget of [32, 1000]) {
      const found = await referenceLogProbs(engine, bigramModel, parameters, pairs, {
        tokenBudget,
      });
      for (const [i, { chosen, rejected }] of pairs.entries()) {
        expect(found[i]!.chosen).toBeCloseTo(sideLogProb(values, chosen), 4);
        expect(found[i]!.rejected).toBeCloseTo(sideLogProb(values, rejected), 4);
      }
    }
  });
});

describe('groupPairs', () => {
  it('keeps every pair once and within the budget unless it is alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 40 })), {
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 300 }),
        (lengths, budget) => {
          const some = lengths.map(([a, b]): PreferencePair => ({
            task: taskId('t'),
            chosen: [{ tokens: new Int32Array(a), targets: Int32Array.of(1) }],
            rejected: [{ tokens: new Int32Array(b), targets: Int32Array.of(1) }],
          }));
          const model = { ...bigramModel, contextLength: 40 };
          const groups = groupPairs(some, budget, model.contextLength);
          expect(groups.flat().sort((a, b) => a - b)).toEqual([...some.keys()]);
          const references = some.map(() => ({ chosen: 0, rejected: 0 }));
          const batches = pairMicroBatches(model, some, references, budget);
          expect(batches).toHaveLength(groups.length);
          for (const [i, group] of groups.entries()) {
            // As the model takes them, padding included.
            const tokens = batches[i]!['tokens']!.data.length;
            if (group.length > 1) expect(tokens).toBeLessThanOrEqual(budget);
          }
        },
      ),
    );
  });
});

describe('preferenceTrainer', () => {
  const open = (changes: object = {}) =>
    preferenceTrainer({
      engine,
      model: bigramModel,
      start: zeroTable(),
      pairs,
      options: {
        beta: 0.5,
        learningRate: 0.1,
        epochs: 12,
        batchPairs: 2,
        optimizer: { weightDecay: 0 },
      },
      ...changes,
    });

  it('learns to prefer what is chosen', async () => {
    const trainer = await open();
    const seen: DpoProgress[] = [];
    await trainer.train({ onStep: (progress) => void seen.push(progress) });
    expect(trainer.totalSteps).toBe(24);
    expect(seen[0]!.loss).toBeCloseTo(Math.log(2), 5);
    expect(seen[0]!.margin).toBeCloseTo(0, 6);
    const last = seen.at(-1)!;
    expect(last.accuracy).toBe(1);
    expect(last.loss).toBeLessThan(0.4);
    expect(last.margin).toBeCloseTo(last.chosenReward - last.rejectedReward, 5);
    trainer.dispose();
  });

  it('goes on from a snapshot exactly, given its reference', async () => {
    const whole = await open();
    const expected = await whole.train();
    const first = await open();
    await first.train({ steps: 7 });
    const start = await first.snapshot();
    await expect(open({ start })).rejects.toThrow(/a snapshot does not tell the reference/);
    const second = await open({ start, reference: zeroTable() });
    expect(await second.train()).toEqual(expected);
    for (const each of [whole, first, second]) each.dispose();
  });

  it('takes log-probabilities that were computed before', async () => {
    const parameters = engine.parameters(zeroTable());
    const reference = await referenceLogProbs(engine, bigramModel, parameters, pairs, {
      tokenBudget: 64,
    });
    const [one, two] = [await open({ reference }), await open()];
    expect(await one.train()).toEqual(await two.train());
    await expect(open({ reference: reference.slice(1) })).rejects.toThrow(/2 reference .* 3 pairs/);
  });

  it('refuses what cannot be trained, naming it', async () => {
    await expect(open({ pairs: [] })).rejects.toThrow(/no pairs/);
    await expect(open({ pairs: [pairs[0], { ...pairs[1]!, rejected: [] }] })).rejects.toThrow(
      /pair 1 has a side/,
    );
    await expect(open({ options: { labelSmoothing: 0.5 } })).rejects.toThrow(InvalidInputError);
  });
});

describe('ETO', () => {
  const turn = (episode: number, index: number, prompt: number[], says: number[]): ExampleTurn => ({
    episode,
    index,
    mode: 'think',
    promptTokens: Int32Array.from(prompt),
    responseTokens: Int32Array.from(says),
  });
  const episode = (name: string): ExpertEpisode => ({
    task: { id: taskId(name), environment: 'e', split: 's', data: null },
    instruction: 'Do.',
    steps: [],
  });
  const expert = {
    episodes: [episode('a'), episode('b'), episode('c')],
    turns: [
      turn(0, 0, [5], [3]),
      turn(1, 0, [5], [4]),
      turn(1, 1, [5, 4, 5], [3]),
      turn(2, 0, [5], [2]),
    ],
  };
  const long = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [
      Array(i + 1)
        .fill('0')
        .join('.'),
      { says: [1] },
    ]),
  );
  const deepest = Array(9).fill('0').join('.');
  const failing = treeOf(long, { [deepest]: 'failure' }, { task: 'a' });
  const winning = treeOf({ '0': { says: [2] } }, { '0': 'success' }, { task: 'b' });
  const stranger = treeOf({ '0': { says: [2] } }, { '0': 'failure' }, { task: 'z' });

  it('chooses the expert where the agent did worse, cut five turns after the expert', () => {
    const [pair, ...others] = etoPairs(expert, [failing, winning, stranger]);
    expect(others).toEqual([]);
    expect(shown(pair!.chosen)).toEqual([{ tokens: [5, 3], targets: [1] }]);
    expect(shown(pair!.rejected)).toEqual([
      { tokens: [5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1], targets: [1, 3, 5, 7, 9, 11] },
    ]);
  });

  it('chooses the agent where it did better, whole', () => {
    const [pair] = etoPairs(expert, [failing], { value: () => 2 });
    expect(shown(pair!.rejected)).toEqual([{ tokens: [5, 3], targets: [1] }]);
    expect(pair!.chosen[0]!.targets).toHaveLength(9);
  });

  it('compares as many trajectories of a task as told', () => {
    const two = treeOf(
      { '0': { says: [1] }, '1': { says: [2] } },
      { '0': 'failure', '1': 'failure' },
      { task: 'c' },
    );
    expect(etoPairs(expert, [two])).toHaveLength(1);
    expect(etoPairs(expert, [two], { perTask: 2 })).toHaveLength(2);
    expect(etoPairs(expert, [two, two], { perTask: 3 })).toHaveLength(3);
  });

  it('explores with the weights of the round before, and moves towards the expert', async () => {
    const rounds: number[] = [];
    const begun: Float32Array[] = [];
    const weights = await trainEto({
      engine,
      model: bigramModel,
      start: zeroTable(),
      expert,
      rounds: [1, 2, 3].map(() => ({
        beta: 0.5,
        learningRate: 0.1,
        epochs: 4,
        optimizer: { weightDecay: 0 },
      })),
      explore: async (parameters, round) => {
        begun.push((await parameters.read())['table']!.data as Float32Array);
        // Nothing to compare in the second round.
        return round === 1 ? [winning] : [failing];
      },
      onRound: ({ pairs: count, last }) => {
        rounds.push(count);
        expect(last === null).toBe(count === 0);
      },
    });
    expect(rounds).toEqual([1, 0, 1]);
    expect(begun[0]).toEqual(new Float32Array(SIZE));
    expect(begun[1]).not.toEqual(begun[0]);
    expect(begun[2]).toEqual(begun[1]);
    const after = weights['table']!.data as Float32Array;
    expect(logProb(after, 5, 3)).toBeGreaterThan(logProb(begun[2]!, 5, 3));
    expect(logProb(begun[2]!, 5, 3)).toBeGreaterThan(logProb(begun[0]!, 5, 3));
  });
});

describe('successfulExamples', () => {
  const tree = treeOf(
    {
      '0': { says: [1], action: 'a' },
      '0.0': { says: [2], action: 'b' },
      '0.1': { says: [3], action: 'b' },
      '0.2': { says: [4], action: 'c' },
      '0.2.0': { says: [2], action: 'd', valid: false },
      '1': { says: [3], action: 'a' },
    },
    { '0.0': 'success', '0.1': 'success', '0.2.0': 'success', '1': 'failure' },
  );

  it('learns successful paths, once what they share and what does the same', () => {
    const { rows, leftOut, ...counts } = successfulExamples([tree]);
    expect(counts).toEqual({ paths: 2, tasks: 1 });
    expect(leftOut).toEqual({ invalid: 0, tooLong: 0, same: 1, overCap: 0 });
    expect(shown(rows)).toEqual([
      { tokens: [5, 1, 5, 2], targets: [1, 3] },
      // The first turn is trained above; the last broke the grammar.
      { tokens: [5, 1, 5, 4, 5, 2], targets: [3] },
    ]);
  });

  it('does with invalid turns what it is told', () => {
    const kept = successfulExamples([tree], { invalidTurns: 'keep' });
    expect(shown(kept.rows.slice(1))).toEqual([{ tokens: [5, 1, 5, 4, 5, 2], targets: [3, 5] }]);
    const dropped = successfulExamples([tree], { invalidTurns: 'drop-path' });
    expect(dropped.leftOut.invalid).toBe(1);
    expect(dropped.rows).toHaveLength(1);
  });

  it('caps a task over all its trees, the shortest first or by lot', () => {
    const other = treeOf({ '0': { says: [4], action: 'z' } }, { '0': 'success' });
    const capped = successfulExamples([tree, other], { perTask: 1 });
    expect(shown(capped.rows)).toEqual([{ tokens: [5, 4], targets: [1] }]);
    expect(capped.leftOut.overCap).toBe(2);
    const drawn = new Set(
      Array.from({ length: 30 }, (_, i) =>
        JSON.stringify(
          shown(successfulExamples([tree, other], { perTask: 1, prefer: 'random' }, [i]).rows),
        ),
      ),
    );
    expect(drawn.size).toBe(3);
    expect(successfulExamples([tree], { prefer: 'random' }, [1])).toEqual(
      successfulExamples([tree], { prefer: 'random' }, [1]),
    );
  });

  it('leaves out what the context cannot hold, and keeps everything that does the same on request', () => {
    const short = successfulExamples([tree], { contextLength: 4, sameActions: 'keep' });
    expect(short.leftOut).toEqual({ invalid: 0, tooLong: 1, same: 0, overCap: 0 });
    expect(short.paths).toBe(2);
    expect(() => successfulExamples([], { perTask: 0 })).toThrow(/perTask/);
    expect(successfulExamples([]).rows).toEqual([]);
  });
});

describe('describeFormat', () => {
  it('counts valid turns, modes and reasons, overall and by turn', () => {
    const tree = treeOf(
      {
        '0': { says: [1] },
        '0.0': { says: [2] },
        '0.1': { says: [1], valid: false },
        '1': { says: [3], valid: false },
      },
      {},
    );
    expect(describeFormat(tree.turns.values())).toEqual({
      turns: 4,
      validShare: 0.5,
      modeShares: { explore: 0.5, think: 0.5 },
      reasons: [{ reason: 'no good', count: 2 }],
      byTurn: [
        { turns: 2, validShare: 0.5, exploreShare: 0.5 },
        { turns: 2, validShare: 0.5, exploreShare: 0.5 },
      ],
    });
    expect(describeFormat([])).toMatchObject({ turns: 0, validShare: 0, byTurn: [] });
  });
});
