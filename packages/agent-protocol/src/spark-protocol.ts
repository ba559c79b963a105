import { parseInput, type AgentProtocol } from '@spark-rl/core';
import { z } from 'zod';

import { sparkModeMeanings } from './explanation.js';
import { messagesPrompt } from './messages-prompt.js';
import { responseGrammar, responseGrammarSchema } from './response-grammar.js';
import { transcriptPrompt } from './transcript-prompt.js';

const grammar = responseGrammarSchema.shape;
const shared = {
  modes: grammar.modes,
  actionTag: grammar.actionTag,
  rejectCjk: grammar.rejectCjk,
  meanings: z.record(z.string(), z.string()).default(sparkModeMeanings),
};

const messagesSchema = z.strictObject({
  form: z.literal('messages'),
  ...shared,
  separator: grammar.separator,
  history: z.int().min(0).default(5),
  admissible: z.boolean().default(true),
});

const transcriptSchema = z.strictObject({
  form: z.literal('transcript'),
  ...shared,
  separator: grammar.separator.unwrap().default(''),
  brief: z.boolean().default(true),
  instruction: z.boolean().default(true),
  admissible: z.boolean().default(false),
  beforeObservation: z.string().default('\n'),
  afterObservation: z.string().default('\n'),
});

const optionsSchema = z.discriminatedUnion('form', [messagesSchema, transcriptSchema]);

/** The settings of {@link sparkProtocol}; only `form` must be given. */
export type SparkProtocolOptions = z.input<typeof optionsSchema>;

/**
 * The words between an agent and its world in SPARK (arXiv 2601.20209, section 2): two reasoning modes, of which `explore` says
 * that the agent is unsure, then one action.
 *
 * `form: 'messages'` makes every turn a prompt of its own with the last `history` observations and actions, as in the paper.
 * `form: 'transcript'` appends to what was sampled before, without a window.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function sparkProtocol(options: SparkProtocolOptions): AgentProtocol {
  const settings = parseInput(optionsSchema, options, 'options of sparkProtocol');
  const { modes, actionTag, separator, rejectCjk, meanings } = settings;
  const responses = responseGrammar({ modes, actionTag, separator, rejectCjk });
  const common = {
    wantsAdmissible: settings.admissible,
    parse: responses.parse,
    render: responses.render,
  };
  if (settings.form === 'messages') {
    const layout = { grammar: responses, meanings, history: settings.history };
    return {
      ...common,
      id: 'spark-messages',
      prompt: (context) => messagesPrompt(context, layout),
    };
  }
  const layout = {
    grammar: responses,
    meanings,
    brief: settings.brief,
    instruction: settings.instruction,
    beforeObservation: settings.beforeObservation,
    afterObservation: settings.afterObservation,
  };
  return {
    ...common,
    id: 'spark-transcript',
    prompt: (context) => transcriptPrompt(context, layout),
  };
}
