import { leafStatistics } from '@spark-rl/advantage-normalization';
import type { CreditedTree } from '@spark-rl/core';
import {
  grpoLoss,
  grpoOptionsSchema,
  microBatches,
  packTurns,
  programOf,
  trainingRow,
  type Packing,
  type TrainingRow,
} from '@spark-rl/grpo-optimizer';
import {
  batchTries,
  type Engine,
  type HostTensor,
  type LanguageModel,
  type Named,
} from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { decoderTransformer, initializeParameters } from '@spark-rl/transformer-policy';

import { presetNamed } from '../../../apps/trainer/src/config/presets.js';
import { architectureOf } from '../../../apps/trainer/src/pipeline/architecture.js';
import { median } from '../measure.js';
import { benchRow, type BenchRow } from '../report.js';
import { countPrefill } from './prefill.js';
import { measured } from './proof-step.js';
import type { Round } from './python-peer.js';
import { scratchModelOf } from '../scratch-model.js';

/** The least share of what fewer tokens could save. */
const LIMIT = 0.8;
const ROUNDS = 9;
const preset = presetNamed('quickstart');
const options = grpoOptionsSchema.parse({ klCoefficient: 0, entropyCoefficient: 0 });

/** One optimiser step over rows: putting them together counts. */
async function trainingSteps(
  engine: Engine,
  model: LanguageModel,
  start: Named<HostTensor>,
  rows: readonly TrainingRow[],
  packing: Packing,
): Promise<{ readonly round: () => Promise<Round>; readonly close: () => void }> {
  const loss = grpoLoss(programOf(model, packing), { ...options, temperature: 1 });
  const trainer = await engine.compileTraining(loss, options.optimizer, start);
  return {
    round: () =>
      measured(async () => {
        const batches = microBatches(model, rows, {
          tokenBudget: preset.learning.microBatchTokens,
          packing,
        });
        const { loss: found } = await trainer.step(
          batches.map(({ inputs }) => inputs),
          { learningRate: 0 },
        );
        return { loss: found };
      }),
    close: trainer.dispose,
  };
}

/**
 * A step of the quickstart's model over quickstart trees, each of whose rows is a path: tokens that paths share once, beside every path by
 * itself. What is reported is how many times faster it is, as a share of how many times fewer tokens it has.
 */
export async function benchTreeTraining(): Promise<readonly BenchRow[]> {
  const engine = await onnxCpu({ threads: 1 }).open();
  const { trees, vocabularySize } = await countPrefill('transcript');
  const estimator = leafStatistics();
  const credited = trees.map((tree): CreditedTree => {
    // Untrained actions hardly ever succeed: every tree gets leaves of both kinds.
    const leaves = tree.leaves.map((leaf, i) => ({
      ...leaf,
      outcome: i % 2 === 0 ? ('success' as const) : ('failure' as const),
    }));
    return { tree, credits: estimator.estimate([{ ...tree, leaves }]) };
  });
  const packed = packTurns(credited);
  const rows = packed.map((row) => trainingRow(row));
  // Paths that nothing ends go on to the last turn.
  const config = architectureOf({ ...scratchModelOf(preset), contextLength: 2048 }, vocabularySize);
  const model = decoderTransformer(config);
  const start = initializeParameters(config, ['engines bench', 'trees']);
  const ways = {
    rows: await trainingSteps(engine, model, start, rows, 'rows'),
    tries: await trainingSteps(engine, model, start, rows, 'tries'),
  };
  const rounds = { rows: [] as Round[], tries: [] as Round[] };
  for (let i = 0; i <= ROUNDS; i++) {
    for (const way of ['rows', 'tries'] as const) {
      const round = await ways[way].round();
      if (i > 0) rounds[way].push(round);
    }
  }
  ways.rows.close();
  ways.tries.close();
  await engine.dispose();
  const tokens = packed.reduce((sum, row) => sum + row.tokens.length, 0);
  const unique = batchTries(packed, {
    tokenBudget: preset.learning.microBatchTokens,
    contextLength: model.contextLength,
  })
    .flatMap(({ groups }) => groups)
    .reduce((sum, { depths }) => sum + depths.filter((depth) => depth >= 0).length, 0);
  const time = (way: keyof typeof rounds): number => median(rounds[way].map(({ cpuMs }) => cpuMs));
  const [apart, together] = [time('rows'), time('tries')];
  console.log(
    `trees: ${packed.length} rows of ${tokens} tokens, ${unique} of them unique; loss ${rounds.rows[0]!.loss!.toFixed(6)} apart, ${rounds.tries[0]!.loss!.toFixed(6)} packed`,
  );
  return [
    benchRow({
      metric: 'tree training, tokens',
      value: unique,
      unit: 'tokens',
      better: 'lower',
      peer: 'separate rows',
      peerValue: tokens,
    }),
    benchRow({
      metric: 'tree training, a step (1 thread, processor time)',
      value: together,
      unit: 'ms',
      better: 'lower',
      peer: 'separate rows',
      peerValue: apart,
    }),
    benchRow({
      metric: 'tree training, times as fast',
      value: apart / together,
      unit: 'times',
      better: 'higher',
      peer: 'times fewer tokens',
      peerValue: tokens / unique,
      limit: (LIMIT * tokens) / unique,
    }),
  ];
}
