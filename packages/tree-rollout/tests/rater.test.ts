import {
  treeFromJson,
  treeToJson,
  type BranchingCriterion,
  type TreeEvent,
  type TurnRater,
} from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';

import { rolloutTree, type RolloutEvent, type RolloutTreeOptions } from '../src/index.js';
import { brief, inOrder, plainWorld, protocol, shape, strictTurns, task } from './support.js';

/** Forks where the rating is below one half. */
const lowRated: BranchingCriterion = {
  id: 'low-rated',
  maxWidth: 2,
  decide: ({ turn }) => ({ width: (turn.rating?.value ?? 1) < 0.5 ? 2 : 1 }),
};

/** Thinks little of the turn of root 0, and takes 10 tokens to say so. */
const rater = (overrides: Partial<TurnRater> = {}): TurnRater => ({
  id: 'judge',
  maxTokens: 16,
  rate: ({ turn, path }) => ({ value: turn.id === '0' ? 0.1 : path.length, tokens: 10 }),
  ...overrides,
});

const parts = (
  overrides: Partial<RolloutTreeOptions<string>> = {},
): RolloutTreeOptions<string> => ({
  environment: plainWorld(),
  policy: scriptedPolicy(() => '<think>r</think><action>a</action>'),
  protocol,
  brief,
  task: task(),
  seed: ['seed', 1],
  roots: 2,
  maxTurns: 2,
  retries: 0,
  sampling: { maxTokens: 64 },
  criterion: lowRated,
  arbiter: inOrder,
  budget: strictTurns(8, 1000, 50),
  rater: rater(),
  ...overrides,
});

/** `<think>r</think><action>a</action>` and its end. */
const RESPONSE = 35;

describe('a rater', () => {
  it('rates turns before the criterion is asked; the rating stands in the turn, also as JSON', async () => {
    const tree = await rolloutTree(parts());
    expect(shape(tree).turns).toEqual(['0:2', '0.0:1', '0.1:1', '1:1', '1.0:1']);
    expect([...tree.turns.values()].map(({ rating }) => rating?.value)).toEqual([0.1, 2, 2, 1, 2]);
    expect(treeFromJson(treeToJson(tree), 'tree').turns.get('0' as never)?.rating).toEqual({
      value: 0.1,
      tokens: 10,
    });
    expect(tree.settings['rater']).toBe('judge');
  });

  it('is paid from the same budget as responses', async () => {
    const tree = await rolloutTree(parts());
    expect(tree.resources?.tokens).toMatchObject({ used: 5 * (RESPONSE + 10), reserved: 0 });
    // A turn reserves 64 + 16: two of them do not fit in 159 tokens.
    await expect(rolloutTree(parts({ budget: strictTurns(8, 159, 50) }))).rejects.toThrow(
      '2 turns do not fit in 1',
    );
  });

  it('that stays broken loses no path: the turn is unrated, and charged the most', async () => {
    const retries: RolloutEvent[] = [];
    const broken = rater({
      rate: ({ turn }) => {
        if (turn.id === '1') throw new Error('the judge is away');
        return { value: 1, tokens: 0 };
      },
    });
    const tree = await rolloutTree(
      parts({
        rater: broken,
        retries: 1,
        onEvent: (event) => (event.type === 'retry' ? void retries.push(event) : undefined),
      }),
    );
    expect(tree.account.failed).toBe(0);
    expect(tree.turns.get('1' as never)).not.toHaveProperty('rating');
    expect(tree.resources?.tokens).toMatchObject({ used: 4 * RESPONSE + 16 });
    expect(retries).toMatchObject([{ callee: 'rater', node: '1', retry: 1 }]);
  });

  it.each([
    ['a rating that is no number', { value: NaN, tokens: 0 }],
    ['more tokens than its most', { value: 1, tokens: 17 }],
    ['half a token', { value: 1, tokens: 0.5 }],
  ])('%s counts as no answer', async (_, rating) => {
    const tree = await rolloutTree(parts({ rater: rater({ rate: () => rating }) }));
    expect([...tree.turns.values()].map(({ rating: found }) => found)).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('is not asked again about a recorded turn', async () => {
    const events: TreeEvent[] = [];
    const keep = { append: (event: TreeEvent) => void events.push(event) };
    const whole = await rolloutTree(parts({ journal: keep }));
    for (let kept = 1; kept < events.length; kept++) {
      const known = new Set(
        events.slice(0, kept).flatMap((event) => (event.type === 'turn' ? [event.turn.id] : [])),
      );
      const once = rater({
        rate: (context) => {
          expect(known.has(context.turn.id)).toBe(false);
          return rater().rate(context);
        },
      });
      const journal = { append: () => undefined, recorded: () => events.slice(0, kept) };
      const tree = await rolloutTree(parts({ rater: once, journal }));
      expect(JSON.stringify(treeToJson(tree))).toBe(JSON.stringify(treeToJson(whole)));
    }
  });
});
