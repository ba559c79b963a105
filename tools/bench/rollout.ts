import { type BenchRow } from './report.js';
import { benchMakespan } from './rollout/makespan.js';
import { benchMemory } from './rollout/memory.js';
import { benchOverhead } from './rollout/overhead.js';

/** What a turn costs in the scheduler, how long trees take beside a lock-step loop, and what they hold of the heap. */
export async function benchRollout(): Promise<readonly BenchRow[]> {
  return [...(await benchOverhead()), ...(await benchMakespan()), ...benchMemory()];
}
