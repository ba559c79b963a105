import { SIMILAR } from './option-reward.js';
import { tokenSetRatio } from './token-set-ratio.js';

/** What the attributes of a goal are looked for in. */
export interface AttributeSource {
  readonly attributes: readonly string[];
  readonly title: string;
  readonly bulletPoints: readonly string[];
  readonly description: string;
}

/**
 * r_att of WebShop: a wanted attribute is met when the product has one with a {@link tokenSetRatio} above 85, or when title,
 * bullet points or description contain it to the letter, themselves in lower case. (get_attribute_reward)
 *
 * @returns how many are met, and their share, 0 to 1
 */
export function attributeReward(
  purchased: AttributeSource,
  wanted: readonly string[],
): { readonly matches: number; readonly reward: number } {
  const texts = [purchased.title, purchased.bulletPoints.join(' '), purchased.description].map(
    (text) => text.toLowerCase(),
  );
  const matches = wanted.filter(
    (goal) =>
      purchased.attributes.some((attribute) => tokenSetRatio(attribute, goal) > SIMILAR) ||
      texts.some((text) => text.includes(goal)),
  ).length;
  return { matches, reward: matches / wanted.length };
}
