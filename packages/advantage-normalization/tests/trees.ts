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
  /** What was observed before the turn; empty when absent. */
  readonly observation?: string;
  readonly mode?: string;
  readonly action?: string;
  /** The environment's score after the turn; 0 when absent. */
  readonly scoreAfter?: number;
  /** How many response tokens the turn has; 0 when absent. */
  readonly tokens?: number;
  /** How many copies the leaf has, as profile `reference-code` makes them. */
  readonly copies?: number;
}

/** What a tree has beside its turns. */
export interface Outside {
  readonly ofTask?: Task;
  readonly settings?: Tree['settings'];
}

const task: Task = {
  id: taskId('task'),
  environment: 'test',
  split: 'train',
  data: null,
};

/** Builds a tree from outlines of its roots. */
export function tree(
  roots: readonly Sketch[],
  name = 'tree',
  { ofTask = task, settings = {} }: Outside = {},
): Tree {
  const builder = createTreeBuilder(treeId(name), {
    task: ofTask,
    instruction: '',
    observation: '',
    score: 0,
    settings,
  });
  let leaves = 0;
  const add = (sketch: Sketch, id: NodeId, parent: NodeId | null, index: number): void => {
    const valid = sketch.valid ?? true;
    const children = typeof sketch.next === 'string' ? [] : sketch.next;
    const turn: Turn = {
      id,
      parent,
      index,
      observation: sketch.observation ?? '',
      generation: {
        text: '',
        policyVersion: '0',
        finish: 'stop',
        promptTokens: new Int32Array(),
        responseTokens: new Int32Array(sketch.tokens ?? 0),
        logProbs: new Float32Array(sketch.tokens ?? 0),
        cachedPromptTokens: 0,
      },
      response: { valid, mode: sketch.mode ?? null, reasoning: '', action: sketch.action ?? '' },
      action: sketch.action ?? '',
      admissible: sketch.admissible ?? null,
      next: { observation: '', score: sketch.scoreAfter ?? 0, status: 'running' },
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
        ...(sketch.next === 'failed' ? { error: 'lost', lostTo: 'policy' as const } : {}),
      });
      for (let copy = 1; copy <= (sketch.copies ?? 0); copy++) {
        builder.addLeaf({
          id: leafId(`${id}.${copy}`),
          tail: id,
          outcome: sketch.next,
          score: sketch.score ?? 0,
          copy: { of: leafId(id), reason: 'fork' },
        });
      }
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
        observation: fc.constantFrom('hall', 'kitchen', 'cellar'),
        mode: fc.constantFrom('planning', 'explore', 'reflection', 'monitor'),
        action: fc.constantFrom('go', 'take', 'open'),
        tokens: fc.integer({ min: 1, max: 4 }),
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

/**
 * Three roots, three forks and six leaves; a third of them win. By the mean of their leaves the turns 0, 1, 1.1 and 2 are worth 1/2, 1/3,
 * 1/2 and 0; by the mean of their children 1/2, 1/4, 1/2 and 0.
 */
export const bushy: Tree = tree([
  { next: [{ next: 'success' }, { next: 'failure' }] },
  { next: [{ next: 'failure' }, { next: [{ next: 'success' }, { next: 'failure' }] }] },
  { next: 'failure' },
]);
