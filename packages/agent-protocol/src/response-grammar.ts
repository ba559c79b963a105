import { InvalidInputError, parseInput, type ParsedResponse } from '@spark-rl/core';

import {
  responseGrammarSchema,
  type ResponseGrammarOptions,
  type ResponseGrammarSettings,
} from './grammar-options.js';
import { findBlocks, type Block } from './response-blocks.js';

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

/** What a response says, by the rules. `reasoning` is absent where the rules do not ask for one and there is none. */
interface Content {
  readonly reasoning?: Block | undefined;
  readonly action: Block;
}

/** The block that counts; undefined where none is needed; or, as a text, why the response is invalid. */
function pickBlock(
  text: string,
  tags: readonly string[],
  what: string,
  rules: { readonly exactlyOne: boolean; readonly optional: boolean; readonly last: boolean },
  strayTags: ResponseGrammarSettings['strayTags'],
): Block | string | undefined {
  const { blocks, claimed, broken } = findBlocks(text, tags);
  const refusesStray = strayTags === 'refuse';
  const total = refusesStray ? claimed : blocks.length;
  const missing = `no ${tags.map((tag) => `<${tag}>`).join(' or ')} block`;
  if (refusesStray && broken !== undefined) return broken;
  if (refusesStray && !rules.exactlyOne && claimed !== blocks.length)
    return `${what} tags that make no block`;
  if (total === 0) return rules.optional ? undefined : missing;
  if (rules.exactlyOne && total > 1) return `${count(total)} ${what} blocks`;
  return (rules.last ? blocks.at(-1) : blocks[0]) ?? missing;
}

function readContent(text: string, settings: ResponseGrammarSettings): Content | string {
  const { modes, actionTag, strayTags } = settings;
  if (settings.rejectCjk && cjk.test(text)) return 'Chinese, Japanese or Korean characters';
  const action = pickBlock(
    text,
    [actionTag],
    `<${actionTag}>`,
    { exactlyOne: settings.oneAction, optional: false, last: true },
    strayTags,
  );
  if (typeof action === 'string') return action;
  const reasoning = pickBlock(
    text,
    Object.values(modes),
    'reasoning',
    { exactlyOne: settings.oneReasoning, optional: !settings.oneReasoning, last: false },
    strayTags,
  );
  if (typeof reasoning === 'string') return reasoning;
  if (reasoning !== undefined) {
    const before = reasoning.start < action!.start;
    if (!before && settings.reasoningFirst) return 'the action stands before the reasoning';
    if (before && reasoning.end > action!.start) return 'the action stands inside the reasoning';
    if (!before && action!.end > reasoning.start) return 'the reasoning stands inside the action';
    if (reasoning.content === '' && settings.nonEmptyReasoning) return 'the reasoning is empty';
  }
  if (action!.content === '') return 'the action is empty';
  return { reasoning, action: action! };
}

/**
 * A grammar of tagged responses: reasoning in one of several modes, then an action. Its defaults are SPARK's (arXiv 2601.20209,
 * section 2 and its published code): exactly one reasoning block in exactly one mode and then exactly one action block, neither
 * empty, and no Chinese, Japanese or Korean characters. Text around the blocks is allowed. Tags are case-sensitive.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function responseGrammar(options: ResponseGrammarOptions = {}): ResponseGrammar {
  const settings = parseInput(responseGrammarSchema, options, 'options of responseGrammar');
  const { modes, actionTag, separator } = settings;
  const modeOf = new Map(Object.entries(modes).map(([mode, tag]) => [tag, mode]));

  return {
    modes,
    actionTag,
    parse: (text) => {
      const content = readContent(text, settings);
      if (typeof content === 'string') {
        // The first closed reasoning block all the same: what the agent felt is worth knowing even when it blundered.
        const [felt] = findBlocks(text, Object.values(modes)).blocks;
        const mode = felt === undefined ? null : modeOf.get(felt.tag)!;
        return { valid: false, reason: content, mode, reasoning: felt?.content ?? '', action: '' };
      }
      const { reasoning, action } = content;
      return {
        valid: true,
        mode: reasoning === undefined ? null : modeOf.get(reasoning.tag)!,
        reasoning: reasoning?.content ?? '',
        action: action.content,
      };
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
      const [reasoning, action] = [turn.reasoning.trim(), turn.action.trim()];
      const text = `<${tag}>${reasoning}</${tag}>${separator}<${actionTag}>${action}</${actionTag}>`;
      const content = readContent(text, settings);
      const changed =
        typeof content !== 'string' &&
        (content.reasoning?.content !== reasoning || content.action.content !== action);
      if (typeof content === 'string' || changed) {
        const problem = changed ? 'a part holds the tags of another' : (content as string);
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
