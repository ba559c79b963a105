import { sparkProtocol } from '@spark-rl/agent-protocol';
import type { AgentBrief, AgentProtocol, Environment, Expert, Task } from '@spark-rl/core';
import {
  alfworldBrief,
  householdEnvironment,
  householdExpert,
  type AlfworldState,
} from '@spark-rl/env-alfworld';

import type { TrainConfig } from '../config/schema.js';

/** The world an agent is trained in, and how it is spoken of. */
export interface World {
  readonly environment: Environment<AlfworldState>;
  readonly expert: Expert;
  readonly brief: AgentBrief;
  readonly protocol: AgentProtocol;
  /** `count` games of a split; the same arguments give the same games. */
  readonly tasks: (split: string, seed: number, count: number) => readonly Task[];
}

/**
 * Opens the household games of a configuration. Transcripts grow without a window, and say neither the rules nor the task beside
 * what the game says itself: a model that is trained from scratch learns both from the games.
 */
export function openWorld(config: Pick<TrainConfig, 'environment' | 'warmup'>): World {
  const { size, kinds, rooms, maxTurns } = config.environment;
  const environment = householdEnvironment({ size, kinds, rooms, maxSteps: maxTurns });
  const { searchNoise, wastedTurns, reasoning } = config.warmup;
  return {
    environment,
    expert: householdExpert({ searchNoise, wastedTurns, reasoning }),
    brief: alfworldBrief(),
    protocol: sparkProtocol({ form: 'transcript', brief: false, instruction: false }),
    tasks: (split, seed, count) => environment.tasks({ split, seed, count }) as readonly Task[],
  };
}
