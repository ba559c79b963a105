import { chaos } from '../tests/chaos.js';

it('survives 1,000 trees of errors, hangs, delays and cancellations', async () => {
  const seed = Number(process.env['LONG_SEED'] ?? 1);
  const met = await chaos(seed, 1000);
  console.log(`seed ${seed}: ${JSON.stringify(met)}`);
  expect(met.alive).toBe(0);
  expect(met.cancelled).toBeGreaterThan(100);
  expect(met.failedLeaves).toBeGreaterThan(500);
});
