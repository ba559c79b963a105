import { contrast } from '../src/contrast.js';

describe('a contrast', () => {
  it('shows texts where they begin to differ', () => {
    const text = 'a'.repeat(100);
    expect(contrast(`${text}X`, `${text}Y and more`)).toEqual({
      expected: `..."${'a'.repeat(30)}X"`,
      found: `..."${'a'.repeat(30)}Y and more"`,
    });
    expect(contrast('go', 'goes')).toEqual({ expected: '"go"', found: '"goes"' });
  });

  it('shows what is missing from a list and what is too much in it, or where the order differs', () => {
    expect(contrast(['a', 'b'], ['b', 'c'])).toEqual({
      expected: 'also ["a"]',
      found: 'also ["c"]',
    });
    expect(contrast(['a', 'b'], ['b', 'a'])).toEqual({
      expected: 'item 1: "a"',
      found: 'item 1: "b"',
    });
    expect(contrast(['a', 'a'], ['a'])).toEqual({ expected: 'item 2: "a"', found: 'item 2: null' });
  });

  it('shows all else as it is', () => {
    expect(contrast(true, 0)).toEqual({ expected: 'true', found: '0' });
  });
});
