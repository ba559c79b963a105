import { advantageOf, creditsByNode, ownLeavesBelow, successShare } from './credited-turns.js';
import type { ExportedTree } from './exported-tree.js';

/** A turn with all that training by reinforcement needs, in plain JSON. T is the number of response tokens. */
export interface TokenRow {
  readonly tree_id: string;
  readonly task_id: string;
  /** The turn's place in its tree, such as "0.1.0"; that of its parent is what stands before the last dot. */
  readonly node_path: string;
  /** t, from 0. */
  readonly turn: number;
  /** The version of the weights that sampled it. */
  readonly policy_version: string;
  readonly prompt_ids: readonly number[];
  /** [T], end of sequence included. */
  readonly completion_ids: readonly number[];
  /** [T], 1 where the token was sampled and may be trained. */
  readonly completion_mask: readonly number[];
  /** [T], log-probabilities under the distribution sampled from, nats; exact float32 values. */
  readonly sampling_logps: readonly number[];
  /** The weighted mean of its copies; null where the turn has no credit. */
  readonly advantage: number | null;
  /** How much it counts: the sum of its copies' weights. */
  readonly weight: number | null;
  /** Each leaf's part in it, where the estimator tells. */
  readonly copies: readonly {
    readonly leaf: string | null;
    readonly advantage: number;
    readonly weight: number;
  }[];
  /** How many completed leaves lie below it. */
  readonly leaf_count: number;
  /** The share of them that succeeded. */
  readonly success_share: number | null;
  readonly finish: string;
  readonly valid: boolean;
  readonly mode: string | null;
  readonly action: string;
}

/** The turns of a tree as token rows, each once however many leaves share it, parents before children. */
export function tokenRows(exported: ExportedTree): readonly TokenRow[] {
  const { tree } = exported;
  const credits = creditsByNode(exported);
  const below = ownLeavesBelow(exported);
  return [...tree.turns.values()].map(({ id, index, generation, response, action }): TokenRow => {
    const credit = credits.get(id);
    const { advantage, weight } = advantageOf(credit) ?? { advantage: null, weight: null };
    return {
      tree_id: tree.id,
      task_id: tree.task.id,
      node_path: id,
      turn: index,
      policy_version: generation.policyVersion,
      prompt_ids: [...generation.promptTokens],
      completion_ids: [...generation.responseTokens],
      completion_mask: Array.from(generation.responseTokens, () => 1),
      sampling_logps: [...generation.logProbs],
      advantage,
      weight,
      copies: (credit?.copies ?? []).map((copy) => ({
        leaf: copy.leaf ?? null,
        advantage: copy.advantage,
        weight: copy.weight,
      })),
      leaf_count: below.get(id)!.length,
      success_share: successShare(below.get(id)!),
      finish: generation.finish,
      valid: response.valid,
      mode: response.mode,
      action,
    };
  });
}
