import { bisectRight } from '../src/python/bisect.js';
import { numpyRandom } from '../src/python/numpy-random.js';
import { pythonRandom } from '../src/python/python-random.js';
import {
  compareCodePoints,
  dictLiteral,
  floatText,
  jsonObject,
  strip,
  textLiteral,
  words,
} from '../src/python/python-text.js';
import { describeWithData, readData } from './data.js';

describe('Python texts', () => {
  it.each([
    [877.8, '877.8'],
    [100, '100.0'],
    [1e16, '1e+16'],
    [1.5e22, '1.5e+22'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e15, '1000000000000000.0'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0, '0.0'],
    [-0, '-0.0'],
    [Infinity, 'inf'],
  ])('writes the float %d as %s', (value, expected) => {
    expect(floatText(value)).toBe(expected);
  });

  it('quotes and escapes as repr and json.dumps', () => {
    expect(textLiteral(`a"b'c\\\n\u00a0é\u200b😀`)).toBe(`'a"b\\'c\\\\\\n\\xa0é\\u200b😀'`);
    expect(textLiteral("it's")).toBe('"it\'s"');
    expect(
      dictLiteral([
        ['size', '9'],
        ['a', "b'"],
      ]),
    ).toBe(`{'size': '9', 'a': "b'"}`);
    expect(jsonObject([['é', '"😀\u007f']])).toBe('{"\\u00e9": "\\"\\ud83d\\ude00\\u007f"}');
    expect(jsonObject([])).toBe('{}');
  });

  it('splits and strips at the white space that Python knows', () => {
    expect(words('\u001c a\u0085b\u00a0 \ufeff')).toEqual(['a', 'b', '\ufeff']);
    expect(strip('\u2003x\ufeff ')).toBe('x\ufeff');
  });

  it('orders by code points', () => {
    expect(['\u{1f600}', '\uff5e', 'a', ''].sort(compareCodePoints)).toEqual([
      '',
      'a',
      '\uff5e',
      '\u{1f600}',
    ]);
  });

  it('bisects to the right', () => {
    expect([0, 1, 1.5, 3].map((value) => bisectRight([0, 1, 1, 2], value))).toEqual([1, 3, 3, 4]);
  });
});

describeWithData('random numbers of Python and NumPy (skipped without shared/data)', () => {
  interface Vectors {
    readonly python_random: { readonly seeds: Record<string, Record<string, unknown>> };
    readonly numpy_RandomState_choice: { readonly seeds: Record<string, Record<string, number[]>> };
  }
  const vectors = readData<Vectors>('test_vectors.json');
  const range = (start: number, end: number): number[] =>
    Array.from({ length: end - start }, (_, i) => start + i);

  it.each(Object.keys(vectors.python_random.seeds))('seed %s of Python', (seed) => {
    const expected = vectors.python_random.seeds[seed]!;
    const start = () => pythonRandom(Number(seed));
    const times = <Value>(count: number, draw: () => Value): Value[] =>
      Array.from({ length: count }, draw);
    const shuffled = (count: number): number[] => {
      const items = range(0, count);
      start().shuffle(items);
      return items;
    };
    const [floats, bits, samples, uniforms] = [start(), start(), start(), start()];
    expect(times(5, () => floats.random())).toEqual(expected['random']);
    expect(times(5, () => bits.bits(32))).toEqual(expected['getrandbits32']);
    expect(shuffled(20)).toEqual(expected['shuffle20']);
    expect(times(5, () => samples.sample([10, 20, 30, 40], 2).sort((a, b) => a - b))).toEqual(
      expected['sample2of4_sorted'],
    );
    expect(times(3, () => uniforms.uniform(19.99, 27.99))).toEqual(
      expected['uniform(19.99,27.99)'],
    );
    expect(
      start()
        .choices([...'abcdefghijklmnopqrstuvwxyz'], 10)
        .join(''),
    ).toBe(expected['choices_lowercase10']);
    expect(shuffled(12087).slice(0, 20)).toEqual(expected['shuffle12087_first20']);
    expect(shuffled(12087).slice(-5)).toEqual(expected['shuffle12087_last5']);
    expect(start().sample(range(500, 6910), 5)).toEqual(expected['sample(range(500,6910),5)']);
    expect(start().sample(range(0, 1000), 50)).toEqual(expected['sample50of1000']);
  });

  it.each(Object.keys(vectors.numpy_RandomState_choice.seeds))('seed %s of NumPy', (seed) => {
    const expected = vectors.numpy_RandomState_choice.seeds[seed]!;
    const random = numpyRandom(Number(seed));
    const train = range(500, 6910);
    expect(random.choice(train, 16)).toEqual(expected['choice(range(500,6910),16,replace=False)']);
    expect(random.choice(train, 16)).toEqual(expected['again']);
    expect(numpyRandom(Number(seed)).choice(range(0, 500), 8)).toEqual(
      expected['choice(range(500),8,replace=False)'],
    );
  });
});
