import {
  createTreeBuilder,
  leafId,
  treeId,
  type Leaf,
  type LeafAccount,
  type NodeId,
  type Tree,
  type TreeOpening,
  type Turn,
} from '@spark-rl/core';

import { task } from './support.js';

/** A turn in short: what is not said is dull. */
export interface HandTurn {
  readonly id: string;
  readonly action?: string;
  readonly observation?: string;
  readonly mode?: string;
  readonly valid?: boolean;
  readonly text?: string;
  readonly granted?: number;
  readonly requested?: number;
  readonly admissible?: boolean | null;
  readonly logProbs?: readonly number[];
  readonly promptTokens?: number;
}

function turnOf(turn: HandTurn): Turn {
  const { id, action = 'wait', mode = 'think', valid = true, granted = 1 } = turn;
  const logProbs = turn.logProbs ?? [-1];
  const dot = id.lastIndexOf('.');
  return {
    id: id as NodeId,
    parent: dot < 0 ? null : (id.slice(0, dot) as NodeId),
    index: id.split('.').length - 1,
    observation: turn.observation ?? `before ${id}`,
    generation: {
      text: turn.text ?? `<${mode}></${mode}><action>${action}</action>`,
      policyVersion: '1',
      finish: 'stop',
      promptTokens: new Int32Array(turn.promptTokens ?? 0),
      responseTokens: new Int32Array(logProbs.length),
      logProbs: Float32Array.from(logProbs),
      cachedPromptTokens: 0,
    },
    response: {
      valid,
      mode,
      reasoning: '',
      action,
      ...(!valid && { reason: 'broken' }),
    },
    action,
    admissible: turn.admissible ?? null,
    next: { observation: '', score: 0, status: 'running' },
    requestedWidth: turn.requested ?? granted,
    grantedWidth: granted,
  };
}

const opening: TreeOpening = {
  task: task(),
  instruction: '',
  observation: '',
  score: 0,
  settings: {},
};

const leaf = (id: string, outcome: Exclude<Leaf['outcome'], 'failed'> = 'truncated'): Leaf => ({
  id: leafId(id),
  tail: id as NodeId,
  outcome,
  score: 0,
});

/** A tree as written down; by default all its leaves are charged and one more would be free. */
export const handTree = Object.assign(
  (parts: {
    readonly turns: readonly HandTurn[];
    readonly leaves: readonly Leaf[];
    readonly limit?: number;
  }): Tree => {
    const builder = createTreeBuilder(treeId('hand'), opening);
    for (const turn of parts.turns) builder.addTurn(turnOf(turn));
    for (const each of parts.leaves) builder.addLeaf(each);
    const charged = parts.leaves.filter(({ copy }) => copy?.reason !== 'padding');
    const failed = charged.filter(({ outcome }) => outcome === 'failed').length;
    const used = charged.length - failed;
    const limit = parts.limit ?? charged.length + 1;
    const account: LeafAccount = { limit, used, reserved: 0, failed, free: limit - used - failed };
    return builder.build(account);
  },
  { leaf, opening },
);
