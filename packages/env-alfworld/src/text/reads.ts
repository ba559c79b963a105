import type { Condition } from './condition.js';
import type { TextGrammar } from './grammar-file.js';
import type { Template } from './template.js';

/** The predicates that writing a template out may look at, those of the symbols it calls included. */
export function predicatesRead(template: Template, grammar: TextGrammar): ReadonlySet<string> {
  const predicates = new Set<string>();
  const symbols = new Set<string>();
  visit(template);
  return predicates;

  function note(condition: Condition | null): void {
    for (const { predicate } of condition ?? []) predicates.add(predicate);
  }

  function call(symbol: string): void {
    if (symbols.has(symbol)) return;
    symbols.add(symbol);
    for (const { condition, text } of grammar.rules.get(symbol) ?? []) {
      note(condition);
      visit(text);
    }
  }

  function visit(pieces: Template): void {
    for (const piece of pieces) {
      if (piece.kind === 'symbol') call(piece.symbol);
      else if (piece.kind === 'each') {
        note(piece.query);
        visit([piece.content]);
        if (piece.isList) ['list_empty', 'list_separator', 'list_last_separator'].forEach(call);
      }
    }
  }
}

/** All predicates that a grammar looks at anywhere. */
export function grammarPredicates(grammar: TextGrammar): ReadonlySet<string> {
  const symbols = [...grammar.rules.keys()].map((symbol) => ({ kind: 'symbol' as const, symbol }));
  const texts = [...grammar.actions.values()].flatMap(({ command, feedback }) => [
    ...command,
    ...feedback,
  ]);
  return predicatesRead([...symbols, ...texts], grammar);
}
