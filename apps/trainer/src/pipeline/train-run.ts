import { startProgress } from '../output/progress.js';
import type { RunCheckpoint } from './checkpoint.js';
import { evaluatePolicy, type Evaluation } from './evaluate.js';
import { readEvaluation, writeEvaluation, type StoredEvaluation } from './evaluation-file.js';
import { reinforce } from './reinforce.js';
import { withPolicy, type RunContext } from './run-context.js';
import { showRate, summarise, type RunSummary } from './summary.js';
import { warmUp } from './warm-up.js';
import { wilsonInterval } from '../statistics/intervals.js';

/** Measures a checkpoint at temperatures 1 and 0.4 on the run's evaluation games, or reads what was measured before. */
export async function evaluateCheckpoint(
  context: RunContext,
  name: string,
  checkpoint: RunCheckpoint,
): Promise<StoredEvaluation> {
  const { run, config, world, engine, output, signal } = context;
  const known = await readEvaluation(run, name);
  if (known !== undefined) return known;
  const started = performance.now();
  const { episodes, seed } = config.evaluation;
  const tasks = await world.tasks(world.splits.unseen, seed, episodes);
  const bar = startProgress(output, `measuring ${name}`, 2 * tasks.length);
  try {
    const [at1, at04] = await withPolicy(engine, checkpoint.model, name, async (policy) => {
      const at = (temperature: number, done: number): Promise<Evaluation> =>
        evaluatePolicy({
          world,
          policy,
          tasks,
          temperature,
          config,
          seed,
          signal,
          onEpisode: (finished) => bar.update(done + finished),
        });
      return [await at(1, 0), await at(0.4, tasks.length)];
    });
    const measured: StoredEvaluation = { at1, at04, seconds: (performance.now() - started) / 1000 };
    await writeEvaluation(run, name, measured);
    bar.stop(
      `success ${showRate(wilsonInterval(at1.successes))} at temperature 1, ${showRate(wilsonInterval(at04.successes))} at 0.4`,
    );
    return measured;
  } finally {
    bar.stop();
  }
}

/** The warm-up of a run alone, measured; whatever of it was done before. */
export async function warmUpRun(context: RunContext): Promise<StoredEvaluation> {
  return evaluateCheckpoint(context, 'warmup', await warmUp(context));
}

/**
 * Trains one run to its end, whatever of it was done before: warm-up, measurement, SPARK, measurement on the same games, summary.
 * Every stage leaves a checkpoint or a file, so that a run that is stopped anywhere goes on from there.
 */
export async function trainRun(context: RunContext): Promise<RunSummary> {
  const { run, config, engine } = context;
  const warm = await warmUp(context);
  const before = await evaluateCheckpoint(context, 'warmup', warm);
  const final = await reinforce(context, warm);
  const after = await evaluateCheckpoint(context, 'final', final);
  const { warmupSeconds, reinforceSeconds } = final.progress;
  const summary = summarise({
    progress: final.progress,
    warmup: before,
    final: after,
    seconds: warmupSeconds + reinforceSeconds + before.seconds + after.seconds,
    engine: engine.id,
    device: engine.device,
    seed: config.seed,
    tasksPerStep: config.rollout.tasksPerStep,
  });
  await run.writeFile('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}
