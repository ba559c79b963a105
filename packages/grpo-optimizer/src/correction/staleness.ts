import { InvalidInputError, type Turn } from '@spark-rl/core';

/**
 * How many versions old a turn is: the learner's version less the one that sampled it. A turn over a bound is withheld: its tokens are not
 * trained, while its reward has long entered the group's baseline, which would be skewed without it (the slow, long episodes are the old
 * ones).
 *
 * @throws InvalidInputError naming the turn when its version is no whole number, or later than the learner's
 */
export function stalenessOf(tree: string, { id, generation }: Turn, version: number): number {
  const sampled = Number(generation.policyVersion);
  if (generation.policyVersion.trim() !== '' && Number.isInteger(sampled) && sampled <= version)
    return version - sampled;
  throw new InvalidInputError(
    `turn ${id} of tree ${tree} was sampled by version ${JSON.stringify(generation.policyVersion)}, the learner is at ${version}`,
    {
      field: 'generation.policyVersion',
      value: generation.policyVersion,
      remedy:
        'Give the policy the version that learn returned, or leave maxStaleness out of the options.',
    },
  );
}
