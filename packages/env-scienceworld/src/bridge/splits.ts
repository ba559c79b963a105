/** The splits of the simulator's variations. */
export type SimulatorSplit = 'train' | 'dev' | 'test';

/**
 * The variations of a split, out of `count`: half of them for training and a quarter for each of the others, in order; what is left over by
 * dividing into four goes to `test`. With fewer than five the simulator has its own table.
 */
export function splitVariations(count: number, split: SimulatorSplit): readonly number[] {
  if (count < 5) {
    const small = {
      train: [[], [0], [0], [0], [0, 1]],
      dev: [[], [], [], [1], [2]],
      test: [[], [0], [1], [2], [3]],
    } satisfies Record<SimulatorSplit, number[][]>;
    return small[split][count] ?? [];
  }
  const quarter = Math.floor(count / 4);
  const [from, to] = {
    train: [0, 2 * quarter],
    dev: [2 * quarter, 3 * quarter],
    test: [3 * quarter, Math.min(count, 5 * quarter)],
  }[split] as [number, number];
  return Array.from({ length: to - from }, (_, i) => from + i);
}
