/**
 * How the terms of tokens become one number. With turns of weight W and T response tokens each, over the optimiser step:
 *
 * - `token-mean`: sum W sum_t x_t / sum (W T). Every token counts alike, long responses more (DAPO, arXiv 2503.14476).
 * - `sequence-mean`: sum W (sum_t x_t / T) / sum W. Every response counts alike (GRPO, arXiv 2402.03300); what GSPO takes.
 * - `constant-length`: sum W sum_t x_t / (L sum W) with a constant L. A token counts alike whatever the response's length and its
 *   neighbours' (Dr. GRPO, arXiv 2503.20783).
 */
export type Aggregation = 'token-mean' | 'sequence-mean' | 'constant-length';

/** A response as aggregation sees it. */
export interface WeighedResponse {
  /** W. */
  readonly weight: number;
  /** T, in tokens. */
  readonly length: number;
}

/**
 * What the tokens of a response are divided by, so that plain sums over all micro-batches of the step give the aggregate.
 *
 * @param responses - all responses of the optimiser step
 * @param constantLength - L, read by `constant-length` only
 */
export function tokenDivisor(
  aggregation: Aggregation,
  responses: readonly WeighedResponse[],
  constantLength = 1,
): (response: WeighedResponse) => number {
  const weights = responses.reduce((sum, { weight }) => sum + weight, 0);
  switch (aggregation) {
    case 'token-mean': {
      const tokens = responses.reduce((sum, { weight, length }) => sum + weight * length, 0);
      return () => tokens;
    }
    case 'sequence-mean':
      return ({ length }) => weights * length;
    case 'constant-length':
      return () => weights * constantLength;
  }
}
