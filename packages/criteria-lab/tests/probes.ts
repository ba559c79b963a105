import {
  childId,
  createTreeBuilder,
  leafId,
  rootId,
  taskId,
  treeId,
  type Generation,
  type LeafOutcome,
  type NodeId,
  type Status,
  type Tree,
  type Turn,
} from '@spark-rl/core';

import type { Continuation } from '../src/importance.js';

/** One turn of a base path: what the policy said, and how the episode could be continued after it. */
export interface ScriptedTurn {
  readonly text?: string;
  readonly continuations: readonly (Continuation | 'lost')[];
}

const generation = (text: string): Generation => ({
  text,
  policyVersion: 'v1',
  finish: 'stop',
  promptTokens: Int32Array.of(1),
  responseTokens: Int32Array.of(2, 0),
  logProbs: Float32Array.of(-0.5, 0),
  cachedPromptTokens: 0,
});

function turn(
  id: NodeId,
  parent: NodeId | null,
  index: number,
  text: string,
  action: string,
  status: Status,
  grantedWidth: number,
): Turn {
  return {
    id,
    parent,
    index,
    observation: `o${index}`,
    generation: generation(text),
    response: { valid: true, mode: null, reasoning: '', action },
    action,
    admissible: null,
    next: { observation: `o${index + 1}`, score: 0, status },
    requestedWidth: 1,
    grantedWidth,
  };
}

/** A probe whose outcomes are told. The base path takes one more turn than is scripted, and fails there. */
export function probeOf(name: string, script: readonly ScriptedTurn[], tree = name): Tree {
  const builder = createTreeBuilder(treeId(tree), {
    task: { id: taskId(name), environment: 'none', split: 'test', data: null },
    instruction: '',
    observation: 'o0',
    score: 0,
    settings: {},
  });
  let at = rootId(0);
  let parent: NodeId | null = null;
  let leaves = 1;
  script.forEach(({ text = '', continuations }, index) => {
    builder.addTurn(turn(at, parent, index, text, 'go', 'running', 1 + continuations.length));
    continuations.forEach((continuation, i) => {
      const id = childId(at, 1 + i);
      leaves++;
      if (continuation === 'lost') {
        builder.addLeaf({
          id: leafId(id),
          tail: at,
          outcome: 'failed',
          score: 0,
          error: 'gone',
          lostTo: 'policy',
        });
        return;
      }
      const outcome: LeafOutcome = continuation.success ? 'success' : 'failure';
      builder.addTurn(turn(id, at, index + 1, '', continuation.action, outcome, 1));
      builder.addLeaf({ id: leafId(id), tail: id, outcome, score: 0 });
    });
    parent = at;
    at = childId(at, 0);
  });
  builder.addTurn(turn(at, parent, script.length, '', 'go', 'failure', 1));
  builder.addLeaf({ id: leafId(at), tail: at, outcome: 'failure', score: 0 });
  return builder.build({ limit: leaves, used: leaves, reserved: 0, failed: 0, free: 0 });
}

/** n continuations by one action, the first k of which succeed. */
export const outcomes = (n: number, k: number, action = 'a'): Continuation[] =>
  Array.from({ length: n }, (_, i) => ({ action, success: i < k }));
