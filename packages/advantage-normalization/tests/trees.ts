import {
  childId,
  createTreeBuilder,
  leafId,
  rootId,
  taskId,
  treeId,
  type LeafOutcome,
  type NodeId,
  type Task,
  type Tree,
  type Turn,
} from '@spark-rl/core';
import fc from 'fast-check';

/** A tree in outline: a turn with children, or with how its path ended. */
export interface Sketch {
  readonly valid?: boolean;
  readonly admissible?: boolean | null;
  readonly next: readonly Sketch[] | LeafOutcome;
  readonly score?: number;
}

const task: Task = {
  id: taskId('task'),
  environment: 'test',
  split: 'train',
  data: null,
};

/** Builds a tree from outlines of its roots. */
export function tree(roots: readonly Sketch[], name = 'tree', ofTask = task): Tree {
  const builder = createTreeBuilder(treeId(name), {
    task: ofTask,
    instruction: '',
    observation: '',
    score: 0,
    settings: {},
  });
  let leaves = 0;
  const add = (sketch: Sketch, id: NodeId, parent: NodeId | null, index: number): void => {
    const valid = sketch.valid ?? true;
    const children = typeof sketch.next === 'string' ? [] : sketch.next;
    const turn: Turn = {
      id,
      parent,
      index,
      observation: '',
      generation: {
        text: '',
        policyVersion: '0',
        finish: 'stop',
        promptTokens: new Int32Array(),
        responseTokens: new Int32Array(),
        logProbs: new Float32Array(),
        cachedPromptTokens: 0,
      },
      response: { valid, mode: null, reasoning: '', action: '' },
      action: '',
      admissible: sketch.admissible ?? null,
      next: { observation: '', score: 0, status: 'running' },
      requestedWidth: 1,
      grantedWidth: Math.max(1, children.length),
    };
    builder.addTurn(turn);
    for (const [i, child] of children.entries()) add(child, childId(id, i), id, index + 1);
    if (typeof sketch.next === 'string') {
      leaves += 1;
      builder.addLeaf({
        id: leafId(id),
        tail: id,
        outcome: sketch.next,
        score: sketch.score ?? 0,
        ...(sketch.next === 'failed' ? { error: 'lost' } : {}),
      });
    }
  };
  for (const [i, root] of roots.entries()) add(root, rootId(i), null, 0);
  return builder.build({ limit: leaves, used: leaves, reserved: 0, failed: 0, free: 0 });
}

/** Random trees: up to three roots, forks of up to three, up to four turns, every ending, scores of all kinds. */
export const randomTree: fc.Arbitrary<Tree> = fc
  .array(
    fc.letrec<{ turn: Sketch }>((tie) => ({
      turn: fc.record({
        valid: fc.boolean(),
        admissible: fc.constantFrom(true, false, null),
        score: fc.integer({ min: -3, max: 3 }),
        next: fc.oneof(
          { maxDepth: 3, depthIdentifier: 'turn' },
          fc.constantFrom<LeafOutcome>('success', 'failure', 'truncated', 'failed'),
          fc.array(tie('turn'), { minLength: 1, maxLength: 3, depthIdentifier: 'turn' }),
        ),
      }),
    })).turn,
    { minLength: 1, maxLength: 3 },
  )
  .map((roots) => tree(roots));
