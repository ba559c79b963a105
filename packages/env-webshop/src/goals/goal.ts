import type { GoalOption } from '../reward/option-reward.js';
import type { RewardedGoal } from '../reward/reward.js';

/** What a shopper is to buy. */
export interface Goal extends RewardedGoal {
  /** The product that it was made from. */
  readonly asin: string;
  readonly category: string;
  /** What the shopper is told. */
  readonly instruction: string;
  readonly options: readonly GoalOption[];
  /** How likely the original draws it, relative to the others. */
  readonly weight: number;
}

/** Goals in a fixed order, made when they are looked at. */
export interface GoalList {
  readonly length: number;
  /** The goal at a place, from 0. */
  readonly at: (place: number) => Goal;
  /** Its weight, without making the goal. */
  readonly weight: (place: number) => number;
}
