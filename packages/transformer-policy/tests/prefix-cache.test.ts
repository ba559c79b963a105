import fc from 'fast-check';

import { floatsPerToken, type KeyValueSegment } from '../src/key-value-pool.js';
import { prefixCache, type PrefixCache } from '../src/prefix-cache.js';

const shape = { layers: 1, heads: 2, headDim: 2 };
const bytesPerToken = 4 * floatsPerToken(shape);

/** Keys and values that tell which prefix they stand for: a number made of all tokens up to each position. */
function marks(tokens: Int32Array, start: number, end: number): KeyValueSegment {
  const length = end - start;
  const data = new Float32Array(length * floatsPerToken(shape));
  const runs = floatsPerToken(shape) / shape.headDim;
  for (let run = 0; run < runs; run++) {
    for (let i = 0; i < length; i++) {
      const mark = tokens.slice(0, start + i + 1).reduce((sum, token) => 3 * sum + token + 1, run);
      data.fill(mark, (run * length + i) * shape.headDim, (run * length + i + 1) * shape.headDim);
    }
  }
  return { length, data };
}

const insert = (cache: PrefixCache, tokens: Int32Array): void => {
  cache.insert(tokens, tokens.length, (start, end) => marks(tokens, start, end));
};

/** What the matched runs hold, position by position, each [layers * 2 * heads, headDim]. */
function readRuns(cache: PrefixCache, tokens: Int32Array): number[][] {
  const positions: number[][] = [];
  for (const { segment, length } of cache.match(tokens, tokens.length).runs) {
    const runs = floatsPerToken(shape) / shape.headDim;
    for (let i = 0; i < length; i++) {
      const at = (run: number): number => (run * segment.length + i) * shape.headDim;
      positions.push(Array.from({ length: runs }, (_, run) => segment.data[at(run)]!));
    }
  }
  return positions;
}

const commonPrefix = (a: Int32Array, b: Int32Array): number => {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++;
  return length;
};

const text = fc
  .array(fc.nat(2), { minLength: 1, maxLength: 9 })
  .map((tokens) => Int32Array.from(tokens));

describe('prefixCache', () => {
  it('finds the longest prefix that any inserted text has, with its own keys and values', () => {
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 12 }),
        fc.array(text, { minLength: 1 }),
        (known, asked) => {
          const cache = prefixCache(shape, 1e6);
          known.forEach((tokens) => insert(cache, tokens));
          for (const tokens of asked) {
            const longest = Math.max(0, ...known.map((other) => commonPrefix(tokens, other)));
            expect(cache.match(tokens, tokens.length).length).toBe(longest);
            const stored = readRuns(cache, tokens);
            const whole = marks(tokens, 0, tokens.length);
            expect(stored).toEqual(
              Array.from({ length: longest }, (_, i) =>
                Array.from({ length: 4 }, (__, run) => whole.data[(run * tokens.length + i) * 2]!),
              ),
            );
          }
          const prefixes = new Set(
            known.flatMap((tokens) => [...tokens].map((_, i) => tokens.slice(0, i + 1).join())),
          );
          expect(cache.size()).toBe(prefixes.size);
        },
      ),
    );
  });

  it('never holds more than its limit, and never a wrong position', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.nat(12), (known, limit) => {
        const cache = prefixCache(shape, limit * bytesPerToken);
        for (const tokens of known) {
          insert(cache, tokens);
          expect(cache.size()).toBeLessThanOrEqual(limit);
          const found = readRuns(cache, tokens);
          const whole = marks(tokens, 0, tokens.length);
          found.forEach((values, i) => expect(values[0]).toBe(whole.data[i * 2]));
        }
      }),
    );
  });

  it('forgets first what was used longest ago', () => {
    const [old, used, fresh] = [
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 2],
    ].map((tokens) => Int32Array.from(tokens));
    const cache = prefixCache(shape, 8 * bytesPerToken);
    insert(cache, old!);
    insert(cache, used!);
    cache.match(old!, 3);
    insert(cache, fresh!);
    expect([old!, used!, fresh!].map((tokens) => cache.match(tokens, 3).length)).toEqual([3, 0, 3]);
  });

  it('looks no further than it is asked to', () => {
    const cache = prefixCache(shape, 1e6);
    insert(cache, Int32Array.of(1, 2, 3, 4));
    expect(cache.match(Int32Array.of(1, 2, 3, 4), 2).length).toBe(2);
    cache.clear();
    expect(cache.match(Int32Array.of(1, 2), 2).length).toBe(0);
    expect(cache.size()).toBe(0);
  });
});
