import { parseInput, type AgentProtocol } from '@spark-rl/core';
import type { z } from 'zod';

import { protocolOf, wordsSchema } from './agent-protocol.js';
import { namedGrammars } from './named-grammars.js';

/** The settings of {@link sparkProtocol}; only `form` must be given. */
export type SparkProtocolOptions = z.input<typeof wordsSchema>;

/**
 * The words between an agent and its world in SPARK (arXiv 2601.20209, section 2): two reasoning modes, of which `explore` says
 * that the agent is unsure, then one action.
 *
 * `form: 'messages'` makes every turn a prompt of its own with the last `history` observations and actions, as in the paper.
 * `form: 'transcript'` appends to what was sampled before, without a window.
 *
 * @throws InvalidInputError naming the wrong option
 */
export const sparkProtocol = (options: SparkProtocolOptions): AgentProtocol =>
  protocolOf(
    'spark',
    namedGrammars.spark,
    parseInput(wordsSchema, options, 'options of sparkProtocol'),
  );
