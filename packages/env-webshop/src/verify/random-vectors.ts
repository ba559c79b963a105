import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { cumulativeWeights, weightedPlace } from '../goals/make-goals.js';
import { numpyRandom, type NumpyRandom } from '../python/numpy-random.js';
import { pythonRandom } from '../python/python-random.js';
import type { Case } from './report.js';

const seedsSchema = z.object({ seeds: z.record(z.string(), z.record(z.string(), z.unknown())) });

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

const times = <Value>(count: number, draw: () => Value): Value[] =>
  Array.from({ length: count }, draw);

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** The draws that names of vectors such as `shuffle20` or `uniform(1,2)` stand for; each begins at the seed. */
const PYTHON_DRAWS: readonly (readonly [
  form: RegExp,
  draw: (seed: number, count: number, ...numbers: number[]) => unknown,
])[] = [
  [
    /^random$/,
    (seed, count) => {
      const random = pythonRandom(seed);
      return times(count, () => random.random());
    },
  ],
  [
    /^getrandbits(\d+)$/,
    (seed, count, bits = 32) => {
      const random = pythonRandom(seed);
      return times(count, () => random.bits(bits));
    },
  ],
  [/^shuffle(\d+)$/, (seed, _, size = 0) => shuffled(seed, size)],
  [
    /^shuffle(\d+)_first(\d+)$/,
    (seed, _, size = 0, part = 0) => shuffled(seed, size).slice(0, part),
  ],
  [/^shuffle(\d+)_last(\d+)$/, (seed, _, size = 0, part = 0) => shuffled(seed, size).slice(-part)],
  [
    // Price limits: the population is 10, 20, ...
    /^sample(\d+)of(\d+)_sorted$/,
    (seed, count, drawn = 0, size = 0) => {
      const random = pythonRandom(seed);
      const limits = range(1, size + 1).map((ten) => 10 * ten);
      return times(count, () => random.sample(limits, drawn).sort((a, b) => a - b));
    },
  ],
  [
    /^sample(\d+)of(\d+)$/,
    (seed, _, drawn = 0, size = 0) => pythonRandom(seed).sample(range(0, size), drawn),
  ],
  [
    /^sample\(range\((\d+),(\d+)\),(\d+)\)$/,
    (seed, _, start = 0, end = 0, drawn = 0) => pythonRandom(seed).sample(range(start, end), drawn),
  ],
  [
    /^uniform\(([\d.]+),([\d.]+)\)$/,
    (seed, count, low = 0, high = 1) => {
      const random = pythonRandom(seed);
      return times(count, () => random.uniform(low, high));
    },
  ],
  [
    /^choices_lowercase(\d+)$/,
    (seed, _, count = 0) => pythonRandom(seed).choices(LETTERS, count).join(''),
  ],
];

function shuffled(seed: number, size: number): number[] {
  const items = range(0, size);
  pythonRandom(seed).shuffle(items);
  return items;
}

/** Vectors of Python's random numbers; names that are not known are left out. */
export function* pythonCases(value: unknown): Generator<Case> {
  const { seeds } = parseInput(seedsSchema, value, 'python_random');
  for (const [seed, vectors] of Object.entries(seeds)) {
    for (const [name, expected] of Object.entries(vectors)) {
      for (const [form, draw] of PYTHON_DRAWS) {
        const match = form.exec(name);
        if (match === null) continue;
        const found = draw(Number(seed), lengthOf(expected), ...match.slice(1).map(Number));
        yield { name: `seed ${seed}, ${name}`, expected, found };
      }
    }
  }
}

/** Vectors of NumPy's `choice`: each begins at the seed, but `again` goes on. */
export function* numpyCases(value: unknown): Generator<Case> {
  const { seeds } = parseInput(seedsSchema, value, 'numpy_RandomState_choice');
  for (const [seed, vectors] of Object.entries(seeds)) {
    let random: NumpyRandom = numpyRandom(Number(seed));
    let population: number[] = [];
    for (const [name, expected] of Object.entries(vectors)) {
      const match = /^choice\(range\((?:(\d+),)?(\d+)\),(\d+)/.exec(name);
      if (match !== null) {
        random = numpyRandom(Number(seed));
        population = range(Number(match[1] ?? 0), Number(match[2]));
      } else if (name !== 'again') continue;
      const found = random.choice(population, lengthOf(expected));
      yield { name: `seed ${seed}, ${name}`, expected, found };
    }
  }
}

const weightedSchema = z.object({
  seed: z.int(),
  weights_from: z.string(),
  weights: z.array(z.number()),
  cum_weights: z.array(z.number()),
  expect_next_three: z.array(z.number()),
});

/** Vectors of the original's draw by weight, after the weights were drawn from the same generator. */
export function weightedCases(value: unknown): Case[] {
  const vector = parseInput(weightedSchema, value, 'random_idx');
  const random = pythonRandom(vector.seed);
  const drawn = /randint\((\d+),(\d+)\)/.exec(vector.weights_from);
  const [low, high] = [Number(drawn?.[1] ?? 0), Number(drawn?.[2] ?? 0)];
  const weights = vector.weights.map(() => low + random.below(high - low + 1));
  const sums = cumulativeWeights(weights);
  return [
    { name: 'weights', expected: vector.weights, found: weights },
    { name: 'cum_weights', expected: vector.cum_weights, found: sums },
    {
      name: 'draws',
      expected: vector.expect_next_three,
      found: vector.expect_next_three.map(() => weightedPlace(sums, random)),
    },
  ];
}
