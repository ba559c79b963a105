import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { lastTurn, type Signal } from './signal.js';

/**
 * What an agent says when it is not sure, as regular expressions; the default of {@link doubtSignal}. English, matched whatever
 * the case.
 */
export const DOUBT_PHRASES: readonly string[] = [
  "(?:\\bnot|n['’]t) (?:(?:entirely|completely|quite|really|so|yet) )?(?:sure|certain)\\b",
  '\\b(?:unsure|uncertain|unclear)\\b',
  '\\b(?:maybe|perhaps|possibly)\\b',
  '\\b(?:might|could) (?:also )?be\\b',
  "\\bi (?:do not|don['’]t) know\\b",
  '\\bno idea\\b',
];

/** The options that say what counts as doubt. */
export const doubtShape = {
  patterns: z
    .array(z.union([z.string(), z.instanceof(RegExp)]))
    .min(1)
    .default([...DOUBT_PHRASES]),
  where: z.enum(['response', 'reasoning']).default('response'),
};

const doubtSignalOptions = z.strictObject(doubtShape);

/** What counts as doubt, and where it is looked for, in {@link doubtSignal}. */
export type DoubtSignalOptions = z.input<typeof doubtSignalOptions>;

/** A pattern that finds all matches and remembers nothing: the flags g and y of a RegExp make it carry a position from call to call. */
function compile(pattern: string | RegExp): RegExp {
  const source = typeof pattern === 'string' ? pattern : pattern.source;
  const flags = typeof pattern === 'string' ? 'i' : pattern.flags.replace(/[gy]/g, '');
  const refuse = (why: string, cause?: unknown): InvalidInputError =>
    new InvalidInputError(
      `options of doubtSignal: patterns: ${why} (found ${JSON.stringify(source)})`,
      {
        field: 'patterns',
        value: source,
        remedy: 'Give regular expressions that match the words of doubt.',
        cause,
      },
    );
  let expression: RegExp;
  try {
    expression = new RegExp(source, `${flags}g`);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : 'no regular expression', error);
  }
  if (''.search(expression) === 0)
    throw refuse('matches the empty text, so it would match any response');
  return expression;
}

/** Names the patterns in an id, the default ones by one word: ids stand in the settings of every tree. */
const nameOf = (patterns: readonly (string | RegExp)[]): string =>
  patterns.map(String).join('|') === DOUBT_PHRASES.join('|') ? 'default' : patterns.join('|');

/**
 * How often the agent voices doubt: the number of matches of the patterns in its response, a whole number of at least 0. Always
 * known; it needs nothing but the text.
 *
 * @param options.patterns - regular expressions, as texts (matched whatever the case) or as RegExp with their own flags;
 *   {@link DOUBT_PHRASES} by default
 * @param options.where - `response` (default): the whole text; `reasoning`: the reasoning that the grammar found, which is empty in
 *   a response without one
 * @throws InvalidInputError when a pattern is no regular expression, or matches the empty text
 */
export function doubtSignal(options: DoubtSignalOptions = {}): Signal {
  const { patterns, where } = parseInput(doubtSignalOptions, options, 'options of doubtSignal');
  const expressions = patterns.map(compile);
  return {
    id: `doubt(${where},${nameOf(patterns)})`,
    value: (path) => {
      const { generation, response } = lastTurn(path);
      const text = where === 'response' ? generation.text : response.reasoning;
      return expressions.reduce(
        (sum, expression) => sum + (text.match(expression)?.length ?? 0),
        0,
      );
    },
  };
}
