import { observationText, type Turn } from '@spark-rl/core';

import { sequenceSimilarity } from './sequence-similarity.js';

function isSimilar(text: string, other: string, threshold: number): boolean {
  // No ratio exceeds twice the shorter length over both: most texts need not be compared at all.
  const [length, otherLength] = [[...text].length, [...other].length];
  if (2 * Math.min(length, otherLength) < threshold * (length + otherLength)) return false;
  return sequenceSimilarity(text, other) >= threshold;
}

/**
 * Groups turns by what was observed before them (anchor states, arXiv 2505.10978, equation 6), across paths and along one path.
 *
 * @param similarity - null: equal observations form a group; otherwise a turn joins the first group whose first observation is at
 *   least so similar, in (0, 1), see `sequenceSimilarity`
 * @returns for every turn the first turn of its group
 */
export function anchorGroups(
  turns: readonly Turn[],
  similarity: number | null,
): ReadonlyMap<Turn, Turn> {
  // The first text of every group, and which group any text that was seen belongs to.
  const firsts: { readonly text: string; readonly turn: Turn }[] = [];
  const known = new Map<string, Turn>();
  const anchors = new Map<Turn, Turn>();
  for (const turn of turns) {
    const text = observationText(turn.observation);
    let anchor = known.get(text);
    if (anchor === undefined && similarity !== null)
      anchor = firsts.find((first) => isSimilar(text, first.text, similarity))?.turn;
    if (anchor === undefined) {
      anchor = turn;
      firsts.push({ text, turn });
    }
    known.set(text, anchor);
    anchors.set(turn, anchor);
  }
  return anchors;
}
