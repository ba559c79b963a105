import { textLiteral } from '../python/python-text.js';
import { COLORS } from './colors.js';
import { tokenSetRatio } from './token-set-ratio.js';

/** From which similarity on two texts mean the same: WebShop wants more than 85 of 100. */
export const SIMILAR = 85;

/**
 * One wanted option. Goals that people wrote name a value (`blue`); synthetic goals name the group too (`['color', 'blue']`),
 * and the original compares the pair as one text, name included.
 */
export type GoalOption = string | readonly [name: string, value: string];

/**
 * The colour that a text speaks of: the first word of the list that occurs in it, or else the text itself. `navy blue` is
 * `blue`, `dark grey` is `dark`, `peppermint` is `mint`.
 */
export const normalizeColor = (text: string): string =>
  COLORS.find((color) => text.includes(color)) ?? text;

/** The text that a wanted option is compared by; of a pair, a colour counts only where it is the whole name or value. */
function wantedText(option: GoalOption): string {
  if (typeof option === 'string') return normalizeColor(option);
  const [name, value] = option;
  const color = COLORS.find((each) => each === name || each === value);
  return color ?? `(${textLiteral(name)}, ${textLiteral(value)})`;
}

/** How well the chosen options meet the wanted ones. */
export interface OptionReward {
  /** How many of the wanted options are met. */
  readonly matches: number;
  /** Their share, 0 to 1; null when none are wanted. */
  readonly reward: number | null;
}

/**
 * r_option of WebShop: a wanted option is met when any chosen value has a {@link tokenSetRatio} above 85 with it, colours
 * normalised on both sides. (web_agent_site/engine/goal.py, get_option_reward)
 *
 * @param chosen - the values chosen, in any order
 * @param wanted - the options of the goal
 */
export function optionReward(
  chosen: readonly string[],
  wanted: readonly GoalOption[],
): OptionReward {
  const values = chosen.map(normalizeColor);
  const matches = wanted
    .map(wantedText)
    .filter((goal) => values.some((value) => tokenSetRatio(value, goal) > SIMILAR)).length;
  return { matches, reward: wanted.length === 0 ? null : matches / wanted.length };
}
