import { memoize } from '../memoize.js';
import { porterStem } from './porter-stem.js';
import { BEYOND_ASCII, tokenize } from './tokenize.js';

/** Words that are not searched for: Lucene's English stop set. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this ' +
    'to was will with'
  ).split(' '),
);

const POSSESSIVE = /['\u2019\uff07][sS]$/;

/** Lower case character by character, as Java's `Character.toLowerCase`: a capital sigma does not look at its neighbours. */
const lower = (text: string): string =>
  BEYOND_ASCII.test(text)
    ? Array.from(text, (character) => {
        const small = character.toLowerCase();
        // Only a dotted capital I becomes two characters; Java keeps the first.
        return small.length === character.length ? small : [...small][0]!;
      }).join('')
    : text.toLowerCase();

/** Whether a word is stemmed. Those with an apostrophe inside, such as `d'issey`, stay whole, as in the reference lists. */
const isStemmed = (word: string): boolean => !/['\u2019\uff07]/.test(word);

/** How many tokens' terms are remembered; product text repeats its words. */
const KEPT_TOKENS = 100_000;

/** The term of a token; empty for a stop word. */
const termOf = memoize((token) => {
  const word = lower(token.replace(POSSESSIVE, ''));
  if (STOP_WORDS.has(word)) return '';
  return isStemmed(word) ? porterStem(word) : word;
}, KEPT_TOKENS);

/**
 * The terms of a text, as Anserini's English analysis gives them: words, without a final 's, in lower case, without stop words,
 * stemmed.
 */
export const analyze = (text: string): string[] =>
  tokenize(text)
    .map(termOf)
    .filter((term) => term !== '');
