// Word breaks by UAX #29 as Lucene's StandardTokenizer reads them (Unicode 12.1): properties that JavaScript's expressions
// lack are spelled out. Extending and format characters belong to what they follow (rule WB4).
const IGNORED = '[\\p{M}\\u200c\\u200d\\u{1f3fb}-\\u{1f3ff}\\p{Cf}]';
const after = (set: string): string => `(?:${set}(?:(?![\\u200b])${IGNORED})*)`;

const HAN = '\\p{Script=Han}';
const HIRAGANA = '\\p{Script=Hiragana}';
const KATAKANA_SET = '\\p{Script=Katakana}\\u3031-\\u3035\\u309b\\u309c\\u30a0\\u30fc\\uff70';
/** Scripts written without spaces, which Lucene leaves in one piece. */
const COMPLEX_SET =
  '\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Script=Tai_Le}\\p{Script=New_Tai_Lue}\\p{Script=Tai_Tham}\\p{Script=Tai_Viet}';
const HEBREW_SET = '\\u05d0-\\u05ea\\u05ef-\\u05f2\\ufb1d\\ufb1f-\\ufb28\\ufb2a-\\ufb4f';
const LETTER_EXTRA =
  '\\u02c2-\\u02c5\\u02d2-\\u02d7\\u02de\\u02df\\u02ed\\u02ef-\\u02ff\\u055b\\u055c\\u055e\\u05f3\\ua720\\ua721\\ua789\\ua78a\\uab5b';
const NOT_LETTER = `[${HAN}${HIRAGANA}${KATAKANA_SET}${COMPLEX_SET}\\p{M}\\p{Nd}]`;

const LETTER = after(`(?:(?!${NOT_LETTER})[\\p{Alphabetic}${LETTER_EXTRA}])`);
const HEBREW = after(`[${HEBREW_SET}]`);
const NUMERIC = after('[\\p{Nd}\\u066b]');
const KATAKANA = after(`[${KATAKANA_SET}]`);
const CONNECTOR = after('[\\p{Pc}\\u202f]');
const MIDDLE = ".\\u2018\\u2019\\u2024\\ufe52\\uff07\\uff0e'";
const MIDDLE_LETTER = after(`[:\\u00b7\\u0387\\u055f\\u05f4\\u2027\\ufe13\\ufe55\\uff1a${MIDDLE}]`);
const MIDDLE_NUMBER = after(
  `[,;\\u037e\\u0589\\u060c\\u060d\\u066c\\u07f8\\u2044\\ufe10\\ufe14\\ufe50\\ufe54\\uff0c\\uff1b${MIDDLE}]`,
);

const NUMBER_RUN = `${NUMERIC}(?:(?:${CONNECTOR}*|${MIDDLE_NUMBER})${NUMERIC})*`;
const LETTER_RUN = `${LETTER}(?:(?:${CONNECTOR}*|${MIDDLE_LETTER})${LETTER})*`;
const HEBREW_RUN = `${HEBREW}(?:${after("'")}|${after('"')}${HEBREW})`;
const WORD_PART = `(?:${KATAKANA}(?:${CONNECTOR}*${KATAKANA})*|(?:${HEBREW_RUN}|${NUMBER_RUN}|${LETTER_RUN})+)`;
const WORD = `${CONNECTOR}*${WORD_PART}(?:${CONNECTOR}+${WORD_PART})*${CONNECTOR}*`;

const FLAG = '[\\u{1f1e6}-\\u{1f1ff}]{2}';
const KEYCAP = '[0-9#*]\\ufe0f?\\u20e3';
// Extended_Pictographic of Unicode 12.1 below U+1F000, where later versions took characters such as the black star out of it.
const PICTOGRAPHS =
  '\\u2388\\u2600-\\u2605\\u2607-\\u2612\\u2614-\\u2685\\u2690-\\u2705\\u2708-\\u2712\\u2763-\\u2767\\p{Extended_Pictographic}';
/** Every emoji and pictograph counts, also one such as ™ that is text by default, unless a selector asks for text. */
const PICTURE = `(?![0-9#*])[\\p{Emoji}${PICTOGRAPHS}](?!\\ufe0e)\\ufe0f?\\p{Emoji_Modifier}?[\\u{e0020}-\\u{e007f}]*`;
const EMOJI = `${FLAG}|${KEYCAP}|${PICTURE}(?:\\u200d${PICTURE})*`;

// Connectors without a word are no token. They are matched all the same, so that a long run of them is looked through once
// and not again from each of its characters.
const TOKEN = new RegExp(
  `${EMOJI}|${after(`[${COMPLEX_SET}]`)}+|${after(`[${HAN}]`)}|${after(`[${HIRAGANA}]`)}|${WORD}|${CONNECTOR}+`,
  'gu',
);
const WORDLESS = new RegExp(`^${CONNECTOR}+$`, 'u');

// The same rules where there is nothing but ASCII, which most product text is: several times as fast.
const ASCII_PART = "(?:[0-9](?:(?:_*|[,;.'])[0-9])*|[A-Za-z](?:(?:_*|[:.'])[A-Za-z])*)+";
const ASCII_TOKEN = new RegExp(`_*${ASCII_PART}(?:_+${ASCII_PART})*_*|_+`, 'g');
const ASCII_WORDLESS = /^_+$/;
/** Finds a character beyond ASCII. */
export const BEYOND_ASCII = /[^\0-\x7f]/;

/** Lucene cuts tokens that are longer than this, in UTF-16 units. */
const LONGEST_TOKEN = 255;

/** The words of a text by the rules for all of Unicode; what {@link tokenize} gives, more slowly. */
export const tokenizeUnicode = (text: string): string[] =>
  (text.match(TOKEN) ?? []).filter((token) => !WORDLESS.test(token));

const tokenizeAscii = (text: string): string[] =>
  (text.match(ASCII_TOKEN) ?? []).filter((token) => !ASCII_WORDLESS.test(token));

/**
 * The words of a text, as Lucene's StandardTokenizer finds them: words and numbers by UAX #29, each Han or Hiragana character
 * and each emoji for itself.
 */
export function tokenize(text: string): string[] {
  const tokens = BEYOND_ASCII.test(text) ? tokenizeUnicode(text) : tokenizeAscii(text);
  return tokens.some(({ length }) => length > LONGEST_TOKEN) ? tokens.flatMap(cut) : tokens;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;

function cut(token: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < token.length;) {
    const end = at + LONGEST_TOKEN;
    // A character of two units stays whole: half of one could not be saved.
    const part = token.slice(at, isHighSurrogate(token.charCodeAt(end - 1)) ? end - 1 : end);
    parts.push(part);
    at += part.length;
  }
  return parts;
}
