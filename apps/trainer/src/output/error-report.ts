import { AbortedError, SparkError } from '@spark-rl/core';
import { CommanderError } from 'commander';

import type { Output } from './progress.js';

/** What a program is told of an error; what is not known is null. */
interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly field: string | null;
  readonly value: unknown;
  readonly remedy: string | null;
}

const SEE_HELP = 'See spark-rl --help, or spark-rl COMMAND --help.';

/** A message without the remedy that stands at its end. */
const withoutRemedy = ({ message, remedy }: SparkError): string =>
  remedy !== undefined && message.endsWith(remedy)
    ? message.slice(0, -remedy.length).replace(/\. $/, '')
    : message;

function describe(cause: unknown): ErrorReport {
  if (cause instanceof SparkError) {
    const { name, field = null, value = null, remedy = null } = cause;
    return { name, message: withoutRemedy(cause), field, value, remedy };
  }
  if (cause instanceof CommanderError) {
    const [first = '', ...more] = cause.message.split('\n');
    const isHelp = cause.code === 'commander.help';
    return {
      name: 'InvalidInputError',
      message: isHelp ? 'no command was given' : first.replace(/^error: /, ''),
      field: /(?:option|argument) '(?:-\w, )?(--[\w.-]+|\w+)/.exec(first)?.[1] ?? null,
      value: null,
      remedy: [...more.map((line) => line.replace(/^\((.*)\)$/, '$1')), SEE_HELP].join(' '),
    };
  }
  const [name, message] =
    cause instanceof Error ? [cause.name, cause.message] : ['Error', String(cause)];
  return {
    name,
    message,
    field: null,
    value: null,
    remedy: 'This is unexpected: please report it.',
  };
}

/** Says why a command ended, for people or, with `--json`, for programs; and which exit code that is. */
export function reportError(cause: unknown, output: Output): number {
  const write = output.writeError ?? output.write;
  if (cause instanceof CommanderError) {
    // Help that was asked for is no error. For people, commander has written the rest already.
    if (cause.exitCode !== 0 && output.json !== undefined)
      write(`${JSON.stringify({ error: describe(cause) })}\n`);
    return cause.exitCode;
  }
  if (output.json !== undefined) write(`${JSON.stringify({ error: describe(cause) })}\n`);
  else if (cause instanceof SparkError) {
    // Whoever stopped the work was told already.
    if (!(cause instanceof AbortedError)) write(`\nerror: ${cause.message}\n`);
  } else {
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    write(`\nunexpected error, please report it: ${text}\n`);
  }
  return cause instanceof AbortedError ? 130 : 1;
}
