import { attributeReward, type AttributeSource } from './attribute-reward.js';
import type { NounExtractor } from './nouns.js';
import { optionReward, type GoalOption } from './option-reward.js';
import { typeReward, type TypedProduct } from './type-reward.js';

/** What a purchase is judged by. */
export type RewardedProduct = TypedProduct & AttributeSource;

/** What a goal asks for. */
export interface RewardedGoal extends TypedProduct {
  readonly attributes: readonly string[];
  readonly options: readonly GoalOption[];
  /** The price in dollars that the purchase must not exceed; 1,000,000 stands for any. */
  readonly priceUpper: number;
}

/** The reward of a purchase and its parts, under the original's names. */
export interface RewardReport {
  /** 0 to 1; 1 is a success. */
  readonly total: number;
  readonly r_type: number;
  readonly r_att: number;
  /** Null when the goal asks for no options. */
  readonly r_option: number | null;
  readonly r_price: boolean;
  readonly w_att: number;
  readonly w_option: number;
  readonly w_price: number;
  readonly query_match: boolean;
  readonly category_match: boolean;
  readonly title_score: number;
}

/**
 * The reward of WebShop: `(attributes met + options met + price met) / (attributes + options + 1) * r_type`.
 * (Yao et al. 2022, section 3.2 and appendix A.5; web_agent_site/engine/goal.py, get_reward)
 *
 * @param purchase - the product, the values chosen for its options, and its price in dollars
 */
export function reward(
  purchase: {
    readonly product: RewardedProduct;
    readonly options: readonly string[];
    readonly price: number;
  },
  goal: RewardedGoal,
  nouns: NounExtractor,
): RewardReport {
  const type = typeReward(purchase.product, goal, nouns);
  const attributes = attributeReward(purchase.product, goal.attributes);
  const options = optionReward(purchase.options, goal.options);
  const cheap = purchase.price <= goal.priceUpper;
  const parts = goal.attributes.length + goal.options.length + 1;
  return {
    total: ((attributes.matches + options.matches + (cheap ? 1 : 0)) / parts) * type.reward,
    r_type: type.reward,
    r_att: attributes.reward,
    r_option: options.reward,
    r_price: cheap,
    w_att: goal.attributes.length / parts,
    w_option: goal.options.length / parts,
    w_price: 1 / parts,
    query_match: type.queryMatch,
    category_match: type.categoryMatch,
    title_score: type.titleScore,
  };
}
