import { InvalidInputError, type ExpansionChoice } from '@spark-rl/core';
import fc from 'fast-check';

import { bestFirst, everyTurn, randomNodes } from '../src/index.js';
import { expansionContext, makeTree, type TurnParts } from './make.js';

// Root 0: a chain of three turns. Root 1: a fork. Root 2 ended at once.
const tree = makeTree({
  '0': { score: 0.25 },
  '0.0': { score: 0.75 },
  '0.0.0': { score: 1 },
  '1': { score: 0.5, requestedWidth: 2, grantedWidth: 2 },
  '1.0': { score: 1 },
  '1.1': { score: 0, status: 'failure' },
  '2': { score: 1 },
});

const key = ({ node, children }: ExpansionChoice): string => `${node ?? 'start'}x${children}`;

describe('randomNodes', () => {
  const picks = (choices: readonly ExpansionChoice[]): readonly string[] =>
    choices.flatMap(({ node, children }) => new Array<string>(children).fill(node ?? 'start'));

  it('picks uniformly among the initial state and the turns that went on, with replacement', () => {
    const counts = new Map<string, number>();
    let repeated = 0;
    for (let i = 0; i < 2000; i++) {
      const chosen = picks(randomNodes({ nodes: 2 }).choose(expansionContext(tree, { key: [i] })));
      expect(chosen).toHaveLength(2);
      if (chosen[0] === chosen[1]) repeated++;
      for (const node of chosen) counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['0', '0.0', '1', 'start']);
    // 1000 each with a standard deviation of 27.4; 500 repetitions with one of 19.4.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(110);
    expect(Math.abs(repeated - 500)).toBeLessThan(78);
  });

  it('picks n in each root’s own tree when told so', () => {
    for (let i = 0; i < 200; i++) {
      const context = expansionContext(tree, { key: [i] });
      const chosen = picks(randomNodes({ nodes: 2, per: 'root' }).choose(context));
      const inside = (root: string): number =>
        chosen.filter((node) => node.startsWith(root)).length;
      expect(chosen).toHaveLength(6);
      expect(inside('0')).toBeLessThanOrEqual(2);
      expect(inside('1')).toBeLessThanOrEqual(2);
      // Nothing but the initial state can be picked in the tree of root 2.
      expect(inside('start')).toBeGreaterThanOrEqual(2);
    }
  });

  it('joins equal picks, and makes none beyond the free leaves', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        (seed, nodes, free) => {
          const choices = randomNodes({ nodes }).choose(
            expansionContext(tree, { key: [seed], free }),
          );
          expect(picks(choices)).toHaveLength(Math.min(nodes, free));
          expect(new Set(choices.map(({ node }) => node)).size).toBe(choices.length);
        },
      ),
    );
  });

  it('has its rounds, and a name', () => {
    expect(randomNodes({ nodes: 2 }).rounds).toBe(1);
    expect(randomNodes({ nodes: 2, rounds: 3, per: 'root' }).rounds).toBe(3);
    expect(randomNodes({ nodes: 2, rounds: 3, per: 'root' }).id).toBe('random-nodes(2,3,root)');
  });
});

describe('bestFirst', () => {
  it('goes on from the highest scores that have room for a child', () => {
    const choose = (nodes: number, maxChildren: number): readonly string[] =>
      bestFirst({ nodes, maxChildren }).choose(expansionContext(tree)).map(key);
    expect(choose(1, 2)).toEqual(['0.0x1']);
    // Turn 1 has two children already.
    expect(choose(9, 2)).toEqual(['0.0x1', '0x1']);
    expect(choose(9, 3)).toEqual(['0.0x1', '1x1', '0x1']);
  });

  it('takes another score, of the turn and of the path that ends with it', () => {
    const shallow = bestFirst({
      nodes: 2,
      maxChildren: 3,
      score: ({ next }, path) => next.score - 10 * path.length,
    });
    expect(shallow.choose(expansionContext(tree)).map(key)).toEqual(['1x1', '0x1']);
    expect(shallow.id).toBe('best-first(2,1,custom,3)');
    expect(bestFirst({ nodes: 1, rounds: 4 }).id).toBe('best-first(1,4,environment-score,2)');
    expect(bestFirst({ nodes: 1, rounds: 4 }).rounds).toBe(4);
  });

  it('ranks equal scores at random, the same for the same key', () => {
    const equal = bestFirst({ nodes: 1, maxChildren: 3, score: () => 0 });
    const chosen = (seed: number): string =>
      equal
        .choose(expansionContext(tree, { key: [seed] }))
        .map(key)
        .join();
    const seen = new Set(Array.from({ length: 60 }, (_, i) => chosen(i)));
    expect(seen).toEqual(new Set(['0x1', '0.0x1', '1x1']));
    expect(chosen(7)).toBe(chosen(7));
  });

  it('refuses a score that is no number', () => {
    const broken = bestFirst({ nodes: 1, score: () => NaN });
    expect(() => broken.choose(expansionContext(tree))).toThrow(InvalidInputError);
    expect(() => broken.choose(expansionContext(tree))).toThrow(/score of bestFirst is/);
  });
});

describe('everyTurn', () => {
  it('gives every turn that went on c further children, once', () => {
    const expansion = everyTurn({ children: 16 });
    expect(expansion.rounds).toBe(1);
    expect(expansion.choose(expansionContext(tree)).map(key)).toEqual(['0x16', '0.0x16', '1x16']);
  });

  it('and the initial state, when told so', () => {
    const expansion = everyTurn({ initialState: true });
    expect(expansion.choose(expansionContext(tree)).map(key)).toEqual([
      'startx1',
      '0x1',
      '0.0x1',
      '1x1',
    ]);
    expect([everyTurn().id, expansion.id]).toEqual([
      'every-turn(1)',
      'every-turn(1,initial state too)',
    ]);
  });
});

describe('all expansions', () => {
  // A random tree: the parent of turn i is an earlier turn, or none.
  const trees = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 12 }).map((parents) => {
    const ids: string[] = [];
    const children = new Map<string, number>();
    const parts: Record<string, TurnParts> = {};
    for (const [i, pick] of parents.entries()) {
      const parent = pick % (i + 1) === i ? '' : ids[pick % (i + 1)]!;
      const order = children.get(parent) ?? 0;
      children.set(parent, order + 1);
      const id = parent === '' ? String(order) : `${parent}.${order}`;
      ids.push(id);
      parts[id] = { score: i % 3 };
    }
    return makeTree(parts);
  });

  it('choose only what may have children, at least one each, the same for the same key', () => {
    const expansion = fc.constantFrom(
      randomNodes({ nodes: 3 }),
      randomNodes({ nodes: 2, per: 'root' }),
      bestFirst({ nodes: 3 }),
      everyTurn({ children: 2, initialState: true }),
    );
    fc.assert(
      fc.property(trees, expansion, fc.nat(), (grown, { choose }, seed) => {
        const context = expansionContext(grown, { key: [seed] });
        const choices = choose(context);
        for (const { node, children } of choices) {
          expect(children).toBeGreaterThanOrEqual(1);
          expect(node === null || context.expandable.includes(node)).toBe(true);
        }
        expect(choose(expansionContext(grown, { key: [seed] }))).toEqual(choices);
      }),
    );
  });
});

describe('wrong options', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['no nodes', () => randomNodes({} as never), /^options of randomNodes: nodes/],
    ['no rounds', () => randomNodes({ nodes: 1, rounds: 0 }), /rounds/],
    ['an unknown tree', () => randomNodes({ nodes: 1, per: 'leaf' as never }), /per/],
    [
      'an unknown score',
      () => bestFirst({ nodes: 1, score: 'value' as never }),
      /score: expected "environment-score" or a function/,
    ],
    ['a single child', () => bestFirst({ nodes: 1, maxChildren: 1 }), /maxChildren/],
    ['no children', () => everyTurn({ children: 0 }), /^options of everyTurn: children/],
  ])('%s: refused', (_, make, message) => {
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });
});
