import { parseInput, type Generation, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import { lastTurn, type Signal } from './signal.js';

/** The options that say how H is computed and what it is compared with. */
export const entropyChangeShape = {
  vocabulary: z.int().min(2),
  tokens: countSchema.default(20),
  alternatives: countSchema.default(10),
};

const entropyChangeSignalOptions = z.strictObject({
  ...entropyChangeShape,
  baseline: z.enum(['path', 'slot']).default('path'),
});

/** V, the parts of the response that are looked at, and the baseline of {@link entropyChangeSignal}. */
export type EntropyChangeSignalOptions = z.input<typeof entropyChangeSignalOptions>;

type Measured = Omit<z.output<typeof entropyChangeSignalOptions>, 'baseline'>;

/** H of one response; null when the policy reported no alternatives. */
function openingEntropy({ topLogProbs }: Generation, options: Measured): number | null {
  if (topLogProbs === undefined) return null;
  let entropy = 0;
  for (const position of topLogProbs.slice(0, options.tokens)) {
    const likeliest = position
      .map(({ logProb }) => logProb)
      .sort((a, b) => b - a)
      .slice(0, options.alternatives);
    // The limit of p log p at p = 0 is 0; computed, it would be NaN.
    for (const logProb of likeliest)
      if (logProb > -Infinity) entropy -= Math.exp(logProb) * logProb;
  }
  return entropy / Math.log(options.vocabulary);
}

/** Whether a fork opened a new path at this turn: the first child of a turn continues the old one. */
const opensSlot = ({ id }: Turn): boolean => !id.endsWith('.0');

/** The turn that H is compared with. */
function baselineOf(path: readonly Turn[], baseline: 'path' | 'slot'): Turn | undefined {
  return baseline === 'path' ? path[0] : path.findLast(opensSlot);
}

/**
 * How much more uncertain the start of this response is than the start of an earlier one: dH = H_t - H_first, with
 *
 * H = -(1 / log V) * sum over the first 20 tokens, sum over the 10 likeliest alternatives of p log p.
 *
 * The published codes add up all positions and divide by log V once, so H is in [0, 20 log 10 / log V], about [0, 3.9] for a
 * vocabulary of 152,000, and not in [0, 1] as a normalised entropy would be; a response shorter than 20 tokens has a smaller H. A
 * response without tokens has H = 0. The engine they use reports the sampled token as an eleventh when it is not among the ten;
 * here it is left out.
 *
 * @param options.vocabulary - V, how many tokens the policy's tokenizer has, at least 2
 * @param options.tokens - how many tokens at the start count, 20 by default
 * @param options.alternatives - how many alternatives of each count, 10 by default
 * @param options.baseline - `path` (default): the path's first turn. `slot`: the first turn of the path since it was opened, by the
 *   start of the task or by a fork; this is what both published codes do, since the copy that a fork makes meets its own first
 *   response without a baseline, while the path that it was copied from keeps the old one
 * @throws InvalidInputError when an option is not such a value
 * @see https://arxiv.org/abs/2507.19849 (ARPO)
 */
export function entropyChangeSignal(options: EntropyChangeSignalOptions): Signal {
  const parsed = parseInput(entropyChangeSignalOptions, options, 'options of entropyChangeSignal');
  const { baseline, vocabulary, tokens, alternatives } = parsed;
  return {
    id: `entropy-change(${baseline},${vocabulary},${tokens},${alternatives})`,
    want: { topLogProbs: alternatives },
    value: (path) => {
      const first = baselineOf(path, baseline);
      const now = openingEntropy(lastTurn(path).generation, parsed);
      const before = first === undefined ? null : openingEntropy(first.generation, parsed);
      return now === null || before === null ? null : now - before;
    },
  };
}
