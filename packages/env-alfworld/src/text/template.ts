import { parseCondition, type Condition } from './condition.js';
import { parseExpression, type Expression } from './expression.js';

/** What a template puts in one place. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'symbol'; readonly symbol: string }
  | { readonly kind: 'value'; readonly value: Expression }
  | {
      /** The content once for every assignment of the query; `isList` joins the copies with the list rules. */
      readonly kind: 'each';
      readonly content: Piece;
      /** Absent: exactly one copy. */
      readonly query: Condition | null;
      readonly isList: boolean;
    };

/** A text with places to fill in, parsed. */
export type Template = readonly Piece[];

const openingPattern = /(?:\/\/[^\n]*|\s*)\n?/y;
const literalPattern = /[^;|"<>[\]#{}]+/y;
const quotedPattern = /"([^;|"<>[\]#{}]*)\t*"/y;
const symbolPattern = /#\t*([\w()/!<>\-\s,.]+)\t*#/y;
const statementPattern = /[^|[\]{}\n<>]+/y;
const queryPattern = /\s*\|\s*((?!\s)[^;|{}\n[\]#]+)/y;

/**
 * Parses the mini-language of TextWorld's grammars: text, `#symbol#`, `{expression}`, `{expression | query}` and lists
 * `[{... | query}]`.
 *
 * White space (or one `//` comment) at the very beginning is dropped, and tabs before any piece. What cannot be parsed ends the
 * template silently, as it does in TextWorld: grammars in the wild rely on it.
 */
export function parseTemplate(source: string): Template {
  const reader = new Reader(source);
  const pieces: Piece[] = [];
  for (;;) {
    const piece = reader.list() ?? reader.conditional() ?? reader.symbol() ?? reader.text();
    if (piece === null) return pieces;
    pieces.push(piece);
  }
}

class Reader {
  private readonly source: string;
  private position = 0;

  constructor(source: string) {
    this.source = source;
    // Only at the beginning of the text: afterwards, white space belongs to the text around it.
    while (this.match(openingPattern)?.[0] !== '' && this.source[this.position - 1] === '\n');
    this.skipTabs();
  }

  list(): Piece | null {
    return this.attempt(() => {
      if (!this.take('[')) return null;
      const inner = this.conditional();
      return inner?.kind === 'each' && this.take(']') ? { ...inner, isList: true } : null;
    });
  }

  conditional(): Piece | null {
    return this.attempt(() => {
      if (!this.take('{')) return null;
      const content = this.symbol() ?? this.value();
      if (content === null) return null;
      const query = this.match(queryPattern);
      if (!this.take('}')) return null;
      return {
        kind: 'each',
        content,
        query: query === null ? null : parseCondition(query[1]!.trim()),
        isList: false,
      };
    });
  }

  symbol(): Piece | null {
    return this.attempt(() => {
      this.skipTabs();
      const match = this.match(symbolPattern);
      return match === null ? null : { kind: 'symbol', symbol: match[1]! };
    });
  }

  text(): Piece | null {
    return this.attempt(() => {
      this.skipTabs();
      const quoted = this.match(quotedPattern);
      if (quoted !== null) return { kind: 'text', text: quoted[1]! };
      const literal = this.match(literalPattern);
      return literal === null ? null : { kind: 'text', text: literal[0] };
    });
  }

  private value(): Piece | null {
    this.skipTabs();
    const match = this.match(statementPattern);
    return match === null ? null : { kind: 'value', value: parseExpression(match[0]) };
  }

  /** Runs a parser, and goes back to where it began when it fails. */
  private attempt(parser: () => Piece | null): Piece | null {
    const start = this.position;
    const piece = parser();
    if (piece === null) this.position = start;
    return piece;
  }

  private take(token: string): boolean {
    this.skipTabs();
    if (!this.source.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.source);
    if (match !== null) this.position = pattern.lastIndex;
    return match;
  }

  private skipTabs(): void {
    while (this.source[this.position] === '\t') this.position++;
  }
}
