import { AbortedError, CheckpointError, throwIfAborted } from '@spark-rl/core';
import { grpoLearner, type GrpoLearner } from '@spark-rl/grpo-optimizer';
import type { ParameterSet } from '@spark-rl/tensor';
import { decoderTransformer, transformerPolicy } from '@spark-rl/transformer-policy';

import { formatCount, startProgress } from '../output/progress.js';
import { percent } from '../output/table.js';
import {
  encodeCheckpoint,
  loadCheckpoint,
  type RunCheckpoint,
  type RunProgress,
} from './checkpoint.js';
import { learnerOptions } from './learner-options.js';
import { isDue, measureStep } from './measure-step.js';
import { reinforceStep } from './reinforce-step.js';
import { openStepJournal, samplerOf } from './reinforce-journal.js';
import type { RunContext } from './run-context.js';

/** The newest of a run's reinforcement checkpoints that can be read; a damaged one falls back, with a warning, to the one before it. */
async function latestStep({ run, config, output }: RunContext): Promise<RunCheckpoint | undefined> {
  const names = (await run.checkpoints.list()).filter((each) => each.startsWith('step-'));
  let problem: CheckpointError | undefined;
  for (const name of names.reverse()) {
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

async function save(
  { run, config }: RunContext,
  name: string,
  warm: RunCheckpoint,
  learner: GrpoLearner,
  progress: RunProgress,
): Promise<void> {
  await run.checkpoints.save(
    name,
    encodeCheckpoint(warm.model, await learner.snapshot(), progress),
  );
  const steps = (await run.checkpoints.list()).filter((each) => each.startsWith('step-'));
  for (const old of steps.slice(0, -config.reinforcement.keep)) await run.checkpoints.remove(old);
}

/**
 * Reinforces the warm-up model with SPARK until the token budget is spent, from the newest checkpoint of the run if there is one.
 * Ends with the checkpoint `final`.
 */
export async function reinforce(context: RunContext, warm: RunCheckpoint): Promise<RunCheckpoint> {
  const { run, config, engine, output, signal } = context;
  const { tokenizer, config: architecture } = warm.model;
  if (await run.checkpoints.has('final'))
    return loadCheckpoint(run.checkpoints, 'final', config.model);
  const from = await latestStep(context);
  let progress = from?.progress ?? warm.progress;
  const { reinforcement, rollout } = config;
  const learner = await grpoLearner({
    engine,
    model: decoderTransformer(architecture),
    start: from?.snapshot ?? warm.model.parameters,
    reference: warm.model.parameters,
    temperature: rollout.temperature,
    key: [config.seed, 'learn'],
    version: progress.policyVersion,
    options: learnerOptions(config),
  });
  let weights: ParameterSet = learner.parameters();
  const policy = transformerPolicy({
    engine,
    config: architecture,
    tokenizer,
    parameters: weights,
    version: learner.policyVersion(),
  });
  const adopt = (version: string): void => {
    const old = weights;
    weights = learner.parameters();
    policy.update({ parameters: weights, version });
    old.dispose();
  };
  const bar = startProgress(output, 'SPARK', 1);
  const done = (): number =>
    Math.max(
      progress.generatedTokens / reinforcement.tokens,
      progress.steps / reinforcement.maxSteps,
    );
  const goesOn = (): boolean =>
    progress.steps < reinforcement.maxSteps &&
    progress.generatedTokens < reinforcement.tokens &&
    (reinforcement.patience === null || (progress.best?.since ?? 0) < reinforcement.patience);
  let saved = progress.steps;
  let warned = false;
  let skippedUpdates = 0;
  try {
    while (goesOn()) {
      throwIfAborted(signal);
      const sampler = await samplerOf(engine, weights);
      const journal = openStepJournal(run, progress.steps + 1, sampler);
      try {
        const step = await reinforceStep(
          { config, world: context.world, policy, sampler, learner, adopt, journal, signal },
          progress,
        );
        output.write(journal.report());
        progress = step.progress;
        await run.recordMetrics({ phase: 'reinforce', step: progress.steps, ...step.metrics });
        skippedUpdates += step.metrics['learn/skippedUpdates'] ?? 0;
        const explore = step.metrics['explore/share']!;
        bar.update(
          done(),
          `step ${progress.steps}, ${formatCount(progress.generatedTokens)} tokens, success ${percent(step.success)}, explore ${percent(explore)}, ${step.metrics['tree/leaves']!.toFixed(1)} leaves`,
        );
        if (!warned && explore < (progress.firstExploreRatio ?? 0) / 3) {
          warned = true;
          output.write(
            `\nwarning: the agent explores in ${percent(explore)} of its turns, less than a third of the ${percent(progress.firstExploreRatio ?? 0)} it began with: ` +
              'trees hardly fork any more. A larger learning.klCoefficient or a smaller learning.learningRate holds the tag.\n',
          );
        }
      } finally {
        await journal.close();
      }
      const measured = isDue(context, progress.steps)
        ? await measureStep(context, policy, progress)
        : undefined;
      if (measured !== undefined) {
        progress = { ...progress, best: measured.best };
        await run.recordMetrics({
          phase: 'evaluate',
          step: progress.steps,
          ...measured.metrics,
        });
        if (measured.isBest) await save(context, 'best', warm, learner, progress);
      }
      // A measurement that is due again after a resume would be counted twice: it is saved with its step.
      if (
        (progress.steps - saved >= reinforcement.checkpointEvery || measured !== undefined) &&
        goesOn()
      ) {
        await save(context, `step-${progress.steps}`, warm, learner, progress);
        saved = progress.steps;
      }
    }
    await save(context, 'final', warm, learner, progress);
    if (skippedUpdates > 0) {
      output.write(
        `\nwarning: ${skippedUpdates} updates were skipped because the gradient was not finite; a smaller learning.learningRate helps.\n`,
      );
    }
    const early =
      reinforcement.patience !== null && (progress.best?.since ?? 0) >= reinforcement.patience
        ? `; ended early: ${reinforcement.patience} measurements were no better than that of step ${progress.best!.step}`
        : '';
    bar.stop(
      `${progress.steps} steps, ${formatCount(progress.generatedTokens)} tokens generated${early}`,
    );
  } catch (cause) {
    // Asked to stop: the weights stand between two steps, so the finished ones are kept.
    if (cause instanceof AbortedError && progress.steps > saved) {
      await save(context, `step-${progress.steps}`, warm, learner, progress);
    }
    throw cause;
  } finally {
    bar.stop();
    await policy.close();
    learner.dispose();
    weights.dispose();
  }
  return loadCheckpoint(run.checkpoints, 'final', config.model);
}
