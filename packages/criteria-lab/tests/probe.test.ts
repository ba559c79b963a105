import { randomSource, rootId, type BranchingCriterion } from '@spark-rl/core';

import { observer, probeExpansion, probeLeaves } from '../src/index.js';
import { outcomes, probeOf } from './probes.js';

const account = { limit: 100, used: 1, reserved: 0, failed: 0, free: 99 };

describe('probeExpansion', () => {
  it('gives every turn of the root path that goes on the same number of further children', () => {
    const tree = probeOf('t', [
      { continuations: outcomes(2, 1) },
      { continuations: outcomes(2, 1) },
    ]);
    const expansion = probeExpansion({ continuations: 20 });
    expect(expansion).toMatchObject({ id: 'probe(20)', rounds: 1 });
    const continuation = [...tree.turns.keys()].find((id) => id === '0.1')!;
    const chosen = expansion.choose({
      tree,
      round: 0,
      expandable: [rootId(0), continuation],
      account,
      random: randomSource([]),
    });
    expect(chosen).toEqual([{ node: '0', children: 20 }]);
  });

  it('insists on enough continuations, 16 unless told otherwise', () => {
    expect(probeExpansion().id).toBe('probe(16)');
    expect(() => probeExpansion({ continuations: 8 })).toThrow(/at least 16/);
  });
});

it('probeLeaves counts the base path and its continuations', () => {
  expect(probeLeaves({ maxTurns: 12 })).toBe(1 + 11 * 16);
  expect(probeLeaves({ maxTurns: 1, continuations: 20 })).toBe(1);
});

describe('observer', () => {
  const wanting = (want?: BranchingCriterion['want']): BranchingCriterion => ({
    id: 'any',
    maxWidth: 2,
    ...(want !== undefined && { want }),
    decide: () => ({ width: 2 }),
  });

  it('wants what any criterion wants, and never forks', () => {
    const all = observer([wanting(), wanting({ topLogProbs: 10 }), wanting({ entropies: true })]);
    expect(all).toMatchObject({ maxWidth: 1, want: { entropies: true, topLogProbs: 10 } });
    expect(all.decide({} as never)).toEqual({ width: 1 });
    expect(observer([wanting()]).want).toEqual({});
  });
});
