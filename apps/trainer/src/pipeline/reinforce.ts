import { AbortedError, throwIfAborted } from '@spark-rl/core';
import { grpoLearner } from '@spark-rl/grpo-optimizer';

import { formatCount, startProgress } from '../output/progress.js';
import { percent } from '../output/table.js';
import { trainedModel } from './agent-model.js';
import { behaviourPolicy, type VersionedWeights } from './behaviour-policy.js';
import { loadCheckpoint, type RunCheckpoint, type RunProgress } from './checkpoint.js';
import { countTrees, growStep, type StepTrees } from './grow-step.js';
import { learnerOptions } from './learner-options.js';
import { learnStep } from './learn-step.js';
import { isDue, measureStep } from './measure-step.js';
import { latestStep, saveCheckpoint } from './reinforce-checkpoints.js';
import { openStepJournal } from './reinforce-journal.js';
import type { RunContext } from './run-context.js';
import { stepMetrics, type StepMetrics } from './step-metrics.js';

const since = (started: number): number => (performance.now() - started) / 1000;

/** What is said of a step while the run goes on. */
function stepNote(progress: RunProgress, metrics: StepMetrics): string {
  const { steps, generatedTokens } = progress;
  return (
    `step ${steps}, ${formatCount(generatedTokens)} tokens (${formatCount(metrics['perf/throughput']!)}/s), ` +
    `success ${percent(metrics['rollout/success']!)}, explore ${percent(metrics['explore/share']!)}, ` +
    `${formatCount(metrics['tree/forks']!)} forks`
  );
}

/**
 * Reinforces the warm-up model with SPARK until the token budget is spent, from the newest checkpoint of the run if there is one.
 * Ends with the checkpoint `final`.
 *
 * A step grows trees, learns from them and puts the new weights into the policy. With `rollout.stepsAhead` 1 the trees of step k + 1 grow
 * while step k is learned from, always with the weights before that update, so that what happens does not depend on which is faster.
 */
export async function reinforce(context: RunContext, warm: RunCheckpoint): Promise<RunCheckpoint> {
  const { run, config, world, engine, output, signal } = context;
  const { model } = warm;
  if (await run.checkpoints.has('final'))
    return loadCheckpoint(run.checkpoints, 'final', config.model);
  const from = await latestStep(context);
  let progress = from?.progress ?? warm.progress;
  const { reinforcement, rollout } = config;
  const runsAhead = rollout.stepsAhead > 0;
  const learner = await grpoLearner({
    engine,
    model: trainedModel(model),
    start: from?.snapshot ?? model.parameters,
    reference: from?.beside?.reference ?? model.parameters,
    temperature: rollout.temperature,
    key: [config.seed, 'learn'],
    version: progress.policyVersion,
    options: learnerOptions(config),
  });
  // Resumed, a run that is ahead first grows the trees of the next step with the weights that it grew them with before.
  const behind = from?.beside?.behaviour;
  const sampling = behaviourPolicy(
    engine,
    model,
    behind === undefined
      ? { parameters: learner.parameters(), version: learner.policyVersion() }
      : { parameters: engine.parameters(behind.parameters), version: String(behind.version) },
  );
  const vocabulary = config.model.from === 'folder' ? model.config.vocabularySize : undefined;
  const nothingGrew = { growingSeconds: 0, tokens: 0 };
  let growing = nothingGrew;
  const grow = async (before: RunProgress, step: number): Promise<StepTrees> => {
    const sampler = await sampling.sampler();
    const journal = openStepJournal(run, step, sampler);
    try {
      const { policy } = sampling;
      const grown = await growStep(
        { config, world, policy, sampler, vocabulary, journal, signal },
        before,
        step,
      );
      output.write(journal.report());
      growing = {
        growingSeconds: growing.growingSeconds + grown.seconds,
        tokens:
          growing.tokens + grown.summary.uniqueResponseTokens + grown.summary.uniquePromptTokens,
      };
      return grown;
    } finally {
      await journal.close();
    }
  };
  const save = (name: string, behaviour?: VersionedWeights): Promise<void> =>
    saveCheckpoint(context, name, model, learner, progress, behaviour);
  const bar = startProgress(output, 'SPARK', 1);
  const done = (): number =>
    Math.max(
      progress.generatedTokens / reinforcement.tokens,
      progress.steps / reinforcement.maxSteps,
    );
  const hasBudget = ({ steps, generatedTokens }: RunProgress): boolean =>
    steps < reinforcement.maxSteps && generatedTokens < reinforcement.tokens;
  const endsEarly = (): boolean =>
    reinforcement.patience !== null && (progress.best?.since ?? 0) >= reinforcement.patience;
  const goesOn = (): boolean => hasBudget(progress) && !endsEarly();
  let saved = progress.steps;
  /** While a measurement is made the weights are of a step that is not whole without it. */
  let measuring = false;
  let warned = false;
  let skippedUpdates = 0;
  let ahead: StepTrees | undefined;
  let behaviour: VersionedWeights | undefined = behind;
  let started = performance.now();
  try {
    if (runsAhead && goesOn()) {
      ahead = await grow(progress, progress.steps + 1);
      if (behind !== undefined) await sampling.adopt(learner.parameters(), learner.policyVersion());
    }
    while (goesOn()) {
      throwIfAborted(signal);
      const grown: StepTrees = ahead ?? (await grow(progress, progress.steps + 1));
      ahead = undefined;
      const counted = { ...countTrees(config, progress, grown), steps: grown.step };
      // An update is not stopped half-way, so a step is whole, and can be saved, although the trees of the next one are not.
      const [learned, next] = await Promise.allSettled([
        learnStep(config, learner, grown, progress.generatedTokens),
        runsAhead && hasBudget(counted) ? grow(counted, grown.step + 1) : undefined,
      ]);
      if (learned.status === 'rejected') throw learned.reason;
      const { policyVersion, droppedGroups } = learned.value;
      const seconds = since(started);
      progress = {
        ...counted,
        policyVersion: Number(policyVersion),
        droppedGroups: counted.droppedGroups + droppedGroups,
        updateSeconds: counted.updateSeconds + learned.value.seconds,
        reinforceSeconds: counted.reinforceSeconds + seconds,
      };
      const time = { seconds, ...growing };
      const metrics = stepMetrics(config, grown, learned.value, progress, time);
      growing = nothingGrew;
      await run.recordMetrics({ phase: 'reinforce', step: progress.steps, ...metrics });
      skippedUpdates += metrics['learn/skipped_updates'] ?? 0;
      bar.update(done(), stepNote(progress, metrics));
      const explore = metrics['explore/share']!;
      if (!warned && explore < (progress.firstExploreRatio ?? 0) / 3) {
        warned = true;
        output.write(
          `\nwarning: the agent explores in ${percent(explore)} of its turns, less than a third of the ${percent(progress.firstExploreRatio ?? 0)} it began with: ` +
            'trees hardly fork any more. A larger learning.klCoefficient or a smaller learning.learningRate holds the tag.\n',
        );
      }
      if (runsAhead) behaviour = await sampling.weights();
      if (next.status === 'rejected') throw next.reason;
      ahead = next.value;
      await sampling.adopt(learner.parameters(), policyVersion);

      let measured = false;
      if (isDue(context, progress.steps)) {
        measuring = true;
        const began = performance.now();
        const {
          best,
          isBest,
          metrics: found,
        } = await measureStep(context, sampling.policy, progress);
        const measuringSeconds = since(began);
        progress = {
          ...progress,
          best,
          measuringSeconds: progress.measuringSeconds + measuringSeconds,
        };
        await run.recordMetrics({
          phase: 'evaluate',
          step: progress.steps,
          ...found,
          'timing_s/testing': measuringSeconds,
        });
        if (isBest) await save('best');
        measured = true;
      }
      // A measurement that is due again after a resume would be counted twice: it is saved with its step.
      if ((progress.steps - saved >= reinforcement.checkpointEvery || measured) && goesOn()) {
        await save(`step-${progress.steps}`, behaviour);
        saved = progress.steps;
      }
      measuring = false;
      started = performance.now();
    }
    if (ahead !== undefined) {
      progress = countTrees(config, progress, ahead);
      output.write(
        `\nthe trees of step ${ahead.step}, grown ahead, were not learned from; their tokens are counted\n`,
      );
    }
    await save('final');
    if (skippedUpdates > 0) {
      output.write(
        `\nwarning: ${skippedUpdates} updates were skipped because the gradient was not finite; a smaller learning.learningRate helps.\n`,
      );
    }
    const early = endsEarly()
      ? `; ended early: ${reinforcement.patience} measurements were no better than that of step ${progress.best!.step}`
      : '';
    bar.stop(
      `${progress.steps} steps, ${formatCount(progress.generatedTokens)} tokens generated${early}`,
    );
  } catch (cause) {
    // Asked to stop: the weights stand between two steps, so the finished ones are kept.
    if (cause instanceof AbortedError && progress.steps > saved && !measuring)
      await save(`step-${progress.steps}`, behaviour);
    throw cause;
  } finally {
    bar.stop();
    await sampling.close();
    learner.dispose();
  }
  return loadCheckpoint(run.checkpoints, 'final', config.model);
}
