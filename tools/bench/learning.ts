import { leafStatistics } from '@spark-rl/advantage-normalization';
import { treeId, withEnvironment, type CreditedTree, type Tree } from '@spark-rl/core';
import { grpoLearner, type GrpoLearner, type GrpoOptions } from '@spark-rl/grpo-optimizer';
import type { Engine } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { decoderTransformer, transformerPolicy } from '@spark-rl/transformer-policy';
import { rolloutTrees, summarizeTrees } from '@spark-rl/tree-rollout';

import { presetNamed } from '../../apps/trainer/src/config/presets.js';
import { rolloutMethod } from '../../apps/trainer/src/pipeline/method.js';
import { openWorld, type World } from '../../apps/trainer/src/worlds/world.js';
import { warmModel, type WarmModel } from './learning/warm-model.js';
import { median } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

/** The quickstart, with as much warm-up as it takes to answer in the right form. */
const preset = presetNamed('quickstart');
const config = { ...preset, warmup: { ...preset.warmup, episodes: 600, tokens: 600_000 } };
const STEPS = 3;
const WINDOW = 160;

async function growTrees(engine: Engine, world: World, model: WarmModel): Promise<readonly Tree[]> {
  const { rollout, environment, seed } = config;
  const parameters = engine.parameters(model.parameters);
  const { config: architecture, tokenizer } = model;
  const policy = transformerPolicy({
    engine,
    config: architecture,
    tokenizer,
    parameters,
    version: '0',
  });
  const { growth } = rolloutMethod(config);
  const tasks = await world.tasks('train', seed, rollout.tasksPerStep);
  const trees = await withEnvironment(world.environment, (household) =>
    rolloutTrees({
      environment: household,
      policy,
      protocol: world.protocol,
      brief: world.brief,
      ...growth,
      maxTurns: environment.maxTurns,
      sampling: { temperature: rollout.temperature, maxTokens: rollout.maxResponseTokens },
      concurrency: rollout.concurrency,
      trees: tasks.map((task, i) => ({
        task,
        treeId: treeId(`${i}-${task.id}`),
        seed: ['bench', 'learning', i],
      })),
    }),
  );
  await policy.close();
  parameters.dispose();
  return trees;
}

/** The same trees as an agent with a window would have made them: every prompt is the last tokens of what it was. */
const windowed = ({ tree, credits }: CreditedTree): CreditedTree => ({
  tree: {
    ...tree,
    turns: new Map(
      [...tree.turns].map(([id, turn]) => {
        const { generation } = turn;
        const promptTokens = generation.promptTokens.slice(-WINDOW);
        return [id, { ...turn, generation: { ...generation, promptTokens } }];
      }),
    ),
  },
  credits,
});

/** Ways to train the same trees. */
const WAYS = {
  'shared turns once': {},
  'a row for each copy': { sharedTurns: 'copies' },
} as const satisfies Readonly<Record<string, GrpoOptions>>;
type Way = keyof typeof WAYS;
const PEER: Way = 'a row for each copy';

const openLearner = (engine: Engine, model: WarmModel, way: Way): Promise<GrpoLearner> => {
  const { learning, rollout } = config;
  return grpoLearner({
    engine,
    model: decoderTransformer(model.config),
    start: model.parameters,
    reference: model.parameters,
    temperature: rollout.temperature,
    options: {
      learningRate: learning.learningRate,
      optimizerStepsPerBatch: learning.optimizerStepsPerBatch ?? 1,
      klCoefficient: learning.klCoefficient,
      entropyCoefficient: learning.entropyCoefficient,
      tokenBudget: learning.microBatchTokens,
      ...WAYS[way],
    },
  });
};

/** What a learning step takes. */
interface Measured {
  /** Response tokens that are trained. */
  readonly trained: number;
  /** Tokens that go through the model, padding included. */
  readonly padded: number;
  /** Of the processor: other programs on the machine do not count. */
  readonly ms: number;
}

async function measure(
  engine: Engine,
  model: WarmModel,
  trees: readonly CreditedTree[],
  way: Way,
): Promise<Measured> {
  const learner = await openLearner(engine, model, way);
  // The first step compiles.
  await learner.learn(trees);
  const times: number[] = [];
  let [trained, padded] = [0, 0];
  for (let step = 0; step < STEPS; step++) {
    const before = process.cpuUsage();
    const { metrics } = await learner.learn(trees);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
    trained = metrics['tokens']!;
    padded = metrics['paddedTokens']!;
  }
  learner.dispose();
  return { trained, padded, ms: median(times) };
}

const FIELDS = [
  ['trained', 'trained tokens', 'tokens'],
  ['padded', 'tokens through the model, padded', 'tokens'],
  ['ms', 'a learning step: processor time', 'ms'],
] as const;

async function compare(
  engine: Engine,
  model: WarmModel,
  form: string,
  trees: readonly CreditedTree[],
): Promise<BenchRow[]> {
  const copies = await measure(engine, model, trees, PEER);
  const once = await measure(engine, model, trees, 'shared turns once');
  return FIELDS.map(([field, metric, unit]) =>
    benchRow({
      metric: `${form}: ${metric}`,
      value: once[field],
      unit,
      better: 'lower',
      peer: PEER,
      peerValue: copies[field],
    }),
  );
}

/** What training a shared turn once saves, on the trees of one quickstart step: beside a row for each copy, as published code trains. */
export async function benchLearning(): Promise<readonly BenchRow[]> {
  // One thread, so that the processor's time is that of the work.
  const engine = await onnxCpu({ threads: 1 }).open();
  const world = await openWorld(config);
  const model = await warmModel(engine, world, config);
  const trees = await growTrees(engine, world, model);
  const { learning } = config;
  const estimator = leafStatistics({
    weights: learning.weights,
    invalidPenalty: learning.invalidPenalty,
  });
  const credited = trees.map((tree) => ({ tree, credits: estimator.estimate([tree]) }));
  const { leaves, forks, turns, exploreRatio } = summarizeTrees(trees);
  console.log(
    `${engine.id}: ${trees.length} trees, ${leaves} leaves, ${forks} forks, ${turns} turns, ${(100 * exploreRatio).toFixed(1)} % exploring\n`,
  );
  const rows = [
    ...(await compare(engine, model, 'append-only prompts', credited)),
    ...(await compare(engine, model, `windows of ${WINDOW} tokens`, credited.map(windowed))),
  ];
  await engine.dispose();
  return rows;
}
