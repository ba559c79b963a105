import { agentProtocol, namedGrammars, type GrammarName } from '@spark-rl/agent-protocol';
import { InvalidInputError } from '@spark-rl/core';

import { presetNamed } from '../../config/presets.js';
import type { TrainConfig } from '../../config/schema.js';
import { openWorld, type World } from '../../worlds/world.js';
import { parseKinds } from '../alfworld/options.js';
import { oneOf, type EvalOptions } from './eval-options.js';

/** The world that a served model is measured in, and the limits of its episodes. */
export interface ServedSettings {
  readonly world: World;
  readonly config: TrainConfig;
  /** The prompts as messages: the chat of any server will do. */
  readonly chat: boolean;
  /** What is measured, in words. */
  readonly what: string;
}

/**
 * A run's own world, with the words that its models were trained to answer; or, without a run, the embedded games of ALFWorld in their full
 * size, with all the words that a model needs that was not trained on them: the rules, the last five turns, the actions that can be taken.
 *
 * @param run - the configuration of a run, where there is one
 */
export async function servedSettings(
  run: TrainConfig | undefined,
  options: Pick<EvalOptions, 'grammar' | 'size' | 'games' | 'heldOut' | 'maxTokens'>,
): Promise<ServedSettings> {
  if (run !== undefined) {
    const world = await openWorld(run);
    const chat = run.agent.prompt === 'messages';
    return { world, config: run, chat, what: `the world and the words of the run` };
  }
  const grammar = oneOf('--grammar', options.grammar, Object.keys(namedGrammars) as GrammarName[]);
  const size = oneOf('--size', options.size, ['small', 'full'] as const);
  const base = presetNamed('quickstart');
  const { environment } = base;
  if (environment.id !== 'alfworld')
    throw new InvalidInputError('the preset has another world', { field: '--policy' });
  const config: TrainConfig = {
    ...base,
    environment: {
      ...environment,
      size,
      games: options.games ?? null,
      heldOut: options.heldOut === undefined ? [] : [...parseKinds(options.heldOut, '--held-out')],
      maxTurns: size === 'full' || options.games !== undefined ? 30 : environment.maxTurns,
    },
    rollout: { ...base.rollout, maxResponseTokens: options.maxTokens },
  };
  const world = await openWorld(config);
  const protocol = agentProtocol({ grammar, form: 'messages' });
  return {
    world: { ...world, protocol },
    config,
    chat: true,
    what: `${protocol.id} in ${options.games ?? `embedded ALFWorld, ${size}`}`,
  };
}
