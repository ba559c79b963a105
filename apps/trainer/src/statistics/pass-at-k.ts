/**
 * pass@k: how probable it is that at least one of k episodes of a task succeeds, by the unbiased estimator from n episodes of which c did
 * (Chen et al. 2021, arXiv 2107.03374, equation 1): `1 - C(n - c, k) / C(n, k)`, as the product `1 - prod_{i = n-c+1}^{n} (1 - k / i)`,
 * whose factors lie in [0, 1], so that nothing overflows. `1 - (1 - c/n)^k` would be biased downwards.
 *
 * @param n - episodes of the task, a whole number from 1
 * @param c - how many of them succeeded, from 0 to n
 * @param k - how many are drawn, from 1 to n
 * @returns a share in [0, 1]
 * @throws RangeError when the numbers are none of these
 */
export function passAtK(n: number, c: number, k: number): number {
  if (![n, c, k].every(Number.isInteger) || c < 0 || c > n || k < 1 || k > n) {
    throw new RangeError(
      `pass@${k} of ${c} successes in ${n} episodes: give whole numbers, 0 <= c <= n and 1 <= k <= n`,
    );
  }
  // Fewer failures than draws: every draw of k has a success.
  if (n - c < k) return 1;
  let noSuccess = 1;
  for (let i = n - c + 1; i <= n; i++) noSuccess *= 1 - k / i;
  return 1 - noSuccess;
}
