import type { AdapterProbe } from './adapter-server.js';

/**
 * Why a probe is not that of the same weights as another; undefined when it may be. Servers round differently, so the tokens may part
 * where two are nearly as likely: what is compared are the log-probabilities up to the first that differs.
 */
export function disagreement(
  probe: AdapterProbe,
  other: AdapterProbe,
  tolerance: number,
): string | undefined {
  const { tokens, logProbs } = probe;
  if (tokens.length === 0 || logProbs.length !== tokens.length)
    return `it answered ${tokens.length} tokens and ${logProbs.length} log-probabilities`;
  for (const [i, token] of tokens.entries()) {
    const [mine, theirs] = [logProbs[i]!, other.logProbs[i] ?? NaN];
    if (!(mine <= 1e-3)) return `a log-probability of ${mine}`;
    if (!(Math.abs(mine - theirs) <= tolerance))
      return `token ${i} has log-probability ${mine}, elsewhere ${theirs}`;
    if (token !== other.tokens[i]) return undefined;
  }
  return undefined;
}
