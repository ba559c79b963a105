/** What a Java process takes beside its heap: classes, compiled code, stacks, the collector; MiB. Measured: about 150. */
const BESIDE_HEAP_MB = 192;
/** What is left to everything else. */
const SHARE = 0.75;
/** More processes than this cost more in switching between them than they save in replays. */
const MOST = 64;

/**
 * How many simulators fit into the memory that is free: floor(0.75 free / (heap + 192 MiB)), at least 1 and at most 64.
 *
 * @param freeBytes - what the machine, or the container, can still give
 * @param heapMb - the bound of one simulator's heap, MiB
 */
export function capacityFromMemory(freeBytes: number, heapMb: number): number {
  const each = (heapMb + BESIDE_HEAP_MB) * 1024 * 1024;
  return Math.min(MOST, Math.max(1, Math.floor((SHARE * freeBytes) / each)));
}
