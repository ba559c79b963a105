import { showValue } from '@spark-rl/core';

import { GatewayProtocolError } from './errors.js';

/** An object that lives in the gateway, by the name that the gateway gave it. */
export interface GatewayReference {
  readonly ref: string;
}

/**
 * A value that a request can carry. A whole number goes as `int` where 32 bits hold it, else as `long`; any other number as `double`.
 */
export type GatewayArgument = string | number | boolean | null | GatewayReference;

/** A value that a reply can carry. Lists come as references, too. */
export type GatewayValue = string | number | boolean | null | undefined | GatewayReference;

/** What the gateway said: a value, or an exception, either its text or a reference to it. */
export type GatewayReply =
  | { readonly ok: true; readonly value: GatewayValue }
  | { readonly ok: false; readonly error: string | GatewayReference };

/** The class of Java's strings as a target of static calls. */
export const JAVA_STRING = 'z:java.lang.String';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\r': '\\r', '\n': '\\n' };
const UNESCAPES: Readonly<Record<string, string>> = { '\\': '\\', r: '\r', n: '\n' };

const escapeText = (text: string): string =>
  text.replace(/[\\\r\n]/g, (character) => ESCAPES[character]!);

function unescapeText(text: string): string {
  return text.replace(/\\(.?)/g, (found, character: string) => {
    const meant = UNESCAPES[character];
    if (meant === undefined) {
      throw new GatewayProtocolError(
        `the gateway's text holds the unknown escape ${showValue(found)}`,
        { value: text.slice(0, 200) },
      );
    }
    return meant;
  });
}

function encodeArgument(argument: GatewayArgument): string {
  if (argument === null) return 'n';
  if (typeof argument === 'string') return `s${escapeText(argument)}`;
  if (typeof argument === 'boolean') return argument ? 'bTrue' : 'bFalse';
  if (typeof argument === 'object') return `r${argument.ref}`;
  if (!Number.isSafeInteger(argument) || Object.is(argument, -0)) return `d${argument}`;
  return `${argument === (argument | 0) ? 'i' : 'L'}${argument}`;
}

const request = (...lines: readonly string[]): string => `${[...lines, 'e'].join('\n')}\n`;

/** Makes an object of a class, given by its full name. The reply is a reference. */
export const encodeConstruct = (className: string, args: readonly GatewayArgument[] = []): string =>
  request('i', className, ...args.map(encodeArgument));

/** Calls a method of an object, by its reference, or of a class, by `z:` and its full name. */
export const encodeCall = (
  target: string,
  method: string,
  args: readonly GatewayArgument[] = [],
): string => request('c', target, method, ...args.map(encodeArgument));

/** Forgets an object: until then the gateway keeps it alive. */
export const encodeRelease = ({ ref }: GatewayReference): string => request('m', 'd', ref);

/** Asks for the stack trace of an exception. */
export const encodeStackTrace = ({ ref }: GatewayReference): string => request('p', `r${ref}`);

const NUMBERS = /^-?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|Infinity)$|^NaN$/;

function decodeNumber(text: string, whole: boolean): number | undefined {
  if (!NUMBERS.test(text)) return undefined;
  const number = Number(text);
  return whole && !Number.isSafeInteger(number) ? undefined : number;
}

/** The name of a reference, or undefined where it has none: names hold no blanks. */
const decodeReference = (text: string): GatewayReference | undefined =>
  /^\S+$/.test(text) ? { ref: text } : undefined;

/** The value after `!y`; null inside a tuple, since `undefined` is a value: what `void` gives. */
function decodeValue(body: string): readonly [GatewayValue] | null {
  const text = body.slice(1);
  switch (body[0]) {
    case 's':
      return [unescapeText(text)];
    case 'v':
      return text === '' ? [undefined] : null;
    case 'n':
      return text === '' ? [null] : null;
    case 'b':
      return text === 'true' ? [true] : text === 'false' ? [false] : null;
    case 'i':
    case 'L':
    case 'd': {
      const number = decodeNumber(text, !body.startsWith('d'));
      return number === undefined ? null : [number];
    }
    case 'l':
    case 'r': {
      const reference = decodeReference(text);
      return reference === undefined ? null : [reference];
    }
    default:
      return null;
  }
}

/**
 * Reads one reply, without its line end.
 *
 * @throws GatewayProtocolError for anything that is no reply
 */
export function decodeReply(line: string): GatewayReply {
  const body = line.slice(2);
  if (line.startsWith('!x')) {
    if (body.startsWith('s')) return { ok: false, error: unescapeText(body.slice(1)) };
    const reference = body.startsWith('r') ? decodeReference(body.slice(1)) : undefined;
    return { ok: false, error: reference ?? unescapeText(body) };
  }
  const decoded = line.startsWith('!y') ? decodeValue(body) : null;
  if (decoded === null) {
    throw new GatewayProtocolError(`the gateway answered ${showValue(line)}, which is no reply`, {
      value: line.slice(0, 200),
    });
  }
  return { ok: true, value: decoded[0] };
}
