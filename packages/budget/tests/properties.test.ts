import { BudgetError, createdLeaves, type Account, type Ledger } from '@spark-rl/core';
import fc from 'fast-check';

import { leafBudget, taskBudget, type TaskBudgetOptions } from '../src/index.js';

import { allAccounts, handClock, sum, task } from './support.js';

/** What may be asked of a ledger, sense or nonsense; sense more often, so that a sequence comes far. */
const counted = <K extends string>(kind: K, min: number, max: number) =>
  fc.record({ kind: fc.constant(kind), count: fc.integer({ min, max }) });
const call = fc.oneof(
  { weight: 1, arbitrary: counted('roots', -1, 9) },
  { weight: 3, arbitrary: counted('branch', 0, 4) },
  { weight: 1, arbitrary: counted('open', -1, 4) },
  { weight: 1, arbitrary: counted('tighten', 0, 13) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('complete' as const, 'fail' as const) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('reserve' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      tokens: fc.integer({ min: -1, max: 11 }),
      steps: fc.constantFrom(0, 1, 1, 1, 1, 2),
      lost: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      milliseconds: fc.integer({ min: 0, max: 20 }),
    }),
  },
);
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;
const calls = fc
  .tuple(
    fc.option(counted('roots', 1, 3), { freq: 9 }),
    fc.array(call, { maxLength: 40, size: 'max' }),
  )
  .map(([roots, rest]): Call[] => (roots === null ? rest : [roots, ...rest]));

const most = { tokens: 10, steps: 1 };
const limits = fc.record(
  {
    leaves: fc.integer({ min: 1, max: 12 }),
    tokens: fc.integer({ min: 1, max: 200 }),
    steps: fc.integer({ min: 1, max: 20 }),
    milliseconds: fc.integer({ min: 1, max: 200 }),
  },
  { requiredKeys: ['leaves'] },
);
type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never;

const REFUSED = Symbol('refused');

/**
 * What a ledger is, said another way: a list of leaves and a list of reservations, from which every account is counted anew; leaves
 * are granted one by one while the next one fits.
 */
function model(options: Limits) {
  const leaves: ('running' | 'used' | 'failed')[] = [];
  const turns: { state: 'held' | 'used' | 'failed'; tokens: number; steps: number }[] = [];
  let limit = options.leaves;
  let rooted = false;
  let elapsed = 0;
  const spent = (['tokens', 'steps'] as const).filter((name) => options[name] !== undefined);
  const purse = spent.length > 0 || options.milliseconds !== undefined;

  const count = <T>(all: readonly T[], which: (one: T) => boolean): number =>
    all.filter(which).length;
  const total = (name: 'tokens' | 'steps', state: string): number =>
    turns.reduce((all, turn) => all + (turn.state === state ? turn[name] : 0), 0);
  const freeOf = (name: 'tokens' | 'steps'): number =>
    options[name]! - ['held', 'used', 'failed'].reduce((all, state) => all + total(name, state), 0);
  const running = (): number => count(leaves, (leaf) => leaf === 'running');
  const held = (): number => count(turns, ({ state }) => state === 'held');
  const over = (): boolean => options.milliseconds !== undefined && elapsed >= options.milliseconds;
  const payable = (): boolean => spent.every((name) => freeOf(name) >= most[name]);
  const hold = (): void => {
    turns.push({ state: 'held', ...most });
  };
  /** Opens one leaf if it fits. */
  const openOne = (): boolean => {
    if (leaves.length >= limit || !payable()) return false;
    leaves.push('running');
    if (purse) hold();
    return true;
  };
  const openUpTo = (wanted: number): number => {
    let granted = 0;
    while (granted < wanted && !over() && openOne()) granted++;
    return granted;
  };
  const account = (of: number, used: number, reserved: number, failed: number): Account => ({
    limit: of,
    used,
    reserved,
    failed,
    free: of - used - reserved - failed,
  });

  return {
    held,
    purse,
    accounts: (): Account[] => [
      account(
        limit,
        count(leaves, (leaf) => leaf === 'used'),
        running(),
        count(leaves, (leaf) => leaf === 'failed'),
      ),
      ...spent.map((name) =>
        account(options[name]!, total(name, 'used'), total(name, 'held'), total(name, 'failed')),
      ),
      ...(options.milliseconds === undefined
        ? []
        : [account(options.milliseconds, Math.min(elapsed, options.milliseconds), 0, 0)]),
    ],
    do: (wish: Call): unknown => {
      switch (wish.kind) {
        case 'wait':
          elapsed += wish.milliseconds;
          return undefined;
        case 'roots': {
          if (rooted || wish.count < 1 || wish.count > limit) return REFUSED;
          const fits = spent.every((name) => freeOf(name) >= wish.count * most[name]);
          if (!fits) return REFUSED;
          rooted = true;
          for (let i = 0; i < wish.count; i++) openOne();
          return undefined;
        }
        case 'branch':
          return wish.count < 1 || running() === 0 ? REFUSED : 1 + openUpTo(wish.count - 1);
        case 'open':
          return wish.count < 0 || !rooted ? REFUSED : openUpTo(wish.count);
        case 'tighten':
          if (wish.count < leaves.length || wish.count > limit) return REFUSED;
          limit = wish.count;
          return undefined;
        case 'complete':
        case 'fail':
          if (running() === 0 || held() === running()) return REFUSED;
          leaves[leaves.indexOf('running')] = wish.kind === 'fail' ? 'failed' : 'used';
          return undefined;
        case 'reserve': {
          if (running() === 0 || held() === running()) return REFUSED;
          if (over() || !payable()) return false;
          hold();
          return true;
        }
        case 'settle': {
          const within = spent.every((name) => wish[name] >= 0 && wish[name] <= most[name]);
          if (held() === 0 || !within) return REFUSED;
          const turn = turns.find(({ state }) => state === 'held')!;
          Object.assign(turn, {
            state: wish.lost ? 'failed' : 'used',
            tokens: wish.tokens,
            steps: wish.steps,
          });
          return undefined;
        }
      }
    },
  };
}

/** Asks a real ledger the same. */
function ask(ledger: Ledger, wish: Call, clock: { now: number }): unknown {
  try {
    switch (wish.kind) {
      case 'wait':
        clock.now += wish.milliseconds;
        return undefined;
      case 'roots':
        return ledger.openRoots(wish.count);
      case 'reserve':
        return ledger.turns!.reserve();
      case 'settle':
        return ledger.turns!.settle({ tokens: wish.tokens, steps: wish.steps }, wish.lost);
      case 'complete':
      case 'fail':
        return ledger[wish.kind]();
      default:
        return ledger[wish.kind](wish.count);
    }
  } catch (error) {
    if (error instanceof BudgetError) return REFUSED;
    throw error;
  }
}

describe('at every moment, whatever is asked in whatever order', () => {
  it('the accounts are those of the model, they balance, nothing is negative, and a refusal changes nothing', () => {
    const seen = new Map<string, number>();
    const often = (outcome: string): void => {
      expect({ outcome, often: (seen.get(outcome) ?? 0) > 50 }).toEqual({ outcome, often: true });
    };
    fc.assert(
      fc.property(limits, calls, (options, wishes) => {
        const clock = handClock(77);
        const ledger = taskBudget({ ...options, clock: clock.read }).open(task, most);
        const expected = model(options);
        expect(ledger.turns !== undefined).toBe(expected.purse);
        // One comparison a sequence: thousands of sequences of dozens of calls must not take long.
        const [told, modelled, broken]: [unknown[], unknown[], unknown[]] = [[], [], []];
        for (const wish of wishes) {
          if (!expected.purse && (wish.kind === 'reserve' || wish.kind === 'settle')) continue;
          const before = allAccounts(ledger);
          const answer = expected.do(wish);
          told.push([wish.kind, ask(ledger, wish, clock), allAccounts(ledger)]);
          modelled.push([wish.kind, answer, expected.accounts()]);

          const after = allAccounts(ledger);
          const refused = answer === REFUSED || answer === false;
          const laws = {
            balances: after.every((account) => sum(account) === account.limit),
            nothingNegative: after.every(({ used, reserved, failed, free }) =>
              [used, reserved, failed, free].every((part) => part >= 0),
            ),
            createdNeverFalls: createdLeaves(after[0]!) >= createdLeaves(before[0]!),
            refusalChangesNothing: !refused || JSON.stringify(after) === JSON.stringify(before),
            // Reservations belong to running leaves: none is left when none is running.
            noneLeftBehind: expected.held() <= after[0]!.reserved,
          };
          if (Object.values(laws).includes(false)) broken.push([wish, laws]);
          const outcome = `${wish.kind} ${answer === false ? 'false' : refused ? 'refused' : 'granted'}`;
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        }
        expect(told).toEqual(modelled);
        expect(broken).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    // The sequences did reach every outcome of every call, and often.
    for (const kind of ['roots', 'branch', 'open', 'tighten', 'complete', 'fail', 'settle'])
      for (const answer of ['granted', 'refused']) often(`${kind} ${answer}`);
    for (const answer of ['granted', 'refused', 'false']) often(`reserve ${answer}`);
  });

  it('mayRefuse is true exactly when so many reservations would not all be granted, and foretells without charging', () => {
    fc.assert(
      fc.property(
        fc.record({
          leaves: fc.constant(12),
          tokens: fc.integer({ min: 20, max: 200 }),
          steps: fc.integer({ min: 2, max: 20 }),
        }),
        fc.integer({ min: 0, max: 14 }),
        fc.array(fc.nat(10), { maxLength: 6 }),
        (options, turns, earlier) => {
          const ledger = taskBudget(options).open(task, most);
          ledger.openRoots(1);
          for (const tokens of earlier) {
            ledger.turns!.settle({ tokens, steps: 1 }, false);
            if (!ledger.turns!.reserve()) return;
          }
          const before = allAccounts(ledger);
          const foretold = ledger.turns!.mayRefuse(turns);
          expect(allAccounts(ledger)).toEqual(before);
          // Every further leaf needs one further reservation, and there are leaves enough for 11.
          fc.pre(turns <= 11);
          expect(foretold).toBe(ledger.open(turns) < turns);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('taskBudget that counts leaves alone does what leafBudget does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), calls, (leaves, wishes) => {
        const [one, other] = [taskBudget({ leaves }), leafBudget({ leaves })].map((budget) =>
          budget.open(task, most),
        );
        for (const wish of wishes) {
          if (wish.kind === 'reserve' || wish.kind === 'settle') continue;
          const [left, right] = [one!, other!].map((ledger) => ask(ledger, wish, { now: 0 }));
          expect(left).toBe(right);
          expect(one!.account()).toEqual(other!.account());
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What happens to the running paths of a tree, turn by turn, as a scheduler uses a ledger. */
const fates = fc.array(
  fc.record({
    which: fc.nat(),
    tokens: fc.integer({ min: 0, max: most.tokens }),
    fate: fc.constantFrom('on', 'on', 'fork', 'end', 'lost', 'lost-before'),
    milliseconds: fc.nat(8),
  }),
  { minLength: 1, maxLength: 80 },
);

describe('a tree grown on a ledger', () => {
  it('ends with nothing reserved, never beyond a limit, every leaf and every token counted once', () => {
    let trees = 0;
    let refusals = 0;
    const grow = (
      options: TaskBudgetOptions,
      steps: typeof fates extends fc.Arbitrary<infer T> ? T : never,
    ) => {
      const clock = handClock();
      const ledger = taskBudget({ ...options, clock: clock.read }).open(task, most);
      const { turns } = ledger;
      ledger.openRoots(1);
      const tally = { running: 1, completed: 0, failed: 0, used: 0, lost: 0, taken: 0 };
      const end = (how: 'complete' | 'fail'): void => {
        ledger[how]();
        tally.running--;
        if (how === 'fail') tally.failed++;
        else tally.completed++;
      };
      const last = steps.at(-1)!;
      // Whatever is still running when the plan is over ends after one more turn.
      for (let i = 0; tally.running > 0; i++) {
        const { tokens, fate, milliseconds } = steps[i] ?? { ...last, fate: 'end' };
        clock.now += milliseconds;
        if (fate === 'lost-before') {
          turns?.settle({ tokens: 0, steps: 0 }, true);
          end('fail');
          continue;
        }
        turns?.settle({ tokens, steps: 1 }, fate === 'lost');
        tally.taken++;
        if (fate === 'lost') {
          tally.lost += tokens;
          end('fail');
          continue;
        }
        tally.used += tokens;
        if (fate === 'end' || turns?.reserve() === false) {
          if (fate !== 'end') refusals++;
          end('complete');
        } else if (fate === 'fork') tally.running += ledger.branch(2) - 1;
      }
      return { ledger, tally };
    };
    fc.assert(
      fc.property(limits, fates, (options, steps) => {
        fc.pre((options.tokens ?? most.tokens) >= most.tokens);
        const { ledger, tally } = grow(options, steps);
        trees++;
        for (const account of allAccounts(ledger)) {
          expect(account.reserved).toBe(0);
          expect(sum(account)).toBe(account.limit);
        }
        const { tokens, steps: stepped } = ledger.turns?.accounts() ?? {};
        expect(ledger.account()).toMatchObject({ used: tally.completed, failed: tally.failed });
        if (tokens !== undefined)
          expect(tokens).toMatchObject({ used: tally.used, failed: tally.lost });
        if (stepped !== undefined) expect(stepped.used + stepped.failed).toBe(tally.taken);
      }),
      { numRuns: 2000 },
    );
    expect(trees).toBeGreaterThan(1000);
    expect(refusals).toBeGreaterThan(100);
  });
});
