import { jarSimulator, type CallOrder, type Simulator } from '@spark-rl/env-scienceworld';

/** Where the simulator is. */
export interface JarPlace {
  readonly jar?: string;
  readonly java?: string;
}

/** Starts the user's simulator. */
export const openJar = (
  { jar, java }: JarPlace,
  callOrder: CallOrder,
  signal: AbortSignal,
): Promise<Simulator> =>
  jarSimulator(
    { callOrder, ...(jar !== undefined && { jar }), ...(java !== undefined && { java }) },
    { signal },
  );

/** Uses a simulator and closes it, whatever happens. */
export async function withSimulator<Result>(
  open: () => Promise<Simulator>,
  use: (simulator: Simulator) => Promise<Result>,
): Promise<Result> {
  const simulator = await open();
  try {
    return await use(simulator);
  } finally {
    await simulator.close();
  }
}
