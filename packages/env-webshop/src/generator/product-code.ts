const CONSONANTS = 'BDFGHJKLMNPQRSTVWXYZ';
const VOWELS = 'AEIOU';

/** Twenty consonants with five vowels each. */
const SYLLABLES = [...CONSONANTS].flatMap((consonant) =>
  [...VOWELS].map((vowel) => consonant + vowel),
);
const CODE_SYLLABLES = 5;
const CODES = BigInt(SYLLABLES.length ** CODE_SYLLABLES);

/** Spreads neighbours over all codes: near the golden ratio of their number, and without a common factor with it. */
const STEP = 6_180_339_887n;

/** The number that undoes STEP modulo the number of codes (Euler: a^(phi - 1) is the inverse of a; phi(10^10) = 4 10^9). */
const BACK = (() => {
  let [result, base, exponent] = [1n, STEP, 4_000_000_000n - 1n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % CODES;
    base = (base * base) % CODES;
  }
  return result;
})();

/**
 * The code of the product at a place: ten letters like those of a real one, in five syllables. Products that stand beside each other in a list
 * of results have codes that differ from the first syllable on, and what follows a syllable on a page is seldom in doubt: a small
 * model can copy them, which it cannot with random digits.
 */
export function codeAt(place: number): string {
  let number = (BigInt(place) * STEP) % CODES;
  const syllables: string[] = [];
  for (let i = 0; i < CODE_SYLLABLES; i++) {
    syllables.unshift(SYLLABLES[Number(number % 100n)]!);
    number /= 100n;
  }
  return syllables.join('');
}

/** The place whose code it is; undefined for what is no code. */
export function placeOfCode(code: string): number | undefined {
  if (code.length !== 2 * CODE_SYLLABLES) return undefined;
  let number = 0n;
  for (let i = 0; i < code.length; i += 2) {
    const syllable = SYLLABLES.indexOf(code.slice(i, i + 2));
    if (syllable < 0) return undefined;
    number = number * 100n + BigInt(syllable);
  }
  return Number((number * BACK) % CODES);
}
