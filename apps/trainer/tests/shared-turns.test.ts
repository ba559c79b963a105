/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import {
  childId,
  createTreeBuilder,
  leafId,
  leavesBelow,
  randomSource,
  rootId,
  taskId,
  treeId,
  type CreditedTree,
  type NodeId,
  type RandomSource,
  type Turn,
} from '@spark-rl/core';
import { grpoLearner, type GrpoLearner, type GrpoOptions } from '@spark-rl/grpo-optimizer';
import type { Engine, HostTensor, LanguageModel, Named } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsWasm } from '@spark-rl/tensor-tfjs';
import { decoderTransformer, initializeParameters } from '@spark-rl/transformer-policy';

jest.setTimeout(120_000);

const VOCABULARY = 13;

const tokensOf = (random: RandomSource, least: number, most: number): number[] =>
  Array.from({ length: least + random.integer(most - least + 1) }, () =>
    random.integer(VOCABULARY),
  );

/** A random tree of two roots and up to three turns, where each leaf credits the turns above it. Prompts go on, or are windows. */
function randomTree(seed: number, appendOnly: boolean): CreditedTree {
  const random = randomSource(['shared turns', seed]);
  const builder = createTreeBuilder(treeId(`tree-${seed}`), {
    task: { id: taskId('task'), environment: 'random', split: 'train', data: null },
    instruction: '',
    observation: '',
    score: 0,
    settings: {},
  });
  const grow = (id: NodeId, parent: Turn | null, index: number): void => {
    const before = appendOnly ? parent?.generation : undefined;
    const known = before === undefined ? [] : [...before.promptTokens, ...before.responseTokens];
    const response = tokensOf(random, 2, 5);
    const width = index === 2 ? 0 : 1 + Number(random.uniform() < 0.6);
    const turn: Turn = {
      id,
      parent: parent?.id ?? null,
      index,
      observation: '',
      generation: {
        text: '',
        policyVersion: '0',
        finish: 'stop',
        promptTokens: Int32Array.from([...known, ...tokensOf(random, 1, 3)]),
        responseTokens: Int32Array.from(response),
        // Near the log-probabilities of a model that knows nothing: ratios on both sides of the clip range, and inside.
        logProbs: Float32Array.from(response, () => -Math.log(VOCABULARY) + 0.2 * random.normal()),
        cachedPromptTokens: 0,
      },
      response: { valid: true, mode: null, reasoning: '', action: '' },
      action: '',
      admissible: null,
      next: { observation: '', score: 0, status: 'running' },
      requestedWidth: Math.max(1, width),
      grantedWidth: Math.max(1, width),
    };
    builder.addTurn(turn);
    if (width === 0) builder.addLeaf({ id: leafId(id), tail: id, outcome: 'success', score: 1 });
    for (let i = 0; i < width; i++) grow(childId(id, i), turn, index + 1);
  };
  for (let i = 0; i < 2; i++) grow(rootId(i), null, 0);
  const tree = builder.build({ limit: 99, used: 99, reserved: 0, failed: 0, free: 0 });
  const credits = [...leavesBelow(tree)].map(([node, leaves]) => ({
    tree: tree.id,
    node,
    copies: leaves.map(({ id }) => ({
      leaf: id,
      advantage: random.normal(),
      weight: 0.2 + random.uniform(),
    })),
  }));
  return { tree, credits };
}

interface Problem {
  readonly model: LanguageModel;
  readonly start: Named<HostTensor>;
  readonly reference: Named<HostTensor>;
  readonly trees: readonly CreditedTree[];
}

function randomProblem(seed: number): Problem {
  const random = randomSource(['small model', seed]);
  const heads = 1 + random.integer(2);
  const config = {
    contextLength: 64,
    vocabularySize: VOCABULARY,
    layers: 1 + random.integer(2),
    heads,
    width: heads * 2 * (2 + random.integer(3)),
  };
  return {
    model: decoderTransformer(config),
    start: initializeParameters(config, ['start', seed]),
    reference: initializeParameters(config, ['reference', seed]),
    trees: [randomTree(2 * seed, true), randomTree(2 * seed + 1, false)],
  };
}

/** A learner that stays where it is. Without momentum, decay and clipping the first moment is the gradient of its last step. */
const stillLearner = (
  engine: Engine,
  { model, start, reference }: Problem,
  options: GrpoOptions,
): Promise<GrpoLearner> =>
  grpoLearner({
    engine,
    model,
    start,
    reference,
    temperature: 0.9,
    options: {
      klCoefficient: 0,
      entropyCoefficient: 0,
      ...options,
      learningRate: 0,
      optimizerStepsPerBatch: 1,
      optimizer: { beta1: 0, weightDecay: 0, maxGradientNorm: Infinity },
    },
  });

async function gradientOf(
  engine: Engine,
  problem: Problem,
  options: GrpoOptions,
): Promise<{
  readonly gradient: Named<HostTensor>;
  readonly norm: number;
  readonly turns: number;
  readonly tokens: number;
}> {
  const learner = await stillLearner(engine, problem, options);
  const { metrics } = await learner.learn(problem.trees);
  const { firstMoments } = await learner.snapshot();
  learner.dispose();
  return {
    gradient: firstMoments,
    norm: metrics['gradientNorm']!,
    turns: metrics['turns']!,
    tokens: metrics['paddedTokens']!,
  };
}

/** sum_i w_i |A_i| ||grad_i|| over all copies, for the token mean: what rounding is measured by. */
async function sizeOf(engine: Engine, problem: Problem): Promise<number> {
  const learner = await stillLearner(engine, problem, { objective: 'reinforce' });
  let [sum, tokens] = [0, 0];
  for (const { tree, credits } of problem.trees) {
    for (const credit of credits) {
      const { length } = tree.turns.get(credit.node)!.generation.responseTokens;
      const { metrics } = await learner.learn([
        { tree, credits: [{ ...credit, copies: [{ advantage: 1, weight: 1 }] }] },
      ]);
      for (const { advantage, weight } of credit.copies) {
        sum += weight * Math.abs(advantage) * metrics['gradientNorm']! * length;
        tokens += weight * length;
      }
    }
  }
  learner.dispose();
  return sum / tokens;
}

function distance(a: Named<HostTensor>, b: Named<HostTensor>): number {
  let sum = 0;
  for (const [name, { data }] of Object.entries(a))
    for (const [i, value] of data.entries()) sum += (value - b[name]!.data[i]!) ** 2;
  return Math.sqrt(sum);
}

/** Every objective whose copies collapse. */
const objectives: Readonly<Record<string, GrpoOptions>> = {
  'PPO with dual clip': { clipLow: 0.1, clipHigh: 0.15, dualClip: 1.2 },
  'unclipped policy gradient': { clipLow: 1, clipHigh: Infinity, dualClip: Infinity },
  GSPO: { ratio: 'sequence', clipLow: 0.05, clipHigh: 0.05, aggregation: 'sequence-mean' },
  CISPO: { objective: 'cispo', clipLow: 1, clipHigh: 0.1 },
  REINFORCE: { objective: 'reinforce', aggregation: 'constant-length', constantLength: 4 },
  'KL and entropy in the loss': { klCoefficient: 0.2, klEstimator: 'k2', entropyCoefficient: 0.05 },
  'KL in the reward, highest entropy': {
    klCoefficient: 0.2,
    klEstimator: 'k1',
    klIn: 'reward',
    entropyShare: 0.5,
  },
  'correction of the sampler': {
    importanceCorrection: { level: 'sequence', mode: 'mask', low: 0.7, high: 1.5 },
  },
};

const PROBLEMS = 4;
const providers = [onnxCpu(), tfjsWasm()];

describe.each(providers)('on $id a shared turn trained once', (provider) => {
  let engine: Engine;
  const made: { readonly problem: Problem; readonly size: number }[] = [];
  beforeAll(async () => {
    engine = await provider.open();
    for (let seed = 0; seed < PROBLEMS; seed++) {
      const problem = randomProblem(seed);
      made.push({ problem, size: await sizeOf(engine, problem) });
    }
  });
  afterAll(() => engine.dispose());

  it.each(Object.entries(objectives))('has the gradient of its copies: %s', async (_, options) => {
    for (const { problem, size } of made) {
      const once = await gradientOf(engine, problem, options);
      const copies = await gradientOf(engine, problem, { ...options, sharedTurns: 'copies' });
      expect(once.turns).toBeLessThan(copies.turns);
      expect(once.norm).toBeGreaterThan(size / 1000);
      expect(distance(once.gradient, copies.gradient) / size).toBeLessThan(1e-5);
    }
  });

  it.each(Object.entries(objectives))(
    'has the same gradient where rows share their beginnings: %s',
    async (_, options) => {
      for (const { problem, size } of made.slice(0, 1)) {
        const rows = await gradientOf(engine, problem, options);
        const packing = { packing: 'tries', tokenBudget: 70 } as const;
        const tries = await gradientOf(engine, problem, { ...options, ...packing });
        expect(tries.tokens).toBeLessThan(rows.tokens);
        expect(distance(rows.gradient, tries.gradient) / size).toBeLessThan(1e-5);
      }
    },
  );
});
