import { InvalidInputError } from '@spark-rl/core';
import {
  defaultAdamW,
  referenceEngine,
  type Engine,
  type LossProgram,
  type Trainer,
} from '@spark-rl/tensor';

import { engines, tf } from './support/engines.js';
import { float } from './support/tensors.js';
import { tinyExperience, tinyLoss, tinyWeights } from './support/tiny-transformer.js';

const RATE = { learningRate: 0.02 };
const bowl: LossProgram = {
  name: 'bowl',
  parameters: { w: [1, 2] },
  inputs: { target: { dtype: 'float32', shape: [1, 2] } },
  run: (ops, p, x) => {
    const away = ops.sub(p['w']!, x['target']!);
    return {
      loss: ops.sum(ops.mul(away, away), [0, 1]),
      metrics: { first: ops.sum(ops.slice(away, 1, 0, 1), [0, 1]) },
    };
  },
};
const start = { w: float([1, 2], [3, 4]) };
const origin = { target: float([1, 2], [0, 0]) };
const plain = { ...defaultAdamW, weightDecay: 0 };

async function train(trainer: Trainer, steps: number, from = 0): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < from + steps; step++) {
    // Two micro-batches of different sizes.
    const batches = [tinyExperience(step, 2, 4), tinyExperience(step + 100, 3, 3)];
    losses.push((await trainer.step(batches, RATE)).loss);
  }
  return losses;
}

describe.each(engines)('training on %s', (_, provider) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await provider().open();
  });
  afterAll(() => engine.dispose());

  it('follows the reference for 20 steps', async () => {
    const trainer = await engine.compileTraining(tinyLoss, defaultAdamW, tinyWeights(1));
    const reference = await referenceEngine().compileTraining(
      tinyLoss,
      defaultAdamW,
      tinyWeights(1),
    );
    const found = await train(trainer, 20);
    const expected = await train(reference, 20);
    expect(found).toHaveLength(20);
    found.forEach((loss, step) => expect(Math.abs(loss - expected[step]!)).toBeLessThan(1e-3));
    const { parameters } = await trainer.snapshot();
    expect(parameters).not.toEqual(tinyWeights(1));
    trainer.dispose();
    reference.dispose();
  });

  it('reports sums over micro-batches, and clips by the global norm', async () => {
    const trainer = await engine.compileTraining(bowl, plain, start);
    const away = { target: float([1, 2], [0, 4]) };
    const report = await trainer.step([origin, away], { learningRate: 0 });
    // Losses 9 + 16 and 9 + 0; gradients (6, 8) + (6, 0).
    expect(report.loss).toBeCloseTo(34, 5);
    expect(report.metrics['first']).toBeCloseTo(6, 5);
    expect(report.gradientNorm).toBeCloseTo(Math.hypot(12, 8), 4);
    expect(report.applied).toBe(true);
    const { firstMoments } = await trainer.snapshot();
    // 0.1 times the gradient scaled to length 1.
    expect(firstMoments['w']!.data[0]).toBeCloseTo((0.1 * 12) / Math.hypot(12, 8), 6);
    trainer.dispose();
  });

  it('makes the first AdamW step by the learning rate', async () => {
    const trainer = await engine.compileTraining(bowl, defaultAdamW, start);
    await trainer.step([origin], { learningRate: 0.5 });
    const { step, parameters } = await trainer.snapshot();
    expect(step).toBe(1);
    // Decay 0.5 x 0.01 of the weight, then 0.5 in the direction of the gradient's sign.
    expect(parameters['w']!.data[0]).toBeCloseTo(3 * 0.995 - 0.5, 4);
    expect(parameters['w']!.data[1]).toBeCloseTo(4 * 0.995 - 0.5, 4);
    trainer.dispose();
  });

  it('goes on from a snapshot to the bit', async () => {
    const whole = await engine.compileTraining(tinyLoss, defaultAdamW, tinyWeights(1));
    await train(whole, 3);
    const snapshot = await whole.snapshot();
    const rest = await train(whole, 3, 3);
    const resumed = await engine.compileTraining(tinyLoss, defaultAdamW, snapshot);
    expect(await train(resumed, 3, 3)).toEqual(rest);
    expect(await resumed.snapshot()).toEqual(await whole.snapshot());
    whole.dispose();
    resumed.dispose();
  });

  it('changes nothing when the gradient is not finite', async () => {
    const trainer = await engine.compileTraining(bowl, plain, start);
    await trainer.step([origin], { learningRate: 0.1 });
    const before = await trainer.snapshot();
    for (const value of [NaN, Infinity, 1e30]) {
      const report = await trainer.step([origin, { target: float([1, 2], [value, 0]) }], {
        learningRate: 0.1,
      });
      expect(report.applied).toBe(false);
      expect(Number.isFinite(report.gradientNorm)).toBe(false);
    }
    expect(await trainer.snapshot()).toEqual(before);
    expect((await trainer.step([origin], { learningRate: 0.1 })).applied).toBe(true);
    trainer.dispose();
  });

  it('hands out weights that further steps leave alone', async () => {
    const trainer = await engine.compileTraining(bowl, plain, start);
    const parameters = trainer.parameters();
    await trainer.step([origin], { learningRate: 0.1 });
    expect(await parameters.read()).toEqual(start);
    trainer.dispose();
    expect(await parameters.read()).toEqual(start);
    parameters.dispose();
  });

  it('leaves frozen parameters alone, as the reference does', async () => {
    const names = Object.keys(tinyLoss.parameters);
    const program = { ...tinyLoss, frozen: names.slice(0, 2) };
    const before = tf.memory().numTensors;
    const trainer = await engine.compileTraining(program, defaultAdamW, tinyWeights(1));
    expect(tf.memory().numTensors).toBe(before + 3 * (names.length - 2) + 2);
    const reference = await referenceEngine().compileTraining(
      program,
      defaultAdamW,
      tinyWeights(1),
    );
    const found = await train(trainer, 4);
    const expected = await train(reference, 4);
    found.forEach((loss, step) => expect(Math.abs(loss - expected[step]!)).toBeLessThan(1e-3));
    const snapshot = await trainer.snapshot();
    for (const name of program.frozen)
      expect(snapshot.parameters[name]).toEqual(tinyWeights(1)[name]);
    expect(snapshot.parameters[names[2]!]).not.toEqual(tinyWeights(1)[names[2]!]);
    expect(Object.keys(snapshot.secondMoments)).toEqual(names.slice(2));
    trainer.dispose();
    reference.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('holds the same number of tensors after every step, and none at the end', async () => {
    const before = tf.memory().numTensors;
    const trainer = await engine.compileTraining(tinyLoss, defaultAdamW, tinyWeights(1));
    const held = tf.memory().numTensors;
    expect(held).toBe(before + 3 * Object.keys(tinyLoss.parameters).length);
    for (let step = 0; step < 4; step++) {
      await train(trainer, 1, step);
      const weights = trainer.parameters();
      await trainer.snapshot();
      weights.dispose();
      expect(tf.memory().numTensors).toBe(held);
    }
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('makes steps that are asked for together one after the other', async () => {
    const together = await engine.compileTraining(bowl, plain, start);
    const apart = await engine.compileTraining(bowl, plain, start);
    const step = (trainer: Trainer) => trainer.step([origin], { learningRate: 0.1 });
    const reports = await Promise.all([step(together), step(together), step(together)]);
    expect(reports).toEqual([await step(apart), await step(apart), await step(apart)]);
    expect(await together.snapshot()).toEqual(await apart.snapshot());
    const pending = step(together);
    together.dispose();
    await expect(pending).rejects.toThrow('has been disposed of');
    apart.dispose();
  });

  it('refuses what it cannot train on', async () => {
    const trainer = await engine.compileTraining(bowl, plain, start);
    await expect(trainer.step([], RATE)).rejects.toThrow('no micro-batch');
    await expect(trainer.step([{}], RATE)).rejects.toThrow('target is missing');
    await expect(trainer.step([origin], { learningRate: NaN })).rejects.toThrow('learningRate');
    trainer.dispose();
    const compile = (program: LossProgram, from: object, optimizer: object = plain) =>
      engine.compileTraining(program, optimizer as never, from as never);
    await expect(compile(bowl, {})).rejects.toThrow('w is missing');
    await expect(compile(bowl, start, { ...plain, beta1: 1 })).rejects.toThrow(InvalidInputError);
  });

  it.each<[string, LossProgram, string]>([
    ['reduced', { ...bowl, run: (_ops, p) => ({ loss: p['w']!, metrics: {} }) }, 'loss has shape'],
    [
      'a float',
      { ...bowl, run: (ops, p) => ({ loss: ops.less(p['w']!, p['w']!), metrics: {} }) },
      'loss is of type bool',
    ],
    [
      'whole',
      {
        ...bowl,
        run: (...given) => {
          bowl.run(...given);
          throw new Error('the program failed');
        },
      },
      'the program failed',
    ],
  ])('refuses a loss that is not %s, and keeps nothing of it', async (_what, program, message) => {
    const trainer = await engine.compileTraining(program, plain, start);
    const { numTensors } = tf.memory();
    await expect(trainer.step([origin], RATE)).rejects.toThrow(message);
    await expect(trainer.step([origin, origin], RATE)).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(numTensors);
    trainer.dispose();
  });
});
