import { InvalidInputError } from '@spark-rl/core';

/** One element of the array, or one member of the object, that a JSON file consists of. */
export interface JsonItem {
  /** The key of a member; null in an array. */
  readonly key: string | null;
  readonly value: unknown;
  /** Where the value begins in the file, in bytes. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly length: number;
}

const VALUE = 0;
const VALUE_OR_CLOSE = 1;
const KEY_OR_CLOSE = 2;
const KEY = 3;
const COLON = 4;
const COMMA_OR_CLOSE = 5;
const STRING = 6;
const ESCAPE = 7;
const HEX = 8;
const NUMBER = 9;
const LITERAL = 10;
const END = 11;

const EXPECTED: readonly string[] = [
  'a value',
  'a value or ]',
  'a key or }',
  'a key',
  'a colon',
  'a comma or a closing bracket',
  'a character of a string',
  'an escape',
  'a hexadecimal digit',
  'a digit',
  'true, false or null',
  'the end',
];

const NUMBER_FORM = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isNumberPart = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x2d ||
  byte === 0x2b ||
  byte === 0x2e ||
  byte === 0x65 ||
  byte === 0x45;
const isHex = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x46) ||
  (byte >= 0x61 && byte <= 0x66);

/** Joins what of a value lay in earlier chunks with what lies in this one. */
function bytesOf(parts: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  if (parts.length === 0) return last;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, last.length));
  let at = 0;
  for (const part of [...parts, last]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Reads a JSON file that is one large array or object, element by element: no more than one of them is in memory. Strict as
 * RFC 8259; damage is found where it is, so a bracket that is missing does not swallow the rest of the file.
 *
 * @param chunks - the file's bytes, in UTF-8
 * @param name - the file's name, for messages
 * @throws InvalidInputError naming the byte offset of the damage
 */
export async function* jsonItems(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): AsyncGenerator<JsonItem> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const open: number[] = [];
  let state = VALUE;
  let position = 0;
  /** Where the scalar or string at hand began, and, inside the outermost bracket, the value. */
  let scalar = '';
  let isKey = false;
  let hexDigits = 0;
  let key: string | null = null;
  let begin = -1;
  let parts: Uint8Array[] = [];
  let chunkStart = 0;

  const damaged = (at: number, found: string): never => {
    throw new InvalidInputError(
      `${name} is damaged at byte ${at}: expected ${EXPECTED[state]!}, found ${found}`,
      { field: name, value: at, remedy: 'Download or write the file anew.' },
    );
  };
  const textOf = (chunk: Uint8Array, end: number): string => {
    const bytes = bytesOf(parts, chunk.subarray(Math.max(0, begin - chunkStart), end - chunkStart));
    parts = [];
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new InvalidInputError(
        `${name} is damaged: the value at byte ${begin} is not valid UTF-8`,
        { field: name, value: begin, remedy: 'Download or write the file anew.', cause },
      );
    }
  };

  for await (const chunk of chunks) {
    chunkStart = position;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      const at = chunkStart + i;
      let ended = -1;
      // A number ends before the byte that follows it, which is then read as what it is.
      if (state === NUMBER && !isNumberPart(byte)) {
        if (!NUMBER_FORM.test(scalar)) damaged(at - scalar.length, scalar);
        ended = at;
        state = COMMA_OR_CLOSE;
        if (open.length === 1) {
          yield {
            key,
            value: JSON.parse(textOf(chunk, ended)),
            offset: begin,
            length: ended - begin,
          };
          begin = -1;
        }
        ended = -1;
      }
      switch (state) {
        case STRING:
          if (byte === 0x5c) state = ESCAPE;
          else if (byte === 0x22) {
            state = isKey ? COLON : COMMA_OR_CLOSE;
            ended = at + 1;
          } else if (byte < 0x20) damaged(at, 'a control character');
          break;
        case ESCAPE:
          if (byte === 0x75) {
            state = HEX;
            hexDigits = 4;
          } else if ('"\\/bfnrt'.includes(String.fromCharCode(byte))) state = STRING;
          else damaged(at, JSON.stringify(String.fromCharCode(byte)));
          break;
        case HEX:
          if (!isHex(byte)) damaged(at, JSON.stringify(String.fromCharCode(byte)));
          if (--hexDigits === 0) state = STRING;
          break;
        case NUMBER:
          scalar += String.fromCharCode(byte);
          break;
        case LITERAL: {
          scalar += String.fromCharCode(byte);
          const word = ['true', 'false', 'null'].find((each) => each.startsWith(scalar));
          if (word === undefined) damaged(at, JSON.stringify(String.fromCharCode(byte)));
          if (word === scalar) {
            state = COMMA_OR_CLOSE;
            ended = at + 1;
          }
          break;
        }
        default: {
          if (isSpace(byte)) break;
          if (at < 3 && byte === BYTE_ORDER_MARK[at]) break;
          const starts = state === VALUE || state === VALUE_OR_CLOSE;
          const keys = state === KEY || state === KEY_OR_CLOSE;
          if ((starts || keys) && open.length === 1 && byte !== 0x5d && byte !== 0x7d) begin = at;
          if (starts && (byte === 0x7b || byte === 0x5b)) {
            open.push(byte);
            state = byte === 0x7b ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
          } else if (open.length === 0) damaged(at, JSON.stringify(String.fromCharCode(byte)));
          else if ((starts || keys) && byte === 0x22) {
            isKey = keys;
            state = STRING;
          } else if (starts && (byte === 0x2d || (byte >= 0x30 && byte <= 0x39))) {
            scalar = String.fromCharCode(byte);
            state = NUMBER;
          } else if (starts && (byte === 0x74 || byte === 0x66 || byte === 0x6e)) {
            scalar = String.fromCharCode(byte);
            state = LITERAL;
          } else if (state === COLON && byte === 0x3a) state = VALUE;
          else if (state === COMMA_OR_CLOSE && byte === 0x2c)
            state = open.at(-1) === 0x7b ? KEY : VALUE;
          else if (
            (byte === 0x7d &&
              open.at(-1) === 0x7b &&
              (state === KEY_OR_CLOSE || state === COMMA_OR_CLOSE)) ||
            (byte === 0x5d &&
              open.at(-1) === 0x5b &&
              (state === VALUE_OR_CLOSE || state === COMMA_OR_CLOSE))
          ) {
            open.pop();
            state = open.length === 0 ? END : COMMA_OR_CLOSE;
            ended = at + 1;
          } else damaged(at, JSON.stringify(String.fromCharCode(byte)));
        }
      }
      if (ended >= 0 && open.length === 1 && begin >= 0) {
        const value: unknown = JSON.parse(textOf(chunk, ended));
        if (state === COLON) key = value as string;
        else yield { key, value, offset: begin, length: ended - begin };
        begin = -1;
      }
    }
    position += chunk.length;
    if (begin >= 0) parts.push(chunk.slice(Math.max(0, begin - chunkStart)));
  }
  if (state !== END) damaged(position, 'the end of the file');
}
