/** An action, taken apart: `search[red shoes]` is the name `search` and the argument `red shoes`. */
export interface ParsedAction {
  readonly name: string;
  /** Null when the action has not the form `name[argument]`; the name is then all of it. */
  readonly argument: string | null;
}

// A line break is \n only, as in Python's expressions.
const FORM = /^([^\n]+)\[([^\n]+)\]/;

/**
 * Takes an action apart as the original does: it may go on after the last closing bracket, and a bracket in the argument
 * belongs to the name.
 */
export function parseAction(action: string): ParsedAction {
  const match = FORM.exec(action);
  return match === null
    ? { name: action, argument: null }
    : { name: match[1]!, argument: match[2]! };
}
