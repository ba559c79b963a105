import { InvalidInputError, rootId, type SpendingPlan, type Turn } from '@spark-rl/core';
import fc from 'fast-check';

import { leafBudget, splitSpending, type SplitSpendingOptions } from '../src/index.js';

import { task, thrownBy, turn } from './support.js';

const turnOf = (action: string, i: number): Turn => ({
  id: rootId(i),
  parent: null,
  index: 0,
  observation: 'o',
  generation: {
    text: action,
    policyVersion: 'v',
    finish: 'stop',
    promptTokens: new Int32Array(),
    responseTokens: new Int32Array(),
    logProbs: new Float32Array(),
    cachedPromptTokens: 0,
  },
  response: { valid: action !== '', mode: null, reasoning: `because ${i}`, action },
  action,
  admissible: null,
  next: { observation: `o${i}`, score: i, status: 'running' },
  requestedWidth: 1,
  grantedWidth: 1,
});

const options: SplitSpendingOptions = {
  probes: 4,
  roots: { agree: 4, split: 6 },
  leaves: { agree: 4, split: 16 },
  width: { agree: 1, split: 2 },
};
const plan = (actions: readonly string[], given = options): SpendingPlan =>
  splitSpending(given).plan(actions.map(turnOf));

describe('splitSpending', () => {
  it.each([
    ['aaaa', { roots: 4, leaves: 4, width: 1 }],
    ['aaba', { roots: 5, leaves: 8, width: 1 }],
    ['abab', { roots: 5, leaves: 8, width: 1 }],
    ['abca', { roots: 5, leaves: 12, width: 2 }],
    ['abcd', { roots: 6, leaves: 16, width: 2 }],
  ])('gives the worked table: first actions %s', (actions, expected) => {
    expect(plan([...actions])).toEqual(expected);
  });

  it('rounds a half up: 3 probes, 2 distinct, N = round(4 + 9 / 2) = 9', () => {
    const given = { ...options, probes: 3, leaves: { agree: 4, split: 13 } };
    expect(plan(['a', 'b', 'a'], given)).toEqual({ roots: 5, leaves: 9, width: 2 });
  });

  it('takes all invalid responses for one action, and the letters of an action as they are', () => {
    expect(plan(['', '', '', 'a'])).toEqual(plan(['b', 'b', 'b', 'a']));
    expect(plan(['go', 'Go', 'go ', 'go'])).toEqual(plan(['a', 'b', 'c', 'a']));
  });

  it('leaves lost roots out, and spends all where nothing is known', () => {
    // Two of four came back: s = (2 - 1) / (2 - 1).
    expect(plan(['a', 'b'])).toEqual({ roots: 6, leaves: 16, width: 2 });
    expect(plan(['a', 'a'])).toEqual({ roots: 4, leaves: 4, width: 1 });
    expect(plan(['a'])).toEqual({ roots: 6, leaves: 16, width: 2 });
    expect(plan([])).toEqual({ roots: 6, leaves: 16, width: 2 });
  });

  it('says what it is', () => {
    expect(splitSpending(options)).toMatchObject({
      id: 'split-spending(4,roots(4..6),leaves(4..16),width(1..2))',
      probes: 4,
    });
  });

  it.each<[Partial<SplitSpendingOptions>, string]>([
    [{ probes: 1 }, 'probes'],
    [{ probes: 5 }, 'roots.agree'],
    [{ roots: { agree: 4, split: 3 } }, 'roots.split'],
    [{ roots: { agree: 5, split: 6 } }, 'leaves.agree'],
    [{ roots: { agree: 4, split: 17 } }, 'leaves.split'],
    [{ leaves: { agree: 20, split: 16 } }, 'leaves.split'],
    [{ width: { agree: 3, split: 2 } }, 'width.split'],
    [{ width: { agree: 0, split: 2 } }, 'width.agree'],
    [{ leaves: { agree: 4.5, split: 16 } }, 'leaves.agree'],
  ])('refuses %j, naming %p', (wrong, field) => {
    const build = () => splitSpending({ ...options, ...wrong });
    expect(build).toThrow(InvalidInputError);
    expect(thrownBy(build)).toMatchObject({ field });
  });

  it('refuses what it does not know', () => {
    expect(() => splitSpending({ ...options, tokens: 5 } as never)).toThrow(InvalidInputError);
  });
});

const validOptions = fc
  .tuple(fc.integer({ min: 2, max: 8 }), fc.array(fc.nat(12), { minLength: 6, maxLength: 6 }))
  .map(([probes, [m = 0, dm = 0, n = 0, dn = 0, b = 0, db = 0]]): SplitSpendingOptions => {
    const roots = { agree: probes + m, split: probes + m + dm };
    const agree = roots.agree + n;
    return {
      probes,
      roots,
      leaves: { agree, split: Math.max(agree, roots.split) + dn },
      width: { agree: 1 + b, split: 1 + b + db },
    };
  });

describe('whatever the roots did', () => {
  const actions = fc.array(fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'), { maxLength: 8 });

  it('the plan is whole, keeps to its ranges and M <= N, and a ledger of the largest N can follow it', () => {
    fc.assert(
      fc.property(validOptions, actions, (given, taken) => {
        const planned = plan(taken, given);
        for (const name of ['roots', 'leaves', 'width'] as const) {
          expect(Number.isInteger(planned[name])).toBe(true);
          expect(planned[name]).toBeGreaterThanOrEqual(given[name].agree);
          expect(planned[name]).toBeLessThanOrEqual(given[name].split);
        }
        expect(planned.roots).toBeGreaterThanOrEqual(given.probes);
        expect(planned.leaves).toBeGreaterThanOrEqual(planned.roots);

        const ledger = leafBudget({ leaves: given.leaves.split }).open(task, turn);
        ledger.openRoots(given.probes);
        ledger.tighten(planned.leaves);
        const further = planned.roots - given.probes;
        expect(ledger.open(further)).toBe(further);
      }),
      { numRuns: 2000 },
    );
  });

  it('depends on how many actions differ, not on which or in what order; a new action never spends less', () => {
    fc.assert(
      fc.property(
        validOptions,
        fc.array(fc.constantFrom<string>('a', 'b', 'c'), { minLength: 2, maxLength: 8 }),
        fc.nat(),
        (given, taken, at) => {
          const planned = plan(taken, given);
          expect(plan([...taken].reverse(), given)).toEqual(planned);
          expect(
            plan(
              taken.map((action) => `x${action}`),
              given,
            ),
          ).toEqual(planned);
          const i = at % taken.length;
          // A root whose action another one took as well does something nobody did.
          if (taken.indexOf(taken[i]!) === taken.lastIndexOf(taken[i]!)) return;
          const split = plan(taken.with(i, 'new'), given);
          for (const name of ['roots', 'leaves', 'width'] as const)
            expect(split[name]).toBeGreaterThanOrEqual(planned[name]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
