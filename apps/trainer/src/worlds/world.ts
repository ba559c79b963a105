import type { AgentBrief, AgentProtocol, Expert, SomeEnvironment, Task } from '@spark-rl/core';

import type { TrainConfig } from '../config/schema.js';
import { alfworldWorld } from './alfworld-world.js';
import { agentWords } from './agent-words.js';
import { scienceworldWorld } from './scienceworld-world.js';
import { webshopWorld } from './webshop-world.js';

/** A kind of world, opened: what it is, and which tasks it has. */
export interface WorldParts {
  readonly environment: SomeEnvironment;
  readonly expert: Expert;
  readonly brief: AgentBrief;
  readonly splits: {
    /** What success is measured on. */
    readonly unseen: string;
    /** All that there are. */
    readonly names: readonly string[];
    /** Why the level L2 is none of them, in a world that has levels; absent otherwise. */
    readonly noL2?: string;
  };
  /** What kinds of task belong together under, such as a topic; absent where every kind stands for itself. */
  readonly topicOf?: (kind: string) => string;
  /** At most `count` tasks of a split; the same arguments give the same tasks. */
  readonly tasks: (split: string, seed: number, count: number) => Promise<readonly Task[]>;
  /**
   * Exactly `count` tasks to learn from in a step, counted from 1; step 0 is the warm-up. Where there are finitely many, steps go through
   * all of them in a new order each time round; the steps before need not have been asked for.
   */
  readonly trainingTasks: (seed: number, step: number, count: number) => Promise<readonly Task[]>;
  /** Texts that part what is observed, where there are any: single tokens of a tokenizer that is trained for the world. */
  readonly separators?: readonly string[];
  /** Whether what is observed first says the task too. */
  readonly tellsTask: boolean;
  readonly close?: () => Promise<void>;
}

/** The world an agent is trained in, and how it is spoken of. */
export interface World extends WorldParts {
  readonly protocol: AgentProtocol;
}

/** What decides which world it is. */
export type WorldConfig = Pick<TrainConfig, 'environment' | 'agent' | 'model'>;

async function openParts({ environment }: WorldConfig): Promise<WorldParts> {
  switch (environment.id) {
    case 'alfworld':
      return alfworldWorld(environment);
    case 'webshop':
      return webshopWorld(environment);
    case 'scienceworld':
      return scienceworldWorld(environment);
  }
}

/**
 * Opens the world of a configuration.
 *
 * @throws InvalidInputError when its data cannot be read
 */
export async function openWorld(config: WorldConfig): Promise<World> {
  const parts = await openParts(config);
  const { protocol, expert } = agentWords(config.agent, config.model, parts);
  return { ...parts, protocol, expert };
}
