import { parseInput, type AgentProtocol } from '@spark-rl/core';
import { z } from 'zod';

import { responseGrammarSchema } from './grammar-options.js';
import { messagesPrompt } from './messages-prompt.js';
import { namedGrammars, type GrammarName, type NamedGrammar } from './named-grammars.js';
import { responseGrammar } from './response-grammar.js';
import { transcriptPrompt } from './transcript-prompt.js';

const rules = responseGrammarSchema.shape;

const shared = {
  modes: rules.modes.unwrap().optional(),
  meanings: z.record(z.string(), z.string()).optional(),
  reasoning: z.string().min(1).optional(),
  actionTag: rules.actionTag,
  oneAction: rules.oneAction,
  oneReasoning: rules.oneReasoning,
  nonEmptyReasoning: rules.nonEmptyReasoning,
  reasoningFirst: rules.reasoningFirst,
  rejectCjk: rules.rejectCjk,
  strayTags: rules.strayTags,
};

const messagesFields = {
  form: z.literal('messages'),
  ...shared,
  separator: rules.separator,
  history: z.int().min(0).default(5),
  responses: z.int().min(0).optional(),
  admissible: z.boolean().default(true),
};

const transcriptFields = {
  form: z.literal('transcript'),
  ...shared,
  separator: rules.separator.unwrap().default(''),
  brief: z.boolean().default(true),
  instruction: z.boolean().default(true),
  admissible: z.boolean().default(false),
  beforeObservation: z.string().default('\n'),
  afterObservation: z.string().default('\n'),
};

/** The settings of a protocol whose grammar is known. */
export const wordsSchema = z.discriminatedUnion('form', [
  z.strictObject(messagesFields),
  z.strictObject(transcriptFields),
]);

const grammarName = z.enum(
  Object.keys(namedGrammars) as [GrammarName, ...GrammarName[]],
  `there is no such grammar; choose one of: ${Object.keys(namedGrammars).join(', ')}; or give modes of your own`,
);

const optionsSchema = z.discriminatedUnion('form', [
  z.strictObject({ ...messagesFields, grammar: grammarName.default('spark') }),
  z.strictObject({ ...transcriptFields, grammar: grammarName.default('spark') }),
]);

/** The settings of {@link agentProtocol}; only `form` must be given. */
export type AgentProtocolOptions = z.input<typeof optionsSchema>;

/** Puts a grammar and words together. Whoever gives modes of their own gets no meanings that belong to others. */
export function protocolOf(
  name: string,
  named: NamedGrammar,
  settings: z.output<typeof wordsSchema>,
): AgentProtocol {
  const modes = settings.modes ?? named.modes;
  const grammar = responseGrammar({
    modes,
    actionTag: settings.actionTag,
    separator: settings.separator,
    oneAction: settings.oneAction,
    oneReasoning: settings.oneReasoning,
    nonEmptyReasoning: settings.nonEmptyReasoning,
    reasoningFirst: settings.reasoningFirst,
    rejectCjk: settings.rejectCjk,
    strayTags: settings.strayTags,
  });
  const layout = {
    grammar,
    meanings: settings.meanings ?? named.meanings,
    reasoning: settings.reasoning ?? named.reasoning,
  };
  const common = {
    id: `${name}-${settings.form}`,
    wantsAdmissible: settings.admissible,
    parse: grammar.parse,
    render: grammar.render,
  };
  if (settings.form === 'messages') {
    const { history, responses = named.responses } = settings;
    return {
      ...common,
      prompt: (context) => messagesPrompt(context, { ...layout, history, responses }),
    };
  }
  const { brief, instruction, beforeObservation, afterObservation } = settings;
  return {
    ...common,
    prompt: (context) =>
      transcriptPrompt(context, {
        ...layout,
        brief,
        instruction,
        beforeObservation,
        afterObservation,
      }),
  };
}

/**
 * The words between an agent and its world in any of the {@link namedGrammars}, or with reasoning modes of your own: give `modes`, and
 * `meanings` that say when to use each. `form: 'messages'` makes every turn a prompt of its own with the last `history` observations and
 * actions; `form: 'transcript'` appends to what was sampled before.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function agentProtocol(options: AgentProtocolOptions): AgentProtocol {
  const { grammar, ...settings } = parseInput(optionsSchema, options, 'options of agentProtocol');
  const own = settings.modes !== undefined;
  const named: NamedGrammar = namedGrammars[grammar];
  return protocolOf(own ? 'custom' : grammar, own ? { ...named, meanings: {} } : named, settings);
}
