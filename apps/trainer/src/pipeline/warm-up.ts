import { AbortedError, InvalidInputError, throwIfAborted, withEnvironment } from '@spark-rl/core';
import {
  collectExpertEpisodes,
  describeExamples,
  expertExamples,
  sftTrainer,
  type ExpertCollection,
} from '@spark-rl/sft-warmup';
import { encodePrompt } from '@spark-rl/transformer-policy';

import { formatCount, startProgress } from '../output/progress.js';
import { percent } from '../output/table.js';
import { publishedModel, trainedModel } from './agent-model.js';
import {
  encodeCheckpoint,
  encodeFreshCheckpoint,
  loadCheckpoint,
  noProgress,
  type RunCheckpoint,
  type RunProgress,
} from './checkpoint.js';
import type { RunContext } from './run-context.js';
import { startModel } from './start-model.js';

const FINISHED = 'warmup';
/** Where the warm-up stood when it was last saved; removed when it is finished. */
const UNFINISHED = 'warmup-unfinished';
const SAVES = 4;

/** Lets the expert play the warm-up games; what it does not win in time is left out. */
async function expertGames({
  config,
  world,
  output,
  signal,
}: RunContext): Promise<ExpertCollection> {
  const { episodes } = config.warmup;
  const bar = startProgress(output, 'expert games', episodes);
  const tasks = await world.trainingTasks(config.seed, 0, episodes);
  async function* counted(): AsyncGenerator<(typeof tasks)[number]> {
    for (const [index, task] of tasks.entries()) {
      yield task;
      bar.update(index + 1);
      // Games are played without a pause: let the terminal draw and Ctrl-C be heard.
      if (index % 32 === 31) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  try {
    const collection = await withEnvironment(world.environment, (environment) =>
      collectExpertEpisodes({
        environment,
        expert: world.expert,
        tasks: counted(),
        maxTurns: config.environment.maxTurns,
        key: [config.seed, 'expert'],
        admissible: world.protocol.wantsAdmissible,
        signal,
      }),
    );
    bar.stop(
      `won ${formatCount(collection.episodes.length)} of ${formatCount(collection.attempted)} within ${config.environment.maxTurns} turns; those are learned from`,
    );
    return collection;
  } finally {
    bar.stop();
  }
}

/**
 * Teaches a model the form of answers, the game's words and when to explore, from expert games. A finished warm-up of the run is
 * loaded; an unfinished one goes on where it was saved. Without a warm-up a published model is left as it came.
 *
 * @throws InvalidInputError when there is nothing to learn from
 */
export async function warmUp(context: RunContext): Promise<RunCheckpoint> {
  const { run, config, world, engine, output, signal } = context;
  const { checkpoints } = run;
  if (await checkpoints.has(FINISHED)) return loadCheckpoint(checkpoints, FINISHED, config.model);
  if (config.warmup.tokens === 0 && config.model.from === 'folder') {
    const model = await publishedModel(config.model, config.seed);
    await checkpoints.save(FINISHED, encodeFreshCheckpoint(model));
    output.write('warm-up left out: the model begins as it came\n');
    return loadCheckpoint(checkpoints, FINISHED, config.model);
  }
  const started = performance.now();
  const collection = await expertGames(context);
  if (collection.episodes.length === 0) {
    throw new InvalidInputError(`the expert won none of ${collection.attempted} games`, {
      field: 'environment.maxTurns',
      value: config.environment.maxTurns,
      remedy: 'Allow more turns, or let the expert waste fewer (environment.expert).',
    });
  }
  throwIfAborted(signal);
  const model = await startModel(config, world, collection);
  const { tokenizer, config: architecture } = model;
  const examples = expertExamples({
    episodes: collection.episodes,
    protocol: world.protocol,
    brief: world.brief,
    // Exactly the tokens that the policy will be asked to go on from.
    tokenizer: { ...tokenizer, encodePrompt: (prompt) => encodePrompt(prompt, tokenizer) },
    contextLength: architecture.contextLength,
  });
  if (examples.tooLong > 0) {
    output.write(
      `  ${formatCount(examples.tooLong)} ${config.agent.prompt === 'messages' ? 'turns' : 'games'} are longer than model.contextLength ${architecture.contextLength} and are left out\n`,
    );
  }
  if (examples.rows.length === 0) {
    throw new InvalidInputError(
      `all ${formatCount(examples.tooLong)} expert games are longer than the context of the model`,
      {
        field: 'model.contextLength',
        value: architecture.contextLength,
        remedy: 'Give a longer context, or fewer and shorter turns (environment.maxTurns).',
      },
    );
  }
  const exploreShare = describeExamples(examples).modeShares['explore'] ?? 0;
  const unfinished = (await checkpoints.has(UNFINISHED))
    ? await loadCheckpoint(checkpoints, UNFINISHED, config.model)
    : undefined;
  const secondsBefore = unfinished?.progress.warmupSeconds ?? 0;
  const trainingBefore = unfinished?.progress.warmupTrainingSeconds ?? 0;
  const { warmup } = config;
  const trainer = await sftTrainer({
    engine,
    model: trainedModel(model),
    start: unfinished?.snapshot ?? model.parameters,
    rows: examples.rows,
    key: [config.seed, 'warm-up'],
    stepsDone: unfinished?.progress.warmupSteps,
    options: {
      learningRate: warmup.learningRate,
      warmupShare: warmup.warmupShare,
      finalRateShare: warmup.finalLearningRateShare,
      ...(warmup.epochs === null ? { tokens: warmup.tokens } : { epochs: warmup.epochs }),
      batchRows: warmup.batchRows,
    },
  });
  const trainingStarted = performance.now();
  const progressAt = (steps: number, tokens: number): RunProgress => ({
    ...noProgress,
    warmupSteps: steps,
    warmupTokens: tokens,
    warmupSeconds: secondsBefore + (performance.now() - started) / 1000,
    warmupTrainingSeconds: trainingBefore + (performance.now() - trainingStarted) / 1000,
    expertExploreRatio: exploreShare,
  });
  const bar = startProgress(output, 'warm-up', trainer.totalSteps);
  const saveEvery = Math.ceil(trainer.totalSteps / SAVES);
  let [step, tokens, loss] = [
    unfinished?.progress.warmupSteps ?? 0,
    unfinished?.progress.warmupTokens ?? 0,
    NaN,
  ];
  const save = async (name: string): Promise<void> => {
    const snapshot = await trainer.snapshot();
    await checkpoints.save(name, encodeCheckpoint(model, snapshot, progressAt(step, tokens)));
  };
  try {
    await trainer.train({
      signal,
      onStep: async (done) => {
        ({ step, tokens } = done);
        loss = Number.isNaN(loss) ? done.loss : 0.95 * loss + 0.05 * done.loss;
        bar.update(step, `loss ${loss.toFixed(3)}, ${formatCount(tokens)} tokens`);
        if (step % 20 === 0) {
          await run.recordMetrics({
            phase: 'warmup',
            step,
            'warmup/loss': done.loss,
            'warmup/accuracy': done.accuracy,
            'warmup/learning_rate': done.learningRate,
            'warmup/tokens': tokens,
          });
        }
        if (step % saveEvery === 0 && step < trainer.totalSteps) await save(UNFINISHED);
      },
    });
    await save(FINISHED);
    await checkpoints.remove(UNFINISHED);
    bar.stop(
      `loss ${loss.toFixed(3)} after ${formatCount(tokens)} tokens; the expert explores in ${percent(exploreShare)} of its turns`,
    );
  } catch (cause) {
    // Asked to stop: keep what was learned up to this step.
    if (cause instanceof AbortedError) await save(UNFINISHED);
    throw cause;
  } finally {
    bar.stop();
    trainer.dispose();
  }
  return loadCheckpoint(checkpoints, FINISHED, config.model);
}
