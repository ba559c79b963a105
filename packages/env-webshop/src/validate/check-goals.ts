import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { freshSession } from '../shop/session.js';
import type { Shop } from '../shop/shop.js';
import { solveGoal } from '../shop/solve-goal.js';
import { checkPurchase } from '../pages/reward-page.js';
import { visit } from '../shop/visit.js';

/** A goal for which its own product does not earn the full reward, and why. */
export interface WeakGoal {
  readonly goal: number;
  readonly asin: string;
  /** What buying its product earns; null where it cannot be bought. */
  readonly reward: number | null;
  readonly reason: string;
}

/** What came of trying goals. */
export interface GoalCheck {
  /** How many goals there are, and how many were tried. */
  readonly goals: number;
  readonly tried: number;
  /** How many of those earn 1. */
  readonly full: number;
  readonly weak: readonly WeakGoal[];
}

const schema = z.object({ count: z.int().min(1).optional() });

const NO_ATTRIBUTES = { showAttributes: false };

function tryGoal(shop: Shop, place: number): WeakGoal | null {
  const goal = shop.goals.at(place);
  const weak = (reward: number | null, reason: string): WeakGoal => ({
    goal: place,
    asin: goal.asin,
    reward,
    reason,
  });
  const actions = solveGoal(shop, goal);
  if (actions === null)
    return weak(
      null,
      'no search for its name finds the product, or an option of it cannot be named',
    );
  let before = freshSession(String(place), goal);
  let session = before;
  for (const action of actions) {
    before = session;
    session = visit(shop, session, action, NO_ATTRIBUTES);
    if (session === before) return weak(null, `${action} does nothing`);
  }
  if (session.page !== 'done') return weak(null, 'its purchase does not end the visit');
  if (session.reward === 1) return null;
  const { report, wishes } = checkPurchase(shop, session)!;
  const unmet = wishes.filter(({ isMet }) => !isMet).map(({ what, wanted }) => `${what} ${wanted}`);
  const reasons = [
    ...(report.r_type < 1 ? [`type ${report.r_type}`] : []),
    ...(unmet.length > 0 ? [`not met: ${unmet.join(', ')}`] : []),
  ];
  return weak(session.reward, reasons.join('; '));
}

/**
 * Buys, for each of some goals, the product that the goal was made from with the options it asks for, and sees whether that earns
 * the full reward. In real data it does not always: the original's reward counts a noun that a name repeats against it.
 *
 * @param options - `count`: so many goals at equal distances; all by default
 */
export function checkGoals(shop: Shop, options: { readonly count?: number } = {}): GoalCheck {
  const { count } = parseInput(schema, options, 'options of checkGoals');
  const goals = shop.goals.length;
  const tried = Math.min(goals, count ?? goals);
  const weak: WeakGoal[] = [];
  for (let i = 0; i < tried; i++) {
    const found = tryGoal(shop, Math.floor((i * goals) / tried));
    if (found !== null) weak.push(found);
  }
  return { goals, tried, full: tried - weak.length, weak };
}
