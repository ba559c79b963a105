import { chaos } from './chaos.js';

it('survives errors, hangs, delays and cancellations: nothing hangs, no leaf is lost, every ledger balances', async () => {
  const met = await chaos(1, 60);
  expect(met.alive).toBe(0);
  // The weather was bad enough.
  for (const count of [met.cancelled, met.poisoned]) expect(count).toBeGreaterThan(3);
  for (const count of [met.failedLeaves, met.retries, met.forks]) expect(count).toBeGreaterThan(30);
});
