import type { EmbeddedTree } from './embedded.js';
import type { TurnDetail } from './views.js';

/** A turn of an exported tree with its whole prompt: what its parents were given and said, then what it adds. */
export function restorePrompt({ view, turns }: EmbeddedTree, node: string): TurnDetail {
  const details = new Map(turns.map((turn) => [turn.id, turn]));
  const parents = new Map(view.turns.map(({ id, parent }) => [id, parent]));
  const wanted = details.get(node);
  if (wanted === undefined) throw new RangeError(`the tree has no turn ${node}`);
  const parts: string[] = [];
  for (let turn: typeof wanted | undefined = wanted; turn !== undefined;) {
    parts.unshift(turn.prompt ?? '');
    if (!turn.continues) break;
    turn = details.get(parents.get(turn.id) ?? '');
    parts.unshift((turn?.tokens ?? []).map(({ text }) => text ?? '').join(''));
  }
  const { id, promptTokens, policyVersion, finish, tokens, copies, rating } = wanted;
  const prompt = wanted.prompt === null ? null : parts.join('');
  return { id, prompt, promptTokens, policyVersion, finish, tokens, copies, rating };
}
