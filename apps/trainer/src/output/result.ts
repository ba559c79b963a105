import type { Output } from './progress.js';

/** Whether a command line asks for JSON; what stands behind `--` is no option. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

/**
 * The output of a command that was given `--json`: its result goes where everything goes otherwise, as JSON; what is written for people
 * (progress, warnings) goes where errors go, in plain lines, or nowhere.
 */
export const jsonOutput = ({ write, writeError, quiet = false }: Output): Output => ({
  write: writeError ?? (() => undefined),
  // A program reads along on the same terminal: bars would be drawn across its output.
  interactive: false,
  quiet,
  json: (value, form) =>
    write(`${JSON.stringify(value, null, form === 'document' ? 2 : undefined)}\n`),
  writeError: writeError ?? write,
});

/**
 * Ends a command: its one result, as a JSON document where that was asked for, otherwise as text.
 *
 * @param value - plain JSON; numbers that are not finite become null
 */
export function showResult(output: Output, value: unknown, text: string): void {
  if (output.json === undefined) output.write(text);
  else output.json(value, 'document');
}

/** Something that happened in a long command: a line of JSON where that was asked for, otherwise nothing. */
export function showEvent(output: Output, event: string, facts: object = {}): void {
  output.json?.({ event, ...facts }, 'line');
}
