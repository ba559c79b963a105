/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { randomSource } from '@spark-rl/core';
import {
  defaultAdamW,
  referenceEngine,
  type Engine,
  type EngineProvider,
  type HostTensor,
  type LossProgram,
  type Named,
  type TrainingSnapshot,
} from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsCpu, tfjsWasm } from '@spark-rl/tensor-tfjs';
import {
  decoderTransformer,
  initializeParameters,
  type TransformerOptions,
} from '@spark-rl/transformer-policy';

const STEPS = 20;
const LEARNING_RATE = 3e-3;
const ROWS = 3;
const TIME = 12;
const config: TransformerOptions = {
  vocabularySize: 48,
  contextLength: 16,
  layers: 2,
  width: 32,
  heads: 4,
};
const model = decoderTransformer(config);

/** Mean cross-entropy of the next token. */
const loss: LossProgram = {
  name: 'agreement',
  parameters: model.parameters,
  inputs: {
    ...model.inputs,
    at: { dtype: 'int32', shape: ['n'] },
    next: { dtype: 'int32', shape: ['n'] },
  },
  run: (ops, parameters, inputs) => {
    const logits = model.logits(ops, parameters, inputs, inputs['at']!);
    const chosen = ops.mul(
      ops.logSoftmax(logits),
      ops.oneHot(inputs['next']!, config.vocabularySize),
    );
    return { loss: ops.neg(ops.mean(ops.sum(chosen, [-1]), [0])), metrics: {} };
  },
};

/** Rows of another content at every step; the token that follows is mostly the one before it plus one, so that there is much to learn. */
function batch(step: number): Named<HostTensor> {
  const random = randomSource(['engines agree', step]);
  const size = ROWS * TIME;
  const tokens = new Int32Array(size);
  const next = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    tokens[i] =
      i % TIME > 0 && random.uniform() < 0.8 ? next[i - 1]! : random.integer(config.vocabularySize);
    next[i] = (tokens[i]! + 1) % config.vocabularySize;
  }
  return {
    ...model.prepare(tokens, ROWS, TIME),
    at: { dtype: 'int32', shape: [size], data: Int32Array.from({ length: size }, (_, i) => i) },
    next: { dtype: 'int32', shape: [size], data: next },
  };
}

interface Training {
  readonly losses: readonly number[];
  readonly end: TrainingSnapshot;
}

async function train(engine: Engine): Promise<Training> {
  const start = initializeParameters(config, ['engines agree']);
  const trainer = await engine.compileTraining(loss, defaultAdamW, start);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    losses.push((await trainer.step([batch(step)], { learningRate: LEARNING_RATE })).loss);
  }
  const end = await trainer.snapshot();
  trainer.dispose();
  return { losses, end };
}

/** The gradient at some weights, from the first moments after one step: (1 - beta1) g where nothing is clipped. */
async function gradientAt(engine: Engine, weights: Named<HostTensor>): Promise<Named<HostTensor>> {
  const options = { ...defaultAdamW, maxGradientNorm: Infinity };
  const trainer = await engine.compileTraining(loss, options, weights);
  await trainer.step([batch(STEPS)], { learningRate: 0 });
  const { firstMoments } = await trainer.snapshot();
  trainer.dispose();
  return firstMoments;
}

/** ||a - b|| / ||b|| */
function relativeDistance(a: HostTensor, b: HostTensor): number {
  const norm = (values: ArrayLike<number>): number =>
    Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
  return norm(Array.from(a.data, (value, i) => value - b.data[i]!)) / norm(b.data);
}

const engines: readonly (readonly [string, EngineProvider])[] = [
  ['onnx-cpu with 1 thread', onnxCpu({ threads: 1 })],
  ['onnx-cpu with 2 threads', onnxCpu({ threads: 2 })],
  ['tfjs-wasm', tfjsWasm()],
  ['tfjs-cpu', tfjsCpu()],
];

describe('engines agree with the float64 reference', () => {
  const reference = referenceEngine();
  let expected: Training;
  /** The gradients where training starts and where it ends. */
  let gradients: readonly (readonly [Named<HostTensor>, Named<HostTensor>])[];

  beforeAll(async () => {
    expected = await train(reference);
    const points = [initializeParameters(config, ['engines agree']), expected.end.parameters];
    gradients = await Promise.all(
      points.map(async (weights) => [weights, await gradientAt(reference, weights)] as const),
    );
  });

  it('which learns', () => {
    expect(expected.losses[0]).toBeGreaterThan(3.5);
    expect(expected.losses.at(-1)).toBeLessThan(3);
  });

  describe.each(engines)('%s', (_, provider) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await provider.open();
    });
    afterAll(() => engine.dispose());

    it(`in the losses of ${String(STEPS)} steps within 1e-3`, async () => {
      const { losses } = await train(engine);
      expect(losses).toHaveLength(STEPS);
      const apart = losses.map((value, step) => Math.abs(value - expected.losses[step]!));
      expect(Math.max(...apart)).toBeLessThan(1e-3);
    });

    it('in the gradient of every tensor within 1e-4 of its norm', async () => {
      for (const [weights, wanted] of gradients) {
        const found = await gradientAt(engine, weights);
        expect(Object.keys(found)).toEqual(Object.keys(wanted));
        const apart = Object.entries(found).filter(
          ([name, gradient]) => !(relativeDistance(gradient, wanted[name]!) < 1e-4),
        );
        expect(apart.map(([name]) => name)).toEqual([]);
      }
    });
  });
});
