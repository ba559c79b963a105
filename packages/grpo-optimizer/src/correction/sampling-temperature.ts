import { InvalidInputError, type Tree } from '@spark-rl/core';

/**
 * Refuses trees that were sampled at another temperature than the learner's, as far as their settings tell: their log-probabilities are of
 * another distribution, so the ratio would not begin at 1. An importance correction weighs for the difference, but not at temperature 0: all
 * log-probabilities of a greedy response are 0, whatever the model gives it.
 *
 * @param temperature - the learner's
 * @param corrected - whether there is an importance correction
 * @throws InvalidInputError naming the tree
 */
export function checkTemperature(
  { id, settings }: Pick<Tree, 'id' | 'settings'>,
  temperature: number,
  corrected: boolean,
): void {
  const sampled = settings['temperature'];
  if (typeof sampled !== 'number' || sampled === temperature) return;
  if (sampled > 0 && corrected) return;
  throw new InvalidInputError(
    sampled > 0
      ? `tree ${id} was sampled at temperature ${sampled}, the learner is at ${temperature}`
      : `tree ${id} was sampled greedily: at temperature 0 every log-probability is 0 and says nothing of the model`,
    {
      field: 'settings.temperature',
      value: sampled,
      remedy:
        sampled > 0
          ? 'Give the learner the temperature that rollouts sample at, or an importanceCorrection.'
          : 'Sample rollouts for training at a temperature above 0; take 0 for evaluation only.',
    },
  );
}
