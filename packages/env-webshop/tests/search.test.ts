import fc from 'fast-check';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { analyze } from '../src/search/analyze.js';
import { porterStem } from '../src/search/porter-stem.js';
import { buildSearchIndex } from '../src/search/search-index.js';
import { searchEngine } from '../src/search/search.js';
import { byteToLength, lengthToByte } from '../src/search/small-float.js';
import { tokenize, tokenizeUnicode } from '../src/search/tokenize.js';
import { madeUp } from './tiny-shop.js';

describe('tokenize', () => {
  it.each([
    ['5.5 inches, 1,000 x 3/4"', ['5.5', 'inches', '1,000', 'x', '3', '4']],
    ["don't l'eau o’clock 'quoted'", ["don't", "l'eau", 'o’clock', 'quoted']],
    ['finish:solid a.b. a_b __ foo-bar', ['finish:solid', 'a.b', 'a_b', 'foo', 'bar']],
    ['naïve cafe\u0301 100℃', ['naïve', 'cafe\u0301', '100']],
    ['漢字 ひら カタカナ 한국', ['漢', '字', 'ひ', 'ら', 'カタカナ', '한국']],
    ['★★ ❤️ ™ 👩‍💻 🇩🇪🇫🇷 1️⃣ ☀︎', ['★', '★', '❤️', '™', '👩‍💻', '🇩🇪', '🇫🇷', '1️⃣']],
    ['【 】 – … “ ”', []],
  ])('splits %j', (text, tokens) => {
    expect(tokenize(text)).toEqual(tokens);
  });

  it('reads ASCII by the same rules', () => {
    const ascii = fc.string({ unit: fc.constantFrom(...`ab1_.,:;'" -#*x9`), maxLength: 30 });
    fc.assert(
      fc.property(ascii, (text) => {
        expect(tokenize(text)).toEqual(tokenizeUnicode(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('cuts what is longer than 255', () => {
    expect(tokenize('a'.repeat(300)).map(({ length }) => length)).toEqual([255, 45]);
  });
});

describe('porterStem', () => {
  // From the paper's own examples.
  it.each(
    (
      'caresses:caress ponies:poni ties:ti cats:cat feed:feed agreed:agre plastered:plaster bled:bled motoring:motor ' +
      'sing:sing conflated:conflat troubled:troubl sized:size hopping:hop tanned:tan falling:fall hissing:hiss ' +
      'fizzed:fizz failing:fail filing:file happy:happi sky:sky relational:relat conditional:condit rational:ration ' +
      'digitizer:digit conformabli:conform radicalli:radic vietnamization:vietnam feudalism:feudal ' +
      'decisiveness:decis hopefulness:hope sensibiliti:sensibl triplicate:triplic formative:form electrical:electr ' +
      'goodness:good revival:reviv allowance:allow airliner:airlin adoption:adopt homologou:homolog ' +
      'effective:effect probate:probat rate:rate cease:ceas controll:control roll:roll is:is'
    )
      .split(' ')
      .map((pair) => pair.split(':') as [string, string]),
  )('makes %s to %s', (word, stem) => {
    expect(porterStem(word)).toBe(stem);
  });
});

describe('analyze', () => {
  it('drops possessives and stop words, and stems the rest', () => {
    expect(analyze("The Women’s shoes, for MEN's running")).toEqual([
      'women',
      'shoe',
      'men',
      'run',
    ]);
    expect(analyze('the and of')).toEqual([]);
  });
});

describe('lengths in a byte', () => {
  it('are exact below 40 and keep four significant bits from there on', () => {
    for (let length = 0; length < 40; length++)
      expect(byteToLength(lengthToByte(length))).toBe(length);
    expect([40, 41, 42, 263, 264, 2_000_000_000].map(lengthToByte)).toEqual([
      40, 40, 41, 70, 71, 254,
    ]);
    expect(byteToLength(71)).toBe(264);
    let last = -1;
    for (let byte = 0; byte < 256; byte++) {
      expect(byteToLength(byte)).toBeGreaterThan(last);
      last = byteToLength(byte);
    }
  });
});

describe('searchEngine', () => {
  const catalogue = memoryCatalogue([
    madeUp('B3', { title: 'red mug' }),
    madeUp('B1', { title: 'red mug' }),
    madeUp('B2', { title: 'red red cup', options: [{ name: 'size', values: ['big'] }] }),
  ]);
  const engine = searchEngine(catalogue, buildSearchIndex(catalogue));

  it('scores by BM25, and orders equal scores by code', () => {
    const hits = engine.search('mugs', 10);
    expect(hits.map(({ asin }) => asin)).toEqual(['B1', 'B3']);
    // N 3, df 2, tf 1, length 2, average (2 + 2 + 5) / 3.
    const idf = Math.log(1 + 1.5 / 2.5);
    expect(hits[0]!.score).toBeCloseTo(idf / (1 + 0.9 * (0.6 + (0.4 * 2) / 3)), 6);
  });

  it('counts a repeated word of the query twice, and finds options', () => {
    const [single] = engine.search('cup', 1);
    const [double] = engine.search('cup cups', 1);
    expect(double!.score).toBeCloseTo(2 * single!.score, 6);
    expect(engine.search('big', 5).map(({ asin }) => asin)).toEqual(['B2']);
  });

  it('keeps the best where more are found, and forgets between searches', () => {
    expect(engine.search('red cup', 1).map(({ asin }) => asin)).toEqual(['B2']);
    expect(engine.search('red', 2)).toEqual(engine.search('red', 3).slice(0, 2));
    expect(engine.search('the', 5)).toEqual([]);
    expect(engine.search('mug', 0)).toEqual([]);
  });

  it('refuses the index of another catalogue', () => {
    const other = memoryCatalogue([madeUp('B9')]);
    expect(() => searchEngine(other, buildSearchIndex(catalogue))).toThrow(/another catalogue/);
  });
});
