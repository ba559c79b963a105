import { CheckpointError } from '@spark-rl/core';
import type { GrpoLearner } from '@spark-rl/grpo-optimizer';

import type { AgentModelShape } from './agent-model.js';
import type { VersionedWeights } from './behaviour-policy.js';
import {
  encodeCheckpoint,
  loadCheckpoint,
  type RunCheckpoint,
  type RunProgress,
} from './checkpoint.js';
import type { RunContext } from './run-context.js';

const stepsAmong = (names: readonly string[]): readonly string[] =>
  names.filter((each) => each.startsWith('step-'));

/** The newest of a run's reinforcement checkpoints that can be read; a damaged one falls back, with a warning, to the one before it. */
export async function latestStep({
  run,
  config,
  output,
}: RunContext): Promise<RunCheckpoint | undefined> {
  let problem: CheckpointError | undefined;
  for (const name of [...stepsAmong(await run.checkpoints.list())].reverse()) {
    try {
      return await loadCheckpoint(run.checkpoints, name, config.model);
    } catch (cause) {
      if (!(cause instanceof CheckpointError)) throw cause;
      problem ??= cause;
      output.write(`warning: the checkpoint ${name} cannot be used: ${cause.message}\n`);
    }
  }
  if (problem !== undefined) throw problem;
  return undefined;
}

/**
 * Saves where the learner stands, and removes steps that are older than `reinforcement.keep` allows.
 *
 * @param behaviour - the weights that the trees of the next step are grown with, where they are others than the learner's
 */
export async function saveCheckpoint(
  { run, config }: Pick<RunContext, 'run' | 'config'>,
  name: string,
  model: AgentModelShape,
  learner: GrpoLearner,
  progress: RunProgress,
  behaviour?: VersionedWeights,
): Promise<void> {
  const moving = config.learning.objective['referenceDecay'] !== undefined;
  const reference = moving ? learner.reference() : undefined;
  const beside = {
    ...(behaviour !== undefined && { behaviour }),
    ...(reference !== undefined && { reference }),
  };
  const files = encodeCheckpoint(model, await learner.snapshot(), progress, beside);
  await run.checkpoints.save(name, files);
  const steps = stepsAmong(await run.checkpoints.list());
  for (const old of steps.slice(0, -config.reinforcement.keep)) await run.checkpoints.remove(old);
}
