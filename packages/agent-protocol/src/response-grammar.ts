import { InvalidInputError, parseInput, type ParsedResponse } from '@spark-rl/core';
import { z } from 'zod';

const tagName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'give a tag name: a letter, then letters, digits, _ or -');

/** The schema of {@link ResponseGrammarOptions}. */
export const responseGrammarSchema = z
  .strictObject({
    modes: z
      .record(z.string().min(1), tagName)
      .refine((modes) => Object.keys(modes).length > 0, 'give at least one reasoning mode')
      .default({ explore: 'explore', think: 'think' }),
    actionTag: tagName.default('action'),
    separator: z.string().regex(/^\s*$/, 'give white space only').default('\n'),
    rejectCjk: z.boolean().default(true),
  })
  .refine((options) => {
    const tags = [...Object.values(options.modes), options.actionTag];
    return new Set(tags).size === tags.length;
  }, 'every mode and the action need a tag of their own');

/** What the blocks of a response are called, and what is refused. */
export type ResponseGrammarOptions = z.input<typeof responseGrammarSchema>;

/** A grammar of responses: reads them and writes them. */
export interface ResponseGrammar {
  /** The tag of each reasoning mode, in the order they are explained. */
  readonly modes: Readonly<Record<string, string>>;
  readonly actionTag: string;
  /** Takes a response apart. Never throws: an invalid response says why in `reason`. */
  readonly parse: (text: string) => ParsedResponse;
  /**
   * Writes a response; `parse` of it gives the same turn back (trimmed).
   *
   * @throws InvalidInputError when no valid response can say this turn: an unknown mode, an empty part, a tag inside a part
   */
  readonly render: (turn: {
    readonly mode: string;
    readonly reasoning: string;
    readonly action: string;
  }) => string;
}

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const numerals = ['no', 'one', 'two', 'three', 'four', 'five'];
const count = (n: number): string => numerals[n] ?? String(n);
const occurrences = (text: string, part: string): number => text.split(part).length - 1;

interface Block {
  readonly start: number;
  readonly end: number;
  readonly content: string;
}

/** The one block of these tags, or why there is not exactly one. Stray opening and closing tags count: they make the end ambiguous. */
function onlyBlock(text: string, tags: readonly string[], what: string): Block | string {
  const used = tags.flatMap((tag) => {
    const opened = occurrences(text, `<${tag}>`);
    const closed = occurrences(text, `</${tag}>`);
    return opened + closed === 0 ? [] : [{ tag, opened, closed }];
  });
  const total = used.reduce((sum, { opened, closed }) => sum + Math.max(opened, closed), 0);
  if (total === 0) return `no ${tags.map((tag) => `<${tag}>`).join(' or ')} block`;
  if (total > 1) return `${count(total)} ${what} blocks`;
  const { tag, opened, closed } = used[0]!;
  if (closed === 0) return `the <${tag}> block is not closed`;
  if (opened === 0) return `</${tag}> without <${tag}>`;
  const start = text.indexOf(`<${tag}>`);
  const close = text.indexOf(`</${tag}>`);
  if (close < start) return `</${tag}> stands before <${tag}>`;
  return {
    start,
    end: close + tag.length + 3,
    content: text.slice(start + tag.length + 2, close).trim(),
  };
}

/**
 * The response grammar of SPARK (arXiv 2601.20209, section 2 and its published code): a response is valid when it has exactly one
 * reasoning block in exactly one mode and then exactly one action block, neither empty, and no Chinese, Japanese or Korean
 * characters. Text around the blocks is allowed. Tags are case-sensitive.
 */
export function responseGrammar(options: ResponseGrammarOptions = {}): ResponseGrammar {
  const { modes, actionTag, separator, rejectCjk } = parseInput(
    responseGrammarSchema,
    options,
    'options of responseGrammar',
  );
  const tags = Object.values(modes);

  const read = (text: string): { reasoning: string; action: string } | string => {
    if (rejectCjk && cjk.test(text)) return 'Chinese, Japanese or Korean characters';
    const action = onlyBlock(text, [actionTag], `<${actionTag}>`);
    if (typeof action === 'string') return action;
    const reasoning = onlyBlock(text, tags, 'reasoning');
    if (typeof reasoning === 'string') return reasoning;
    if (reasoning.start > action.start) return 'the action stands before the reasoning';
    if (reasoning.end > action.start) return 'the action stands inside the reasoning';
    if (reasoning.content === '') return 'the reasoning is empty';
    if (action.content === '') return 'the action is empty';
    return { reasoning: reasoning.content, action: action.content };
  };

  /** The first closed reasoning block, also of an invalid response: what the agent felt is worth knowing even when it blundered. */
  const firstReasoning = (text: string): { mode: string | null; reasoning: string } => {
    const blocks = Object.entries(modes).flatMap(([mode, tag]) => {
      const start = text.indexOf(`<${tag}>`);
      const close = start < 0 ? -1 : text.indexOf(`</${tag}>`, start);
      return close < 0 ? [] : [{ mode, start, content: text.slice(start + tag.length + 2, close) }];
    });
    const [first] = blocks.sort((a, b) => a.start - b.start);
    return { mode: first?.mode ?? null, reasoning: first?.content.trim() ?? '' };
  };

  return {
    modes,
    actionTag,
    parse: (text) => {
      const found = read(text);
      const { mode, reasoning } = firstReasoning(text);
      if (typeof found === 'string')
        return { valid: false, reason: found, mode, reasoning, action: '' };
      return { valid: true, mode, ...found };
    },
    render: (turn) => {
      const tag = Object.hasOwn(modes, turn.mode) ? modes[turn.mode] : undefined;
      if (tag === undefined) {
        throw new InvalidInputError(`mode: "${turn.mode}" is not a reasoning mode`, {
          field: 'mode',
          value: turn.mode,
          remedy: `Use one of ${Object.keys(modes).join(', ')}.`,
        });
      }
      const text = `<${tag}>${turn.reasoning.trim()}</${tag}>${separator}<${actionTag}>${turn.action.trim()}</${actionTag}>`;
      const problem = read(text);
      if (typeof problem === 'string') {
        throw new InvalidInputError(`the turn cannot be written as a valid response: ${problem}`, {
          field: 'turn',
          value: turn,
          remedy: 'Give non-empty reasoning and action, without tags or refused characters.',
        });
      }
      return text;
    },
  };
}

/** Takes one response apart; for many responses, make the grammar once with {@link responseGrammar}. */
export const parseResponse = (text: string, options: ResponseGrammarOptions = {}): ParsedResponse =>
  responseGrammar(options).parse(text);
