/** A token as the entropy threshold sees it. */
export interface WeighedEntropy {
  /** H, nats. */
  readonly entropy: number;
  /** W of its turn. */
  readonly weight: number;
}

/**
 * The least entropy that is among the highest `share` of tokens: the largest tau such that the tokens with H >= tau weigh at least `share` of
 * all (Wang et al., "Beyond the 80/20 rule", arXiv 2506.01939: training on the top 0.2 alone). Weighted by W, so that a shared turn counts
 * as all its copies. Only the policy term of lower tokens is left out; they keep counting in the mean.
 *
 * @param share - in (0, 1]; 1 keeps every token
 * @returns -Infinity when all tokens are kept
 */
export function entropyThreshold(tokens: readonly WeighedEntropy[], share: number): number {
  if (share >= 1) return -Infinity;
  const wanted = share * tokens.reduce((sum, { weight }) => sum + weight, 0);
  let kept = 0;
  for (const { entropy, weight } of [...tokens].sort((a, b) => b.entropy - a.entropy)) {
    kept += weight;
    // A hair of slack: weights such as 1/3 do not add up to the last bit.
    if (kept >= wanted * (1 - 1e-12)) return entropy;
  }
  return -Infinity;
}
