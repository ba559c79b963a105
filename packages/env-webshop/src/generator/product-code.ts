const CONSONANTS = 'BDFGHJKLMNPQRSTVWXYZ';
const VOWELS = 'AEIOU';

/** How many made-up words of the form `JOHU` there are. */
const ALL_WORDS = 20 * 5 * 20 * 5;

/** Spreads neighbours over all words; without a common factor with their number. */
const STEP = 6_183;

/** A made-up word of four letters. */
function wordAt(index: number): string {
  let number = (index * STEP) % ALL_WORDS;
  const letters: string[] = [];
  for (const alphabet of [VOWELS, CONSONANTS, VOWELS, CONSONANTS]) {
    letters.unshift(alphabet[number % alphabet.length]!);
    number = Math.floor(number / alphabet.length);
  }
  return letters.join('');
}

/** The codes of a catalogue, and the way back. */
export interface ProductCodes {
  readonly codeAt: (place: number) => string;
  /** Undefined for what is no code of the catalogue. */
  readonly placeOf: (code: string) => number | undefined;
}

/**
 * Codes of ten letters and digits, like those of real products, in two made-up words: `0JOHU1GORI`. Both words come from a list as short
 * as the size allows, so that they are soon known; products that stand beside each other differ in the first; and what follows a
 * word on a page is seldom in doubt. The digits part the words for tokenizers, which cut where letters and digits meet and
 * otherwise write a word with a space before it differently. So a small model can copy a code, which it cannot with random digits.
 *
 * @param size - how many codes there are, at most 25,000,000
 */
export function productCodes(size: number): ProductCodes {
  const words = Math.ceil(Math.sqrt(size));
  // First words and second words are different ones.
  const indexOf = new Map(Array.from({ length: 2 * words }, (_, index) => [wordAt(index), index]));
  return {
    // The second word is turned on by one with each round, so that no two places share both.
    codeAt: (place) => {
      const [round, first] = [Math.floor(place / words), place % words];
      return `0${wordAt(first)}1${wordAt(words + ((round + first) % words))}`;
    },
    placeOf: (code) => {
      if (!/^0.{4}1.{4}$/.test(code)) return undefined;
      const [first, second] = [indexOf.get(code.slice(1, 5)), indexOf.get(code.slice(6))];
      if (first === undefined || second === undefined || first >= words || second < words)
        return undefined;
      const place = ((second - first) % words) * words + first;
      return place < size ? place : undefined;
    },
  };
}
