/** The folder where `spark-rl rollout` puts what it grows with a checkpoint: `rollouts/CHECKPOINT-SEED`. */
export const ROLLOUTS = 'rollouts';

/** The step that a set was grown for; null when it was not trained on. */
export function stepOf(set: string): number | null {
  const digits = /^step-(\d+)$/.exec(set)?.[1];
  return digits === undefined ? null : Number(digits);
}

const rolloutOf = (set: string): readonly [checkpoint: string, seed: string] | null => {
  const [, checkpoint, seed] = /^rollouts\/(.+)-(\d+)$/.exec(set) ?? [];
  return checkpoint === undefined || seed === undefined ? null : [checkpoint, seed];
};

/** The checkpoint that a set was grown with outside training; null when its name tells none. */
export const checkpointOf = (set: string): string | null => rolloutOf(set)?.[0] ?? null;

/** What a set is called: `step 3`, or `checkpoint warmup (seed 0)`. */
export function setTitle(set: string): string {
  const step = stepOf(set);
  if (step !== null) return `step ${step}`;
  const rollout = rolloutOf(set);
  return rollout === null ? set : `checkpoint ${rollout[0]} (seed ${rollout[1]})`;
}
