const CONSONANTS = 'BDFGHJKLMNPQRSTVWXYZ';
const VOWELS = 'AEIOU';

/** How many made-up words of the form `JOHUV` there are. */
const ALL_WORDS = 20 * 5 * 20 * 5 * 20;

/** Spreads neighbours over all words; without a common factor with their number. */
const STEP = 76_393;

/** A made-up word of five letters. */
function wordAt(index: number): string {
  let number = (index * STEP) % ALL_WORDS;
  const letters: string[] = [];
  for (const alphabet of [CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS]) {
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
 * Codes of ten letters, like those of real products, in two made-up words: `JOHUVGORIB`. Both words come from lists as short as the size
 * allows, so that they are soon known; products that stand beside each other differ in the first; and what follows a first word on
 * a page is seldom in doubt. A small model can copy such a code, which it cannot with random digits.
 *
 * @param size - how many codes there are, at most 1e10
 */
export function productCodes(size: number): ProductCodes {
  const words = Math.ceil(Math.sqrt(size));
  // First words and second words are different ones.
  const indexOf = new Map(Array.from({ length: 2 * words }, (_, index) => [wordAt(index), index]));
  return {
    // The second word is turned on by one with each round, so that no two places share both.
    codeAt: (place) => {
      const [round, first] = [Math.floor(place / words), place % words];
      return wordAt(first) + wordAt(words + ((round + first) % words));
    },
    placeOf: (code) => {
      const [first, second] = [indexOf.get(code.slice(0, 5)), indexOf.get(code.slice(5))];
      if (first === undefined || second === undefined || first >= words || second < words)
        return undefined;
      const place = ((second - first) % words) * words + first;
      return place < size ? place : undefined;
    },
  };
}
