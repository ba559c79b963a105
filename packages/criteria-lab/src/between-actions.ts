/** The continuations that began with one action. */
export interface ActionOutcomes {
  readonly action: string;
  readonly continuations: number;
  readonly successes: number;
}

type Counts = Pick<ActionOutcomes, 'continuations' | 'successes'>;

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/**
 * How much of the variance of success lies between first actions, Var_a[Q] with actions as likely as the policy takes them, from
 * the table of a one-way analysis of variance. With A actions, n_a continuations of action a, their mean m_a and the overall mean
 * m over n continuations,
 *
 *     MSB = Σ_a n_a (m_a - m)² / (A - 1)          MSW = Σ_a n_a m_a (1 - m_a) / (n - A)
 *     Var_a[Q] = (A - 1) / (n - 1) · (MSB - MSW)  =  n/(n-1) m (1-m) - MSW,
 *
 * the unbiased variance of success less what is left within actions. It is the random-effects estimate `(MSB - MSW) / n₀` of the
 * variance of equally likely actions, times the chance that two continuations begin differently. An estimate below 0 is luck and
 * stays as it is: cut off at 0, averages over turns would be too large.
 *
 * @returns 0 for a single action; null when no action was taken twice, for then nothing tells actions from luck
 * @see S. R. Searle, G. Casella, C. E. McCulloch, Variance Components (1992), section 3.6
 */
export function betweenActionVariance(groups: readonly Counts[]): number | null {
  const taken = groups.filter(({ continuations }) => continuations > 0);
  const n = sum(taken.map(({ continuations }) => continuations));
  const actions = taken.length;
  if (actions === 0 || (actions > 1 && actions === n)) return null;
  if (actions === 1) return 0;
  const mean = sum(taken.map(({ successes }) => successes)) / n;
  const between = sum(
    taken.map(
      ({ continuations, successes }) => continuations * (successes / continuations - mean) ** 2,
    ),
  );
  const within = sum(
    taken.map(({ continuations, successes }) => successes * (1 - successes / continuations)),
  );
  return (between - (within * (actions - 1)) / (n - actions)) / (n - 1);
}

/**
 * The standard error of {@link betweenActionVariance} by the delete-one jackknife: `√((n-1)/n Σ_i (θ_i - mean θ)²)`, where θ_i is
 * the estimate without continuation i.
 *
 * @returns null when the estimate, or one without some continuation, is
 */
export function betweenActionError(groups: readonly Counts[]): number | null {
  const n = sum(groups.map(({ continuations }) => continuations));
  // Continuations of one action with one outcome are exchangeable, so each kind is deleted once and counted as often as it is there.
  const without = groups.flatMap(({ continuations, successes }, at) =>
    [
      { times: successes, successes: successes - 1 },
      { times: continuations - successes, successes },
    ]
      .filter(({ times }) => times > 0)
      .map((left) => ({
        times: left.times,
        estimate: betweenActionVariance(
          groups.with(at, { continuations: continuations - 1, successes: left.successes }),
        ),
      })),
  );
  const estimates: { times: number; estimate: number }[] = [];
  for (const { times, estimate } of without) {
    if (estimate === null) return null;
    estimates.push({ times, estimate });
  }
  if (n < 2 || betweenActionVariance(groups) === null) return null;
  const mean = sum(estimates.map(({ times, estimate }) => times * estimate)) / n;
  const squares = sum(estimates.map(({ times, estimate }) => times * (estimate - mean) ** 2));
  return Math.sqrt(((n - 1) / n) * squares);
}
