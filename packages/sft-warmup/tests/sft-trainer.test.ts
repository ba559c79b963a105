import { AbortedError, InvalidInputError } from '@spark-rl/core';
import {
  referenceEngine,
  type HostTensor,
  type Named,
  type ParameterSet,
  type SequenceRow,
} from '@spark-rl/tensor';
import fc from 'fast-check';

import {
  planBatches,
  sftTrainer,
  type SftProgress,
  type SftTrainerSettings,
} from '../src/index.js';
import { bigramModel, VOCABULARY, zeroTable } from './fixtures.js';

const engine = referenceEngine();

/** Rows in which token t is followed by t + 1 at trained places, and by noise elsewhere. */
const row = (length: number, offset: number): SequenceRow => ({
  tokens: Int32Array.from({ length }, (_, i) => (i + offset) % VOCABULARY),
  targets: Int32Array.from({ length: length - 1 }, (_, i) => i + 1).filter((i) => i % 3 !== 0),
});
const rows = Array.from({ length: 10 }, (_, i) => row(5 + 4 * i, i));

const open = (changes: Partial<SftTrainerSettings> = {}) =>
  sftTrainer({
    engine,
    model: bigramModel,
    start: zeroTable(),
    rows,
    ...changes,
    options: { learningRate: 0.1, batchRows: 4, epochs: 4, ...changes.options },
  });

async function tableOf(parameters: ParameterSet): Promise<Float32Array> {
  const read: Named<HostTensor> = await parameters.read();
  parameters.dispose();
  return read['table']!.data as Float32Array;
}

describe('sftTrainer', () => {
  it('begins at the loss of a model that knows nothing, and learns the targets alone', async () => {
    const trainer = await open({ options: { epochs: 30, optimizer: { weightDecay: 0 } } });
    const seen: SftProgress[] = [];
    const last = await trainer.train({ onStep: (progress) => void seen.push(progress) });
    expect(trainer.totalSteps).toBe(90);
    expect(seen[0]!.loss).toBeCloseTo(Math.log(VOCABULARY), 5);
    expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: 90 }, (_, i) => i + 1));
    expect(last).toEqual(seen.at(-1));
    expect(last!.loss).toBeLessThan(0.1);
    expect(last!.accuracy).toBeCloseTo(1, 5);
    expect(last!.tokens).toBe(30 * rows.reduce((sum, { tokens }) => sum + tokens.length, 0));
    const table = await tableOf(trainer.parameters());
    for (let t = 0; t < VOCABULARY; t++) {
      const logits = table.slice(t * VOCABULARY, (t + 1) * VOCABULARY);
      expect(logits.indexOf(Math.max(...logits))).toBe((t + 1) % VOCABULARY);
    }
    expect(await trainer.train()).toBeNull();
    trainer.dispose();
  });

  it('leaves what only untrained tokens would teach', async () => {
    // Token 5 is followed by 5, untrained; token 0 by 1, trained.
    const only: SequenceRow = { tokens: Int32Array.of(5, 5, 0, 1), targets: Int32Array.of(3) };
    const trainer = await open({ rows: [only], options: { optimizer: { weightDecay: 0 } } });
    await trainer.train();
    const table = await tableOf(trainer.parameters());
    expect([...table.slice(5 * VOCABULARY)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(table[1]).toBeGreaterThan(0);
  });

  it('takes the token mean over the whole step, whatever the micro-batches', async () => {
    const losses = async (tokenBudget: number): Promise<number[]> => {
      const seen: number[] = [];
      const trainer = await open({ options: { tokenBudget } });
      await trainer.train({ onStep: ({ loss }) => void seen.push(loss) });
      return seen;
    };
    const [whole, split] = [await losses(10_000), await losses(1)];
    for (const [i, loss] of whole.entries()) expect(split[i]).toBeCloseTo(loss, 5);
  });

  it('raises the learning rate, then lets it fall along half a cosine', async () => {
    const rates: number[] = [];
    const trainer = await open({ options: { epochs: 10, warmupShare: 0.2, finalRateShare: 0.1 } });
    await trainer.train({ onStep: ({ learningRate }) => void rates.push(learningRate) });
    expect(rates.length).toBe(30);
    expect(rates[0]).toBeCloseTo(0.1 / 6, 12);
    expect(rates[5]).toBeCloseTo(0.1, 12);
    const half = 0.01 + (0.09 * (1 + Math.cos((Math.PI * 12) / 25))) / 2;
    expect(rates[17]).toBeCloseTo(half, 12);
    expect(rates[29]).toBeGreaterThan(0.01);
    for (let i = 6; i < 30; i++) expect(rates[i]).toBeLessThan(rates[i - 1]!);
  });

  it('goes on from a snapshot as if it had never stopped', async () => {
    const whole = await open();
    const last = await whole.train();
    const begun = await open();
    expect((await begun.train({ steps: 5 }))!.step).toBe(5);
    const resumed = await open({ start: await begun.snapshot() });
    expect(await resumed.train()).toEqual(last);
    expect(await tableOf(resumed.parameters())).toEqual(await tableOf(whole.parameters()));
  });

  it('goes on from a snapshot as if it had never stopped where a step was not applied, told how many were done', async () => {
    const start = zeroTable();
    const last = VOCABULARY - 1;
    start['table']!.data.fill(Infinity, last * VOCABULARY);
    // The first row's gradient is not finite; its steps are skipped.
    const broken = { tokens: Int32Array.of(last, 0), targets: Int32Array.of(1) };
    const clean = [0, 1, 2].map((token) => ({
      tokens: Int32Array.of(token, token + 1),
      targets: Int32Array.of(1),
    }));
    const settings = { start, rows: [broken, ...clean], options: { batchRows: 1 } };
    const whole = await open(settings);
    const applied: boolean[] = [];
    await whole.train({ onStep: (step) => void applied.push(step.applied) });
    const stepsDone = applied.indexOf(false) + 2;
    expect(stepsDone).toBeLessThan(applied.length);
    const begun = await open(settings);
    await begun.train({ steps: stepsDone });
    const snapshot = await begun.snapshot();
    expect(snapshot.step).toBe(stepsDone - 1);
    const resumed = await open({ ...settings, start: snapshot, stepsDone });
    expect((await resumed.train())!.step).toBe(applied.length);
    expect(await tableOf(resumed.parameters())).toEqual(await tableOf(whole.parameters()));
    await expect(open({ stepsDone: -1 })).rejects.toThrow(/stepsDone/);
  });

  it('stops when asked, with usable weights', async () => {
    const abort = new AbortController();
    const trainer = await open();
    const training = trainer.train({
      signal: abort.signal,
      onStep: ({ step }) => {
        if (step === 2) abort.abort();
      },
    });
    await expect(training).rejects.toThrow(AbortedError);
    expect((await trainer.snapshot()).step).toBe(2);
    expect((await trainer.train({ steps: 1 }))!.step).toBe(3);
  });

  it('names what is wrong', async () => {
    await expect(open({ options: { batchRows: 0 } })).rejects.toThrow(/batchRows/);
    await expect(open({ rows: [] })).rejects.toThrow(InvalidInputError);
    await expect(open({ rows: [{ ...rows[0]!, targets: new Int32Array() }] })).rejects.toThrow(
      'nothing to train on',
    );
  });
});

describe('planBatches', () => {
  it('takes every row once an epoch, in an order that the key names', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        (count, batchRows, epochs) => {
          const some = Array.from({ length: count }, (_, i) => row(3, i));
          const plan = planBatches(some, { batchRows, epochs }, ['plan']);
          const perEpoch = Math.ceil(count / batchRows);
          expect(plan.length).toBe(epochs * perEpoch);
          for (let epoch = 0; epoch < epochs; epoch++) {
            const order = plan.slice(epoch * perEpoch, (epoch + 1) * perEpoch).flat();
            expect([...order].sort((a, b) => a - b)).toEqual(some.map((_, i) => i));
          }
          expect(planBatches(some, { batchRows, epochs }, ['plan'])).toEqual(plan);
        },
      ),
    );
    expect(planBatches(rows, { batchRows: 10, epochs: 2 }, ['a'])[0]).not.toEqual(
      planBatches(rows, { batchRows: 10, epochs: 2 }, ['a'])[1],
    );
  });

  it('stops at the token budget, which wins over epochs', () => {
    const same = Array.from({ length: 4 }, () => row(10, 0));
    expect(planBatches(same, { batchRows: 2, epochs: 1, tokens: 100 }, ['t']).length).toBe(5);
    expect(planBatches(same, { batchRows: 2, epochs: 9, tokens: 20 }, ['t']).length).toBe(1);
    expect(planBatches([], { batchRows: 2, epochs: 9, tokens: 20 }, ['t'])).toEqual([]);
  });
});
