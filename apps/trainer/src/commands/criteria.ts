import { InvalidInputError, parseInput } from '@spark-rl/core';
import { compareCriteria, type CriticalRule } from '@spark-rl/criteria-lab';
import { openCheckpoints, writeFileAtomically } from '@spark-rl/run-store';
import { join } from 'node:path';
import { z } from 'zod';

import { readRecordedConfig } from '../config/recorded-config.js';
import { CRITERIA } from '../config/rollout-schema.js';
import { chooseEngine } from '../engines.js';
import { renderChart } from '../output/chart.js';
import { criteriaChart } from '../output/criteria-chart.js';
import { renderCriteria, showEstimate } from '../output/criteria-table.js';
import { startProgress, type Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { percent } from '../output/table.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';
import { criterionNamed, growProbes } from '../pipeline/probe-criteria.js';
import { samplerOf } from '../pipeline/reinforce-journal.js';
import { withPolicy } from '../pipeline/run-context.js';
import { openWorld } from '../worlds/world.js';
import { splitOf } from '../worlds/split-of.js';
import { withStopSignal } from '../stop-signal.js';

const optionsSchema = z.object({
  checkpoint: z.string(),
  episodes: z.int().min(2, 'give at least 2: intervals are over games'),
  continuations: z.int().min(16, 'give at least 16: fewer say little more than luck'),
  criteria: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(CRITERIA, `choose among: ${CRITERIA.join(', ')}`))),
  split: z.string().optional(),
  importance: z.enum(['variance', 'between-actions']),
  critical: z.coerce.number().min(0).max(0.5),
  temperature: z.coerce.number().min(0).max(2).optional(),
  seed: z.int().min(0).optional(),
  engine: z.string(),
  out: z.string().optional(),
});

/** The options as they come from the command line. */
export type CriteriaOptions = z.input<typeof optionsSchema>;

/**
 * `spark-rl criteria`: how well branching criteria find the turns that matter to a checkpoint. Plays unseen games, continues each
 * from every turn, and compares. What was played is journalled in the output folder: the same command goes on with it.
 */
export async function criteriaCommand(
  folder: string,
  given: CriteriaOptions,
  output: Output,
): Promise<number> {
  const options = parseInput(
    optionsSchema,
    given,
    'spark-rl criteria',
    'See spark-rl criteria --help.',
  );
  const config = await readRecordedConfig(folder);
  const { model } = await loadCheckpoint(
    openCheckpoints(join(folder, 'checkpoints')),
    options.checkpoint,
    config.model,
  );
  const { vocabularySize } = model.config;
  const played = { ...config, vocabulary: vocabularySize };
  const seed = options.seed ?? config.evaluation.seed;
  const temperature = options.temperature ?? config.rollout.temperature;
  const out = options.out ?? join(folder, `criteria-${options.checkpoint}`);
  const world = await openWorld(config);
  const split = splitOf(world, options.split);
  const tasks = await world.tasks(split, seed, options.episodes);
  if (tasks.length < 2) {
    throw new InvalidInputError(`split ${split} has ${tasks.length} games`, {
      field: '--split',
      value: split,
      remedy: 'Choose another split.',
    });
  }
  const engine = await chooseEngine(options.engine);
  const bar = startProgress(output, 'probing', tasks.length);
  const key = ['criteria', seed];
  try {
    const sampler = await samplerOf(engine, { read: () => Promise.resolve(model.parameters) });
    const probes = await withStopSignal(output.write, (signal) =>
      withPolicy(engine, model, options.checkpoint, (policy) =>
        growProbes({
          world,
          policy: { id: sampler, generate: policy.generate },
          tasks,
          config: played,
          criteria: options.criteria,
          continuations: options.continuations,
          temperature,
          seed: key,
          folder: join(out, 'probes'),
          signal,
          onProbe: (finished) => bar.update(finished),
        }),
      ),
    );
    bar.stop();
    const critical: CriticalRule = { above: options.critical };
    const { importance, checkpoint, continuations } = options;
    const report = compareCriteria(
      options.criteria.map((name) => criterionNamed(name, played, probes)),
      probes,
      {
        maxTurns: config.environment.maxTurns,
        leaves: config.rollout.leaves,
        roots: config.rollout.roots,
        importance,
        critical,
        seed: key,
      },
    );
    const settings = { checkpoint, split, temperature, continuations, importance, critical, seed };
    const result = { settings, ...report };
    await writeFileAtomically(join(out, 'report.json'), `${JSON.stringify(result, null, 2)}\n`);
    await writeFileAtomically(join(out, 'criteria.svg'), await renderChart(criteriaChart(report)));
    const { leaves, roots } = config.rollout;
    const text =
      `\n${checkpoint} of ${folder}: ${report.turns.length} turns of ${report.tasks} games (${split}), ` +
      `each continued ${continuations} times; ${percent(report.criticalShare.value ?? NaN)} are critical ` +
      `(${importance} above ${options.critical}); ${leaves - roots} free leaves\n` +
      renderCriteria(report) +
      `reliability of the measured importance ${showEstimate(report.ceiling.reliability)}; intervals are 95 %, over games\n` +
      `written: ${join(out, 'report.json')}, ${join(out, 'criteria.svg')}\n`;
    showResult(output, result, text);
    return 0;
  } finally {
    await engine.dispose();
    await world.close?.();
  }
}
