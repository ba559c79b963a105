/** An action, taken apart: `search[red shoes]` is the name `search` and the argument `red shoes`. */
export interface ParsedAction {
  readonly name: string;
  /** Null when the action has not the form `name[argument]`; the name is then all of it. */
  readonly argument: string | null;
}

/**
 * Takes an action apart as the original does with `(.+)\[(.+)\]`, from the start and up to the first line feed: the last
 * closing bracket ends the argument and what follows is ignored; a bracket in the argument belongs to the name.
 */
export function parseAction(action: string): ParsedAction {
  // Found from the end, since the expression itself takes time with the square of the length where brackets are many.
  const lineEnd = action.indexOf('\n');
  const line = lineEnd < 0 ? action : action.slice(0, lineEnd);
  const close = line.lastIndexOf(']');
  // Both name and argument have at least one character.
  const open = close < 3 ? -1 : line.lastIndexOf('[', close - 2);
  return open < 1
    ? { name: action, argument: null }
    : { name: line.slice(0, open), argument: line.slice(open + 1, close) };
}
