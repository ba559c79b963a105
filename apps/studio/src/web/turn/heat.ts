import { nats, percent } from '../../shared/format.js';
import type { TokenView } from '../../shared/views.js';

/** From surely to hardly: probabilities that a step of heat begins below. */
const STEPS = [0.9, 0.6, 0.3, 0.1, 0.02];

/** How unlikely a token was: 0 (at least 90 %) to 5 (below 2 %). */
export function heatOf({ logProb }: Pick<TokenView, 'logProb'>): number {
  const probability = Math.exp(logProb);
  return STEPS.filter((step) => probability < step).length;
}

/** The steps in words, for the legend. */
export const HEAT_WORDS: readonly string[] = [
  '≥ 90 %',
  '< 90 %',
  '< 60 %',
  '< 30 %',
  '< 10 %',
  '< 2 %',
];

/** A token as text that can be seen: line breaks and lone spaces have signs. */
export const visibleText = (text: string): string =>
  (text.trim() === '' ? text.replaceAll(' ', '␣') : text).replaceAll('\n', '↵\n');

/** What is known of a token. */
export function tokenInWords({ text, id, logProb, entropy }: TokenView): string {
  const name =
    text === null ? `token ${id}` : `“${text.trim() === '' ? visibleText(text).trim() : text}”`;
  const parts = [`${name}: ${percent(Math.exp(logProb))}`, `${nats(logProb)} nats`];
  if (entropy !== undefined) parts.push(`entropy ${nats(entropy)}`);
  return parts.join(', ');
}

/** The tokens that were least likely, where any was unlikely at all. */
export const leastLikely = (tokens: readonly TokenView[], most: number): readonly TokenView[] =>
  tokens
    .filter((token) => heatOf(token) >= 2)
    .sort((a, b) => a.logProb - b.logProb)
    .slice(0, most);
