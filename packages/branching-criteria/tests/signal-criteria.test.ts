import { InvalidInputError, type BranchingCriterion } from '@spark-rl/core';
import fc from 'fast-check';

import {
  leastConfidence,
  maxEntropy,
  meanEntropy,
  meanEntropySignal,
  repeatedAction,
  repeatedObservation,
  stalledScore,
  surprisal,
  threshold,
  top2Margin,
  verbalisedDoubt,
  type Signal,
} from '../src/index.js';
import { ask, askAfter, makePath, type TurnParts } from './make.js';

const scoreSignal: Signal = {
  id: 'score',
  value: (path) => path.at(-1)?.next.score ?? null,
};

describe('threshold', () => {
  it('asks above the threshold, not at it, with the signal as priority', () => {
    const criterion = threshold({ signal: scoreSignal, above: 0.5, width: 3 });
    expect(criterion.id).toBe('threshold(score,0.5,3)');
    expect(criterion.maxWidth).toBe(3);
    expect(askAfter(criterion, { score: 0.75 })).toEqual({ width: 3, priority: 0.75 });
    expect(askAfter(criterion, { score: 0.5 })).toEqual({ width: 1 });
    expect(askAfter(criterion, { score: 0.25 })).toEqual({ width: 1 });
  });

  it('wants what its signal wants', () => {
    expect(threshold({ signal: meanEntropySignal(), above: 0 }).want).toEqual({ entropies: true });
    expect(threshold({ signal: scoreSignal, above: 0 })).not.toHaveProperty('want');
  });

  it('does not ask where there is nothing to measure', () => {
    const nothing: Signal = { id: 'nothing', value: () => null };
    expect(askAfter(threshold({ signal: nothing, above: -1 }), {})).toEqual({ width: 1 });
  });

  it('asks exactly where the signal is above, as wide as it may', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 1, max: 5 }),
        (score, above, width) => {
          const decision = askAfter(threshold({ signal: scoreSignal, above, width }), { score });
          expect(decision.width).toBe(score > above ? width : 1);
        },
      ),
    );
  });
});

describe('criteria on a signal', () => {
  const entropies = [0.5, 0.25, 1.5, 0];
  // Margins 0.5 and 0.1, mean 0.3; 1 - p is 0.25 and 0.5, mean 0.375.
  const top = [
    [0.75, 0.25],
    [0.4, 0.5],
  ];
  const logProbs = [-0.5, 0, -2.5];

  it.each<[string, BranchingCriterion, TurnParts, number]>([
    ['a mean entropy of 0.5625', meanEntropy({ above: 0.56 }), { entropies }, 2],
    ['a mean entropy of 0.5625', meanEntropy({ above: 0.57 }), { entropies }, 1],
    ['a largest entropy of 1.5', maxEntropy({ above: 1.4, width: 4 }), { entropies }, 4],
    ['a largest entropy of 1.5', maxEntropy({ above: 1.5 }), { entropies }, 1],
    ['a mean margin of 0.3', top2Margin({ below: 0.31 }), { top }, 2],
    ['a mean margin of 0.3', top2Margin({ below: 0.29 }), { top }, 1],
    ['a smallest margin of 0.1', top2Margin({ below: 0.11, over: 'min' }), { top }, 2],
    ['a smallest margin of 0.1', top2Margin({ below: 0.09, over: 'min' }), { top }, 1],
    ['a mean doubt of 0.375', leastConfidence({ above: 0.37 }), { top }, 2],
    ['a mean doubt of 0.375', leastConfidence({ above: 0.38 }), { top }, 1],
    ['a largest doubt of 0.5', leastConfidence({ above: 0.49, over: 'max' }), { top }, 2],
    ['a mean surprisal of 1', surprisal({ above: 0.9 }), { logProbs }, 2],
    ['a mean surprisal of 1', surprisal({ above: 1 }), { logProbs }, 1],
    [
      'a largest surprisal of 2.5',
      surprisal({ above: 2.4, over: 'max', width: 3 }),
      { logProbs },
      3,
    ],
    ['one phrase of doubt', verbalisedDoubt(), { text: 'It might be here.' }, 2],
    ['no phrase of doubt', verbalisedDoubt(), { text: 'It is here.' }, 1],
    ['one phrase where two are needed', verbalisedDoubt({ times: 2 }), { text: 'Maybe here.' }, 1],
    ['two phrases', verbalisedDoubt({ times: 2 }), { text: 'Maybe here, not sure.' }, 2],
    ['a phrase of one’s own', verbalisedDoubt({ patterns: ['hm+'] }), { text: 'Hmm.' }, 2],
  ])('%s: %s', (_, criterion, parts, width) => {
    expect(askAfter(criterion, parts).width).toBe(width);
  });

  it('name their settings, and want what they read', () => {
    const named = [
      meanEntropy({ above: 0.5 }),
      maxEntropy({ above: 2, width: 3 }),
      top2Margin({ below: 0.1, over: 'min' }),
      leastConfidence({ above: 0.5 }),
      surprisal({ above: 1 }),
      verbalisedDoubt(),
      repeatedAction({ sameObservation: true }),
      repeatedObservation({ times: 3 }),
      stalledScore(),
    ];
    expect(named.map(({ id }) => id)).toEqual([
      'mean-entropy(0.5,2)',
      'max-entropy(2,3)',
      'top2-margin(0.1,min,2)',
      'least-confidence(0.5,mean,2)',
      'surprisal(1,mean,2)',
      'verbalised-doubt(response,default,1,2)',
      'repeated-action-at-observation(2,5,2)',
      'repeated-observation(3,5,2)',
      'stalled-score(5,2)',
    ]);
    expect(named.map(({ want }) => want)).toEqual([
      { entropies: true },
      { entropies: true },
      { topLogProbs: 2 },
      { topLogProbs: 1 },
      ...new Array<undefined>(5).fill(undefined),
    ]);
  });

  it('rank requests by their signal', () => {
    expect(askAfter(top2Margin({ below: 0.31 }), { top }).priority).toBeCloseTo(-0.3, 12);
    expect(askAfter(verbalisedDoubt(), { text: 'Maybe; unclear.' }).priority).toBe(2);
    expect(ask(repeatedAction(), makePath({}, {}, {})).priority).toBe(3);
  });
});

describe('loop detectors', () => {
  const actions = (...names: readonly string[]) => makePath(...names.map((action) => ({ action })));

  it('repeatedAction: k times within the last w turns', () => {
    const criterion = repeatedAction({ times: 3, window: 4 });
    expect(ask(criterion, actions('a', 'a')).width).toBe(1);
    expect(ask(criterion, actions('a', 'b', 'a', 'a')).width).toBe(2);
    expect(ask(criterion, actions('a', 'b', 'c', 'a', 'a')).width).toBe(1);
    expect(ask(criterion, actions('a', 'a', 'a', 'b')).width).toBe(1);
  });

  it('repeatedAction: in the same place only, when told so', () => {
    const path = makePath(
      { action: 'go', observation: 'hall' },
      { action: 'go', observation: 'attic' },
    );
    expect(ask(repeatedAction(), path).width).toBe(2);
    expect(ask(repeatedAction({ sameObservation: true }), path).width).toBe(1);
  });

  it('repeatedAction: invalid responses are no loop', () => {
    expect(ask(repeatedAction(), makePath({ valid: false }, { valid: false })).width).toBe(1);
  });

  it('repeatedObservation: back where it was', () => {
    const path = makePath(
      { nextObservation: 'hall' },
      { nextObservation: 'attic' },
      { nextObservation: 'hall' },
    );
    expect(ask(repeatedObservation({ window: 3 }), path).width).toBe(2);
    expect(ask(repeatedObservation({ window: 2 }), path).width).toBe(1);
  });

  it('stalledScore: k turns without a new best', () => {
    const scores = (...values: readonly number[]) =>
      makePath(...values.map((score) => ({ score })));
    expect(ask(stalledScore({ turns: 2 }), scores(1, 1, 1)).width).toBe(2);
    expect(ask(stalledScore({ turns: 2 }), scores(1, 1)).width).toBe(1);
    expect(ask(stalledScore({ turns: 2 }), scores(1, 1, 2)).width).toBe(1);
  });
});

describe('wrong options', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['no threshold', () => meanEntropy({} as never), /^options of meanEntropy: above/],
    ['no signal', () => threshold({ above: 1 } as never), /expected a signal: \{ id, value \}/],
    [
      'a criterion for a signal',
      () => threshold({ signal: verbalisedDoubt() as never, above: 1 }),
      /expected a signal/,
    ],
    ['a margin above 1', () => top2Margin({ below: 2 }), /^options of top2Margin: below.*found 2/],
    [
      'a mean where a smallest is meant',
      () => top2Margin({ below: 0.1, over: 'max' as never }),
      /over/,
    ],
    ['a confidence below 0', () => leastConfidence({ above: -1 }), /above/],
    ['half a child', () => surprisal({ above: 1, width: 1.5 }), /width/],
    ['no phrases', () => verbalisedDoubt({ times: 0 }), /times/],
    ['a repetition of one', () => repeatedAction({ times: 1 }), /times/],
    [
      'more times than turns',
      () => repeatedAction({ times: 6 }),
      /times: expected at most as many times/,
    ],
    ['more times than observations', () => repeatedObservation({ times: 4, window: 3 }), /times/],
    ['no turns', () => stalledScore({ turns: 0 }), /turns/],
  ])('%s: refused', (_, make, message) => {
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });

  it('a policy that does not report what is read is refused at the first turn', () => {
    expect(() => askAfter(meanEntropy({ above: 0.5 }), { logProbs: [-1] })).toThrow(
      InvalidInputError,
    );
  });
});
