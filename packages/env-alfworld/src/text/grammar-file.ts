import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { memoize } from '../memoize.js';
import { parseCondition, type Condition } from './condition.js';
import { parseTemplate, type Template } from './template.js';

/** One way to write a symbol. */
export interface TextRule {
  /** When it may be used; null: always. */
  readonly condition: Condition | null;
  readonly text: Template;
}

/** How an action reads. */
export interface ActionText {
  /** The command that the player types. */
  readonly command: Template;
  /** What the player is told afterwards. */
  readonly feedback: Template;
}

/** A text grammar: the rules of each symbol, first applicable first, and the texts of each action. */
export interface TextGrammar {
  readonly rules: ReadonlyMap<string, readonly TextRule[]>;
  /** By lower-case PDDL action name. */
  readonly actions: ReadonlyMap<string, ActionText>;
}

const what = 'grammar';

// Grammars differ in their task sentence only, so nearly all of their rules have been met before.
const templateOf = memoize(parseTemplate, 2048);
const conditionOf = memoize(parseCondition, 2048);
const tokenPattern =
  /\s+|#[^\n]*|(?<block>"""(?<inBlock>[\s\S]*?)""")|(?<quoted>"(?<inQuotes>[^"]*)")|(?<mark>::|[{};])|(?<word>[\w/-]+)/y;

const rulesSchema = z.record(
  z.string(),
  z.array(
    z.object({
      rhs: z.string(),
      condition: z.string().nullish(),
    }),
  ),
);
type RawRules = z.output<typeof rulesSchema>;

/**
 * Parses a TWL2 grammar. All JSON blocks, those inside actions too, go into one table of rules, where a later definition of a
 * symbol replaces an earlier one.
 *
 * @throws InvalidInputError naming the place that is not understood
 */
export function parseGrammar(source: string): TextGrammar {
  const tokens = new Tokens(source);
  const rules: RawRules = {};
  const actions = new Map<string, ActionText>();
  while (!tokens.atEnd()) {
    const word = tokens.take('word');
    if (word === 'grammar') Object.assign(rules, parseRules(tokens.field('block')));
    else if (word === 'action') {
      const name = tokens.take('word');
      const fields = parseActionBody(tokens, rules, name);
      actions.set(name.toLowerCase(), fields);
    } else throw tokens.unexpected();
  }
  const parsed = new Map<string, readonly TextRule[]>();
  for (const [symbol, alternatives] of Object.entries(rules)) {
    parsed.set(
      symbol,
      alternatives.map(({ rhs, condition }) => ({
        condition: condition ? conditionOf(condition) : null,
        text: templateOf(rhs),
      })),
    );
  }
  return { rules: parsed, actions };
}

function parseActionBody(tokens: Tokens, rules: RawRules, name: string): ActionText {
  let command: Template | null = null;
  let feedback: Template | null = null;
  tokens.mark('{');
  while (!tokens.tryMark('}')) {
    const word = tokens.take('word');
    if (word === 'template') command = templateOf(tokens.field('quoted'));
    else if (word === 'feedback') feedback = templateOf(tokens.field('quoted'));
    else if (word === 'pddl') tokens.field('block');
    else if (word === 'grammar') {
      const lines = tokens.field('block').split('\n');
      const json = lines.filter((line) => !line.trimStart().startsWith('#')).join('\n');
      Object.assign(rules, parseRules(json));
    } else throw tokens.unexpected();
  }
  if (command === null || feedback === null) {
    throw new InvalidInputError(`${what}: action ${name} lacks a template or a feedback`, {
      field: what,
      value: name,
      remedy: 'Give the action both.',
    });
  }
  return { command, feedback };
}

function parseRules(json: string): RawRules {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new InvalidInputError(`${what}: a block is not JSON (${(cause as Error).message})`, {
      field: what,
      value: json.slice(0, 80),
      remedy: 'Repair the JSON of that block.',
      cause,
    });
  }
  return parseInput(rulesSchema, value, what, 'Write rules as { "symbol": [{ "rhs": "..." }] }.');
}

type TokenKind = 'block' | 'quoted' | 'mark' | 'word';
interface Token {
  readonly kind: TokenKind | 'end';
  readonly text: string;
  readonly at: number;
}

class Tokens {
  private readonly source: string;
  private position = 0;
  private next: Token;

  constructor(source: string) {
    this.source = source;
    this.next = this.scan();
  }

  atEnd(): boolean {
    return this.next.kind === 'end';
  }

  take(kind: TokenKind): string {
    if (this.next.kind !== kind) throw this.unexpected();
    const { text } = this.next;
    this.next = this.scan();
    return text;
  }

  mark(text: string): void {
    if (!this.tryMark(text)) throw this.unexpected();
  }

  tryMark(text: string): boolean {
    if (this.next.kind !== 'mark' || this.next.text !== text) return false;
    this.next = this.scan();
    return true;
  }

  /** The value in `:: value ;`. */
  field(kind: 'block' | 'quoted'): string {
    this.mark('::');
    const value = this.take(kind);
    this.mark(';');
    return value;
  }

  unexpected(): InvalidInputError {
    const line = this.source.slice(0, this.next.at).split('\n').length;
    const found = this.source.slice(this.next.at, this.next.at + 40);
    return new InvalidInputError(`${what}: not understood in line ${line}: ${found}`, {
      field: what,
      value: found,
      remedy: 'Repair the TWL2 text, or take the file from its source again.',
    });
  }

  private scan(): Token {
    for (;;) {
      const at = this.position;
      if (at >= this.source.length) return { kind: 'end', text: '', at };
      tokenPattern.lastIndex = at;
      const match = tokenPattern.exec(this.source);
      if (match === null) {
        this.next = { kind: 'end', text: '', at };
        throw this.unexpected();
      }
      this.position = tokenPattern.lastIndex;
      const groups = match.groups!;
      if (groups['block'] !== undefined) return { kind: 'block', text: groups['inBlock']!, at };
      if (groups['quoted'] !== undefined) return { kind: 'quoted', text: groups['inQuotes']!, at };
      if (groups['mark'] !== undefined) return { kind: 'mark', text: groups['mark'], at };
      if (groups['word'] !== undefined) return { kind: 'word', text: groups['word'], at };
    }
  }
}
