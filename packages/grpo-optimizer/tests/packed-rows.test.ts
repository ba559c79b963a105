import { InvalidInputError, randomSource, type CreditedTree } from '@spark-rl/core';
import fc from 'fast-check';

import { collapseCopies, packTurns, planSteps } from '../src/index.js';
import { randomCreditedTree, randomTree } from './fixtures.js';

const anyTree = fc.record({ seed: fc.nat(10_000), appendOnly: fc.boolean() });

describe('packTurns', () => {
  it('trains every credited response in exactly one row, after exactly the tokens it was sampled after', () => {
    fc.assert(
      fc.property(anyTree, ({ seed, appendOnly }) => {
        const credited = randomCreditedTree(seed, { appendOnly });
        const rows = packTurns([credited]);
        const trained = rows.flatMap(({ turns }) => turns.map(({ turn }) => turn.id));
        expect([...trained].sort()).toEqual(credited.credits.map(({ node }) => node).sort());
        for (const { tokens, targets, turns } of rows) {
          const expected = turns.flatMap(({ turn }) => {
            const { promptTokens, responseTokens } = turn.generation;
            return [...responseTokens].map((token, i) => ({
              token,
              context: [...promptTokens, ...responseTokens.slice(0, i)],
            }));
          });
          expect(
            [...targets].map((at) => ({ token: tokens[at], context: [...tokens.slice(0, at)] })),
          ).toEqual(expected);
        }
      }),
    );
  });

  it('makes one row of an append-only path, and one of every windowed turn', () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const appended = randomCreditedTree(seed, { appendOnly: true });
        const parents = new Set(
          [...appended.tree.turns.values()]
            .filter(({ id }) => appended.credits.some(({ node }) => node === id))
            .map(({ parent }) => parent),
        );
        const ends = appended.credits.filter(({ node }) => !parents.has(node));
        expect(packTurns([appended]).length).toBe(ends.length);
        const windowed = randomCreditedTree(seed, { appendOnly: false });
        expect(packTurns([windowed]).length).toBe(windowed.credits.length);
      }),
    );
  });

  it('goes on over a turn that is not trained', () => {
    const chain = Array.from({ length: 100 }, (_, seed) =>
      randomCreditedTree(seed, { appendOnly: true }),
    ).find(({ tree }) => tree.turns.has('0.0.0' as never) && tree.turns.size === 3)!;
    const credits = chain.credits.map((credit) =>
      credit.node === '0.0' ? { ...credit, copies: [{ advantage: 0, weight: 1 }] } : credit,
    );
    const rows = packTurns([{ ...chain, credits }], { skipZeroAdvantages: true });
    expect(rows.map(({ turns }) => turns.map(({ turn }) => turn.id))).toEqual([['0', '0.0.0']]);
    expect(packTurns([{ ...chain, credits }])[0]!.turns.length).toBe(3);
  });

  it('refuses what does not fit, naming it', () => {
    const credited = randomCreditedTree(1, { appendOnly: true });
    const [first] = credited.credits;
    const withCredits = (credits: CreditedTree['credits']): CreditedTree => ({
      ...credited,
      credits,
    });
    expect(() => packTurns([withCredits([first!, first!])])).toThrow(
      'turn 0 of tree tree-1 is credited twice',
    );
    expect(() => packTurns([withCredits([{ ...first!, node: '9' as never }])])).toThrow(
      'turn 9 of tree tree-1 is credited, but is not in tree tree-1',
    );
    expect(() =>
      packTurns([withCredits([{ ...first!, copies: [{ advantage: NaN, weight: 1 }] }])]),
    ).toThrow('turn 0 of tree tree-1 has a copy of advantage NaN and weight 1');
    expect(() =>
      packTurns([withCredits([{ ...first!, copies: [{ advantage: 1, weight: 0 }] }])]),
    ).toThrow(InvalidInputError);
    const short = new Map(credited.tree.turns);
    const root = short.get('0' as never)!;
    short.set(root.id, {
      ...root,
      generation: { ...root.generation, logProbs: new Float32Array(9) },
    });
    expect(() => packTurns([{ ...credited, tree: { ...credited.tree, turns: short } }])).toThrow(
      /turn 0 of tree tree-1 has \d response tokens and 9 log-probabilities/,
    );
  });

  it('refuses a turn that was not sampled from the whole distribution, when it is trained', () => {
    const credited = randomCreditedTree(1, { appendOnly: true });
    const turns = new Map(credited.tree.turns);
    const root = turns.get('0' as never)!;
    const logKept = root.generation.logProbs.map(() => -0.1);
    turns.set(root.id, { ...root, generation: { ...root.generation, logKept } });
    const narrowed = { ...credited, tree: { ...credited.tree, turns } };
    expect(() => packTurns([narrowed])).toThrow(
      /turn 0 of tree tree-1 was not sampled from the whole distribution.*evaluation only/,
    );
    const credits = credited.credits.filter(({ node }) => node !== '0');
    expect(credits.length).toBeGreaterThan(0);
    expect(packTurns([{ ...narrowed, credits }]).flatMap((row) => row.turns)).toHaveLength(
      credits.length,
    );
  });
});

describe('collapseCopies', () => {
  it('adds up the good, the bad and the weights', () => {
    const copies = [
      { advantage: 2, weight: 0.5 },
      { advantage: -1, weight: 0.25 },
      { advantage: 0, weight: 1 },
    ];
    const credit = { tree: randomTree(0, { appendOnly: true }).id, node: '0' as never, copies };
    expect(collapseCopies(credit)).toEqual({
      positive: 1,
      negative: -0.25,
      weight: 1.75,
      copies: 3,
    });
  });
});

describe('planSteps', () => {
  const rows = packTurns(
    [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => randomCreditedTree(seed, { appendOnly: true })),
  );
  const copies = (step: typeof rows): number =>
    step.reduce((sum, { turns }) => sum + turns.reduce((a, turn) => a + turn.copies, 0), 0);
  const random = () => randomSource(['plan']);

  it('keeps every row whole, in exactly one step, in an order that the key names', () => {
    const plan = planSteps(rows, { optimizerStepsPerBatch: 3, copiesPerStep: 1 }, random());
    expect(plan.length).toBe(3);
    expect(new Set(plan.flat())).toEqual(new Set(rows));
    expect(plan.flat().length).toBe(rows.length);
    expect(planSteps(rows, { optimizerStepsPerBatch: 3, copiesPerStep: 1 }, random())).toEqual(
      plan,
    );
    const largest = Math.max(...rows.map((row) => copies([row])));
    for (const step of plan)
      expect(Math.abs(copies(step) - copies(rows) / 3)).toBeLessThanOrEqual(largest);
  });

  it('makes a step of about so many copies, and never an empty one', () => {
    const total = copies(rows);
    const steps = (copiesPerStep: number): number =>
      planSteps(rows, { copiesPerStep }, random()).length;
    expect(steps(10 * total)).toBe(1);
    expect(steps(total / 2)).toBe(2);
    const most = planSteps(rows, { optimizerStepsPerBatch: 1000, copiesPerStep: 1 }, random());
    expect(most.every((step) => step.length > 0)).toBe(true);
    expect(most.flat().length).toBe(rows.length);
    expect(planSteps([], { copiesPerStep: 1 }, random())).toEqual([]);
  });
});
