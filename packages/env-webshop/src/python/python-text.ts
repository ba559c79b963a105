// What Python's str.split and str.strip take for white space: other than \s, it knows four separators and "next line", and not
// the byte order mark.
const SPACE =
  '\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const EDGES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, 'gu');
const RUNS = new RegExp(`[${SPACE}]+`, 'u');

/** Python's `text.strip()`. */
export const strip = (text: string): string => text.replace(EDGES, '');

/** Python's `text.split()`: the words between runs of white space. */
export const words = (text: string): string[] => {
  const stripped = strip(text);
  return stripped === '' ? [] : stripped.split(RUNS);
};

/** Python's `str(float)`: `877.8`, `100.0`, `1e+16`, `1e-05`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent >= 16 || exponent < -4)) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (Object.is(value, -0)) return '-0.0';
  // JavaScript writes numbers down to 1e-7 and up to 1e21 without an exponent, so here it agrees with Python but for the ".0".
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

const UNPRINTABLE = /[\p{C}\p{Z}]/u;

function escapeCode(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x1_0000
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\\': '\\\\',
};

/** Python's `repr(text)`: in single quotes unless only double quotes spare an escape. */
export function textLiteral(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = '';
  for (const character of text) {
    const named = NAMED_ESCAPES[character];
    if (named !== undefined) body += named;
    else if (character === quote) body += `\\${quote}`;
    else if (character !== ' ' && UNPRINTABLE.test(character))
      body += escapeCode(character.codePointAt(0)!);
    else body += character;
  }
  return quote + body + quote;
}

type Pairs = readonly (readonly [string, string])[];

/** Python's `repr` of a dict of strings, in the order given: `{'size': 'x-large'}`. */
export const dictLiteral = (pairs: Pairs): string =>
  `{${pairs.map(([key, value]) => `${textLiteral(key)}: ${textLiteral(value)}`).join(', ')}}`;

/** A string as `json.dumps` writes it: everything beyond ASCII as `\uXXXX`. */
const jsonString = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Python's `json.dumps` of a dict of strings, in the order given, with its `", "` and `": "`. */
export const jsonObject = (pairs: Pairs): string =>
  `{${pairs.map(([key, value]) => `${jsonString(key)}: ${jsonString(value)}`).join(', ')}}`;

/** Orders strings by code points, as Python does; JavaScript's own order is by UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unitA === unitB) continue;
    const [highA, highB] = [unitA >= 0xd800 && unitA < 0xe000, unitB >= 0xd800 && unitB < 0xe000];
    // A surrogate stands for a code point above all others.
    return highA === highB ? unitA - unitB : highA ? 1 : -1;
  }
  return a.length - b.length;
}
