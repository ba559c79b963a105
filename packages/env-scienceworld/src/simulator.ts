import type { CallOptions } from '@spark-rl/core';

/** What is loaded: a task by name, one of its variations, and how the world is simplified. */
export interface SimulatorTask {
  /** Name as the simulator lists it, such as `boil`. */
  readonly task: string;
  readonly variation: number;
  /** The simulator's own string: `easy`, `''`, or names joined by commas. */
  readonly simplifications: string;
  /** Whether the gold path is generated too, which makes loading slow. */
  readonly goldPath?: boolean;
}

/**
 * What is asked of the simulator around each action. Its list of valid actions draws from the one random generator of the world, so two orders can
 * lead to different worlds: the order belongs to the key of a replay.
 *
 * - `official`: what the original's Python class asks, the valid actions included, after every action;
 * - `lean`: the valid actions only when somebody wants them. Several times as fast.
 */
export type CallOrder = 'official' | 'lean';

/** What one action gave. */
export interface SimulatorStep {
  readonly observation: string;
  /** `getScore`: from 0 to 1, or -1 after an action that spoilt the task. */
  readonly rawScore: number;
  /** `getCompleted`. */
  readonly completed: boolean;
  /** `getNumMoves`: ticks of the world, not actions. */
  readonly moves: number;
  /** With the call order `official`, what it asks beside. */
  readonly look?: string;
  readonly inventory?: string;
  readonly validActions?: readonly string[];
}

/** What is known of a loaded task before the first action of the agent. */
export interface SimulatorStart extends SimulatorStep {
  readonly taskDescription: string;
  /** Empty unless it was asked for. */
  readonly goldPath: readonly string[];
}

/**
 * One live simulator: a process that holds one world. The jar's bridge is one; a native simulator would be another.
 * Calls are made one after another; after an error the simulator is not used again.
 */
export interface Simulator {
  /** Version of the simulator: texts differ between versions, so it belongs to the key of a replay. */
  readonly version: string;
  readonly callOrder: CallOrder;
  /** Loads a task, then looks around, as the original's Python class does. */
  readonly load: (task: SimulatorTask, options?: CallOptions) => Promise<SimulatorStart>;
  readonly step: (action: string, options?: CallOptions) => Promise<SimulatorStep>;
  /** Every action that would do something now; it draws from the simulator's random numbers. */
  readonly validActions: (options?: CallOptions) => Promise<readonly string[]>;
  /** What `look around` would show (`freeActionLook`), without acting: no tick, no random number. */
  readonly look: (options?: CallOptions) => Promise<string>;
  /** What `inventory` would show (`freeActionInventory`), without acting. */
  readonly inventory: (options?: CallOptions) => Promise<string>;
  readonly taskNames: (options?: CallOptions) => Promise<readonly string[]>;
  /** The variations of a task by split. */
  readonly variations: (
    task: string,
    split: 'train' | 'dev' | 'test',
    options?: CallOptions,
  ) => Promise<readonly number[]>;
  readonly close: () => Promise<void>;
}
