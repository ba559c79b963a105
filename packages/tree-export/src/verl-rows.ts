import { conversationBefore, type Message } from '@spark-rl/core';

import { advantageOf, creditsByNode, ownLeavesBelow, successShare } from './credited-turns.js';
import type { ExportedTree } from './exported-tree.js';
import type { Columns } from './parquet-schema.js';

/** A turn in the columns that verl reads (`data_source`, `prompt`, `ability`, `reward_model`, `extra_info`), and beside them what was sampled. */
export interface VerlRow {
  readonly data_source: string;
  readonly prompt: readonly Message[];
  readonly ability: string;
  readonly reward_model: { readonly style: string; readonly ground_truth: string };
  readonly extra_info: {
    readonly split: string;
    readonly index: number;
    readonly task_id: string;
    readonly tree_id: string;
    readonly node_path: string;
    readonly leaf_count: number;
    readonly policy_version: string;
    /** The task's own data as JSON: what its environment needs to start it. */
    readonly task_data: string;
  };
  readonly response: string;
  readonly prompt_ids: readonly number[];
  readonly response_ids: readonly number[];
  readonly response_log_probs: readonly number[];
  readonly advantage: number | null;
  readonly weight: number | null;
  readonly success_share: number | null;
}

/** The columns of {@link VerlRow}. */
export const verlColumns: Columns = {
  data_source: 'string',
  prompt: { list: { struct: { role: 'string', content: 'string' } } },
  ability: 'string',
  reward_model: { struct: { style: 'string', ground_truth: 'string' } },
  extra_info: {
    struct: {
      split: 'string',
      index: 'int32',
      task_id: 'string',
      tree_id: 'string',
      node_path: 'string',
      leaf_count: 'int32',
      policy_version: 'string',
      task_data: 'string',
    },
  },
  response: 'string',
  prompt_ids: { list: 'int32' },
  response_ids: { list: 'int32' },
  response_log_probs: { list: 'float' },
  advantage: 'double',
  weight: 'double',
  success_share: 'double',
};

/** The turns of a tree for verl, each once. The reward is the environment's own (`style` "rule"), with the task's id as its ground truth. */
export function verlRows(exported: ExportedTree): readonly VerlRow[] {
  const { tree } = exported;
  const { task } = tree;
  const credits = creditsByNode(exported);
  const below = ownLeavesBelow(exported);
  return [...tree.turns.values()].map((turn): VerlRow => {
    const { generation, id } = turn;
    const { advantage, weight } = advantageOf(credits.get(id)) ?? { advantage: null, weight: null };
    const leaves = below.get(id)!;
    return {
      data_source: task.environment,
      prompt: conversationBefore(tree, turn),
      ability: task.kind ?? 'agent',
      reward_model: { style: 'rule', ground_truth: task.id },
      extra_info: {
        split: task.split,
        index: turn.index,
        task_id: task.id,
        tree_id: tree.id,
        node_path: id,
        leaf_count: leaves.length,
        policy_version: generation.policyVersion,
        task_data: JSON.stringify(task.data),
      },
      response: generation.text,
      prompt_ids: [...generation.promptTokens],
      response_ids: [...generation.responseTokens],
      response_log_probs: [...generation.logProbs],
      advantage,
      weight,
      success_share: successShare(leaves),
    };
  });
}
