const VOWELS = 'aeiou';

/** Whether the letter at a place is a consonant: `y` is one at the beginning and after a vowel. */
function isConsonant(word: string, at: number): boolean {
  const letter = word[at]!;
  if (VOWELS.includes(letter)) return false;
  return letter !== 'y' || at === 0 || !isConsonant(word, at - 1);
}

/** Porter's measure m: how often a vowel is followed by a consonant. */
function measure(stem: string): number {
  let count = 0;
  for (let i = 1; i < stem.length; i++)
    if (isConsonant(stem, i) && !isConsonant(stem, i - 1)) count++;
  return count;
}

function hasVowel(stem: string): boolean {
  for (let i = 0; i < stem.length; i++) if (!isConsonant(stem, i)) return true;
  return false;
}

const endsDouble = (word: string): boolean =>
  word.length >= 2 && word.at(-1) === word.at(-2) && isConsonant(word, word.length - 1);

/** Consonant, vowel, consonant other than w, x and y: where `hop` lost its `e` in `hoping`. */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  return (
    last >= 2 &&
    isConsonant(word, last) &&
    !isConsonant(word, last - 1) &&
    isConsonant(word, last - 2) &&
    !'wxy'.includes(word[last]!)
  );
}

type Suffixes = readonly (readonly [suffix: string, replacement: string])[];

// Sorted so that the first that fits is the one that the algorithm means. `bli` and `logi` are the author's own changes of 1980's
// `abli` and nothing, which Lucene follows.
const STEP_2: Suffixes = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['logi', 'log'],
];
const STEP_3: Suffixes = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
];
const STEP_4: readonly string[] =
  'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize'.split(' ');

function replaceSuffix(word: string, suffixes: Suffixes): string {
  const found = suffixes.find(([suffix]) => word.endsWith(suffix));
  if (found === undefined) return word;
  const stem = word.slice(0, -found[0].length);
  return measure(stem) > 0 ? stem + found[1] : word;
}

/** Plurals and -ed, -ing. */
function step1(word: string): string {
  let result = word;
  if (result.endsWith('sses') || result.endsWith('ies')) result = result.slice(0, -2);
  else if (result.endsWith('s') && !result.endsWith('ss')) result = result.slice(0, -1);
  if (result.endsWith('eed')) {
    return measure(result.slice(0, -3)) > 0 ? result.slice(0, -1) : result;
  }
  const suffix = ['ed', 'ing'].find((each) => result.endsWith(each));
  if (suffix === undefined || !hasVowel(result.slice(0, -suffix.length))) return result;
  result = result.slice(0, -suffix.length);
  if (/(?:at|bl|iz)$/.test(result)) return `${result}e`;
  if (endsDouble(result)) return 'lsz'.includes(result.at(-1)!) ? result : result.slice(0, -1);
  return measure(result) === 1 && endsShort(result) ? `${result}e` : result;
}

function step4(word: string): string {
  const suffix = STEP_4.find((each) => word.endsWith(each));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (suffix === 'ion' && !/[st]$/.test(stem)) return word;
  return measure(stem) > 1 ? stem : word;
}

function step5(word: string): string {
  let result = word;
  if (result.endsWith('e')) {
    const stem = result.slice(0, -1);
    const count = measure(stem);
    if (count > 1 || (count === 1 && !endsShort(stem))) result = stem;
  }
  return result.endsWith('l') && endsDouble(result) && measure(result) > 1
    ? result.slice(0, -1)
    : result;
}

/**
 * The stem of a lower-cased word by Porter's algorithm of 1980 with its author's later changes, as Lucene's PorterStemFilter
 * has it. Words of one or two characters stay as they are. (https://tartarus.org/martin/PorterStemmer)
 */
export function porterStem(word: string): string {
  if (word.length <= 2) return word;
  let stem = step1(word);
  if (stem.endsWith('y') && hasVowel(stem.slice(0, -1))) stem = `${stem.slice(0, -1)}i`;
  stem = replaceSuffix(stem, STEP_2);
  stem = replaceSuffix(stem, STEP_3);
  return step5(step4(stem));
}
