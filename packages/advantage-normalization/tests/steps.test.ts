import type { NodeId, TreeId, TurnScores } from '@spark-rl/core';

import {
  anchorGroups,
  environmentScore,
  giGpo,
  ratedReward,
  rlvmr,
  scoreGain,
  sequenceSimilarity,
  turnDiscounted,
} from '../src/index.js';
import { advantagesOf, copiesOf, expectAdvantages } from './credits.js';
import { bushy, tree } from './trees.js';

const plain = { std: false, invalidPenalty: 0 };

/** Two chains; the hall is seen three times, twice by the second. */
const halls = tree([
  { observation: 'hall', next: [{ observation: 'kitchen', next: 'success' }] },
  {
    observation: 'hall',
    next: [
      { observation: 'hall', valid: false, next: [{ observation: 'cellar', next: 'failure' }] },
    ],
  },
]);

describe('GiGPO', () => {
  it('adds the advantage of the episode and of the step among equal observations', () => {
    // Returns with gamma 1/2: 1/2, 1 and 0, 0, 0; in the hall 1/2, 0, 0 with mean 1/6.
    expectAdvantages(advantagesOf(giGpo({ ...plain, gamma: 0.5 }), [halls]), {
      '0': [1 / 2 + 1 / 3],
      '0.0': [1 / 2],
      '1': [-1 / 2 - 1 / 6],
      '1.0': [-1 / 2 - 1 / 6],
      '1.0.0': [-1 / 2],
    });
  });

  it('divides both by their deviations', () => {
    // The hall's deviation: squares 1/9, 1/36, 1/36 over 2: sqrt(1/12).
    const exact = { gamma: 0.5, epsilon: 0, invalidPenalty: 0 };
    const half = Math.SQRT1_2;
    const hall = Math.sqrt(1 / 12);
    expectAdvantages(advantagesOf(giGpo({ ...exact, stepWeight: 2 }), [halls]), {
      '0': [half + 2 / 3 / hall],
      '0.0': [half],
      '1': [-half - 1 / 3 / hall],
      '1.0': [-half - 1 / 3 / hall],
      '1.0.0': [-half],
    });
  });

  it('as published: statistics over rows, fines before normalising', () => {
    // Rows 1, 1, 0, -0.1, 0 with mean 0.38; returns in the hall 0.5, 0, -0.1 with mean 0.4 / 3.
    const published = giGpo({
      std: false,
      gamma: 0.5,
      episode: 'rows',
      penalise: 'before',
      invalidPenalty: 0.1,
    });
    expectAdvantages(advantagesOf(published, [halls]), {
      '0': [0.62 + 0.5 - 0.4 / 3],
      '0.0': [0.62],
      '1': [-0.38 - 0.4 / 3],
      '1.0': [-0.48 - 0.1 - 0.4 / 3],
      '1.0.0': [-0.38],
    });
    expect(() => giGpo({ penalise: 'before' })).toThrow(/penalise: .*episode "rows"/);
  });

  it('compares the children of a fork, and nothing within one turn', () => {
    const forked = tree([
      {
        observation: 'a',
        next: [
          { observation: 'b', next: 'success' },
          { observation: 'b', next: 'failure' },
        ],
      },
    ]);
    expectAdvantages(advantagesOf(giGpo(plain), [forked]), {
      // Copies of the root differ by 0.95, but there was one decision only.
      '0': [1 / 2, -1 / 2],
      '0.0': [1 / 2 + 1 / 2],
      '0.1': [-1 / 2 - 1 / 2],
    });
  });

  it('counts a shared turn once with mean, and as often as it is copied with sum', () => {
    const shared = tree([
      {
        observation: 'a',
        next: [
          { observation: 'b', next: 'success' },
          { observation: 'c', next: 'success' },
        ],
      },
      { observation: 'a', next: 'failure' },
    ]);
    const step = (weights: 'mean' | 'sum'): number[] =>
      advantagesOf(giGpo({ ...plain, gamma: 1, weights }), [shared])['1']!;
    // Over leaves the mean is 2/3. In a: 1, 1, 0 with weights 1/2, 1/2, 1 or 1, 1, 1.
    expectAdvantages(
      { mean: step('mean'), sum: step('sum') },
      { mean: [-2 / 3 - 1 / 2], sum: [-4 / 3] },
    );
  });

  it('groups observations that are alike when asked', () => {
    const doors = tree([
      { observation: 'You open the fridge 1.', next: 'success' },
      { observation: 'You open the fridge 2.', next: 'failure' },
    ]);
    expect(advantagesOf(giGpo(plain), [doors])).toEqual({ 0: [0.5], 1: [-0.5] });
    expect(advantagesOf(giGpo({ ...plain, similarity: 0.95 }), [doors])).toEqual({
      0: [1],
      1: [-1],
    });
    expect(() => giGpo({ similarity: 1 })).toThrow(/similarity/);
  });

  it('reads rewards of steps', () => {
    const scored = tree([
      {
        observation: 'a',
        scoreAfter: 3,
        next: [{ observation: 'b', scoreAfter: 5, next: 'failure', score: 5 }],
      },
      { observation: 'a', scoreAfter: 1, next: 'failure', score: 1 },
    ]);
    // Returns with gamma 1/2: 3 + 2/2 = 4, 2 and 1.
    const estimator = giGpo({
      ...plain,
      gamma: 0.5,
      stepReward: scoreGain,
      reward: environmentScore,
    });
    expectAdvantages(advantagesOf(estimator, [scored]), {
      '0': [2 + 1.5],
      '0.0': [2],
      '1': [-2 - 1.5],
    });
  });
});

describe('anchors', () => {
  it('take the first group that is alike enough', () => {
    const turns = (texts: readonly string[]): Parameters<typeof anchorGroups>[0] => [
      ...tree(texts.map((observation) => ({ observation, next: 'failure' }))).turns.values(),
    ];
    const groups = (texts: readonly string[], similarity: number | null): string[] =>
      [...anchorGroups(turns(texts), similarity).values()].map(({ id }) => id);
    // 8 of 10 characters: ratio 0.8; the first and the last share 6 only.
    const texts = ['aaaaaaaaaa', 'aaaaaaaabb', 'aaaaaabbbb', 'aaaaaaaabb'];
    expect(groups(texts, null)).toEqual(['0', '1', '2', '1']);
    expect(groups(texts, 0.75)).toEqual(['0', '0', '2', '0']);
  });

  it('are as alike as difflib says', () => {
    // Ratios of Python 3's difflib.SequenceMatcher(None, a, b).ratio().
    const room =
      'You are in the middle of a room. Looking quickly around you, you see a cabinet 4, a cabinet 3, a cabinet 2, a cabinet 1, a countertop 1, a drawer 2, a drawer 1, a fridge 1, a garbagecan 1, a microwave 1, a sinkbasin 1, a stoveburner 2, a stoveburner 1 and a toaster 1.';
    const other = room.replace('toaster 1', 'toaster 2').replace('drawer 2, ', '');
    const top =
      'On the countertop 1, you see a apple 1, a bread 2, a egg 1, a knife 3, a lettuce 1, a peppershaker 1, a plate 2, a potato 1, a saltshaker 2, a spatula 1, a spoon 3, a tomato 1 and a winebottle 2. Nothing else is on it at all, as far as can be seen from here, so look on.';
    for (const [a, b, ratio] of [
      ['', '', 1],
      ['a', '', 0],
      ['abcd', 'bcde', 0.75],
      ['tide', 'diet', 0.25],
      ['diet', 'tide', 0.5],
      ['qabxcd', 'abycdf', 0.6666666666666666],
      [
        'private Thread currentThread;',
        'private volatile Thread currentThread;',
        0.8656716417910447,
      ],
      ['You open the fridge 1.', 'You open the fridge 2.', 0.9545454545454546],
      ['the 🍎 is red', 'the 🍐 is red', 0.9166666666666666],
      // 200 characters or more: frequent ones start no block.
      [room, other, 0.6007604562737643],
      [other, room, 0.9695817490494296],
      [room, top, 0.022304832713754646],
      [top, room, 0.12639405204460966],
    ] as const)
      expect(sequenceSimilarity(a, b)).toBeCloseTo(ratio, 14);
  });
});

describe('RLVMR', () => {
  const tagged = tree([
    {
      mode: 'planning',
      action: 'go',
      next: [
        {
          mode: 'explore',
          action: 'take',
          next: [{ mode: 'monitor', action: 'put', next: 'success' }],
        },
      ],
    },
    {
      mode: 'planning',
      action: 'go',
      next: [
        {
          mode: 'explore',
          action: 'go',
          next: [{ valid: false, next: [{ mode: 'reflection', action: 'open', next: 'failure' }] }],
        },
      ],
    },
  ]);

  it('mixes the episode with the tags by alpha', () => {
    // Planning earns 1 and 0, exploring something new 1 and something old 0; the only reflection has nothing to be compared with.
    expectAdvantages(advantagesOf(rlvmr({ std: false, alpha: 0.75 }), [tagged]), {
      '0': [0.375 + 0.125],
      '0.0': [0.375 + 0.125],
      '0.0.0': [0.375],
      '1': [-0.375 - 0.125],
      '1.0': [-0.375 - 0.125],
      '1.0.0': [-0.375 - 0.1],
      '1.0.0.0': [-0.375],
    });
  });

  it('as published: a sum over rows, fines before normalising, and a lone tag keeps its reward', () => {
    // Rows 1, 1, 1, 0, 0, -0.1, 0 with mean 2.9 / 7.
    const mean = 2.9 / 7;
    const published = rlvmr({
      std: false,
      form: 'sum',
      tagWeight: 0.5,
      episode: 'rows',
      penalise: 'before',
      lone: 'raw',
    });
    expectAdvantages(advantagesOf(published, [tagged]), {
      '0': [1 - mean + 0.25],
      '0.0': [1 - mean + 0.25],
      '0.0.0': [1 - mean],
      '1': [-mean - 0.25],
      '1.0': [-mean - 0.25],
      '1.0.0': [-0.1 - mean],
      '1.0.0.0': [-mean + 0.5],
    });
  });

  it('rewards a reflection only when it changes what did not work', () => {
    const reflecting = (first: { admissible: boolean; action: string }): number[] => {
      const group = tree([
        { ...first, next: [{ mode: 'reflection', action: 'open', next: 'failure' }] },
        { mode: 'reflection', action: 'open', next: 'failure' },
      ]);
      return advantagesOf(rlvmr({ std: false, alpha: 0 }), [group])['0.0']!;
    };
    // The second root reflects with nothing before it, which counts; equal rewards give 0.
    expect(reflecting({ admissible: false, action: 'close' })).toEqual([0]);
    expect(reflecting({ admissible: false, action: 'open' })).toEqual([-0.5]);
    expect(reflecting({ admissible: true, action: 'close' })).toEqual([-0.5]);
  });

  it('takes no notice of what an invalid turn says', () => {
    const estimator = rlvmr({ std: false, alpha: 0, invalidPenalty: 0 });
    const group = tree([
      {
        mode: 'explore',
        action: 'go',
        valid: false,
        next: [{ mode: 'explore', action: 'go', next: 'failure' }],
      },
      { mode: 'explore', action: 'go', next: [{ mode: 'explore', action: 'go', next: 'failure' }] },
    ]);
    // Exploring earns 1, 1 and 0: the invalid turn has no tag, and what it said was not tried.
    expectAdvantages(advantagesOf(estimator, [group]), {
      '0': [0],
      '0.0': [1 / 3],
      '1': [1 / 3],
      '1.0': [-2 / 3],
    });
  });

  it('takes other rewards and other names', () => {
    const options = { planning: 4, modes: { planning: 'plan' } };
    const named = tree([
      { mode: 'plan', next: 'success' },
      { mode: 'plan', next: 'failure' },
    ]);
    expect(advantagesOf(rlvmr({ std: false, alpha: 0, tagRewards: options }), [named])).toEqual({
      0: [2],
      1: [-2],
    });
    expect(() => rlvmr({ tagRewards: { planning: -1 } })).toThrow(/tagRewards: planning/);
  });
});

describe('discounted returns by turn', () => {
  it('are compared among turns with the same index, a shared turn once', () => {
    // Returns with gamma 1/2 at index 0: (1/2, 0), (0, 1/4, 0), (0); the turns' means 1/4, 1/12, 0, over all 1/9.
    const advantages = advantagesOf(turnDiscounted({ ...plain, gamma: 0.5 }), [bushy]);
    expectAdvantages(
      { a: advantages['0']!, b: advantages['1']!, c: advantages['2']! },
      { a: [7 / 18, -1 / 9], b: [-1 / 9, 5 / 36, -1 / 9], c: [-1 / 9] },
    );
  });

  it('or with nothing, or over the group', () => {
    const chains = tree([{ next: [{ next: 'success' }] }, { next: 'failure' }]);
    expect(
      advantagesOf(turnDiscounted({ ...plain, gamma: 0.5, compare: 'none' }), [chains]),
    ).toEqual({ 0: [0.5], '0.0': [1], 1: [0] });
    expect(
      advantagesOf(turnDiscounted({ ...plain, gamma: 0.5, compare: 'group' }), [chains]),
    ).toEqual({ 0: [0], '0.0': [0.5], 1: [-0.5] });
  });

  it('read what a scorer said', () => {
    const chains = tree([{ next: [{ next: 'success' }] }, { next: 'failure' }]);
    const scores: TurnScores = new Map([
      [
        'tree' as TreeId,
        new Map([
          ['0' as NodeId, 1],
          ['0.0' as NodeId, 2],
          ['1' as NodeId, 4],
        ]),
      ],
    ]);
    const rated = turnDiscounted({
      ...plain,
      gamma: 0.5,
      compare: 'none',
      stepReward: ratedReward,
    });
    expect(advantagesOf(rated, [chains], scores)).toEqual({ 0: [2], '0.0': [2], 1: [4] });
    const mixed = turnDiscounted({
      ...plain,
      gamma: 1,
      compare: 'none',
      stepReward: ({ rating = 0, outcome }) => 0.1 * rating + (outcome ?? 0),
    });
    const { 0: root } = advantagesOf(mixed, [chains], scores);
    expect(root![0]).toBeCloseTo(0.3 + 1, 12);
  });

  it('keep copies by leaf', () => {
    expect(copiesOf(turnDiscounted(), [bushy])['1']!.map(({ leaf }) => leaf)).toEqual([
      '1.0',
      '1.1.0',
      '1.1.1',
    ]);
  });
});
