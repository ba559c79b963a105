const CONSONANTS = 'BDFGHJKLMNPQRSTVWXYZ';
const VOWELS = 'AEIOU';

/** How many made-up words of the form `JOHUV` there are. */
const ALL_WORDS = 20 * 5 * 20 * 5 * 20;

/** Spreads neighbours over all words; without a common factor with their number. */
const STEP = 76_393;
/** STEP * BACK is 1 more than a multiple of ALL_WORDS. */
const BACK = 119_257;

const LETTERS = [CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS];

/** A made-up word of five letters. */
function wordAt(index: number): string {
  let number = (index * STEP) % ALL_WORDS;
  const letters: string[] = [];
  for (const alphabet of [...LETTERS].reverse()) {
    letters.unshift(alphabet[number % alphabet.length]!);
    number = Math.floor(number / alphabet.length);
  }
  return letters.join('');
}

/** Which word it is; undefined for what is none. */
function indexOfWord(word: string): number | undefined {
  if (word.length !== LETTERS.length) return undefined;
  let number = 0;
  for (const [at, alphabet] of LETTERS.entries()) {
    const letter = alphabet.indexOf(word[at]!);
    if (letter < 0) return undefined;
    number = number * alphabet.length + letter;
  }
  return (number * BACK) % ALL_WORDS;
}

/** The codes of a catalogue, and the way back. */
export interface ProductCodes {
  readonly codeAt: (place: number) => string;
  /** Undefined for what is no code of the catalogue. */
  readonly placeOf: (code: string) => number | undefined;
}

/**
 * Codes of ten letters, like those of real products, in two made-up words: `JOHUVGORIB`. The second word is that of the kind of product,
 * the first tells the products of a kind apart. Both lists are as short as the size allows, so that the words are soon known; what follows
 * a first word is never in doubt where one kind was searched for. A small model can copy such a code, which it cannot with digits.
 *
 * @param size - how many codes there are
 * @param kinds - how many kinds there are; that of a product is its place modulo this number
 */
export function productCodes(size: number, kinds: number): ProductCodes {
  return {
    // First words and second words are different ones.
    codeAt: (place) => wordAt(kinds + Math.floor(place / kinds)) + wordAt(place % kinds),
    placeOf: (code) => {
      const [first, kind] = [indexOfWord(code.slice(0, 5)), indexOfWord(code.slice(5))];
      if (first === undefined || kind === undefined || first < kinds || kind >= kinds)
        return undefined;
      const place = (first - kinds) * kinds + kind;
      return place < size ? place : undefined;
    },
  };
}
