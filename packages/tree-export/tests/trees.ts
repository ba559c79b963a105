import {
  createTreeBuilder,
  leafId,
  taskId,
  treeId,
  type LeafOutcome,
  type NodeId,
  type Tree,
  type TurnCredit,
} from '@spark-rl/core';
import fc from 'fast-check';

const none = { limit: 0, used: 0, reserved: 0, failed: 0, free: 0 };

export interface GivenTurn {
  readonly text: string;
  readonly prompt?: readonly number[];
  readonly response?: readonly number[];
  readonly logProbs?: readonly number[];
  readonly valid?: boolean;
}

/** A tree from its turns by path and its leaves by their last turn. */
export function treeOf(
  turns: Readonly<Record<string, GivenTurn>>,
  leaves: Readonly<Record<string, LeafOutcome>>,
  name = 'tree',
): Tree {
  const builder = createTreeBuilder(treeId(name), {
    task: {
      id: taskId(`task of ${name}`),
      environment: 'kitchen',
      split: 'train',
      kind: 'heat',
      data: { seed: 7, 'ü "quoted"': [null, 1.5] },
    },
    instruction: 'Heat an egg.',
    observation: 'start',
    score: 0,
    settings: {},
  });
  for (const [id, given] of Object.entries(turns)) {
    const dot = id.lastIndexOf('.');
    const { text, prompt = [1], response = [2, 0], valid = true } = given;
    builder.addTurn({
      id: id as NodeId,
      parent: dot < 0 ? null : (id.slice(0, dot) as NodeId),
      index: id.split('.').length - 1,
      observation: dot < 0 ? 'start' : `after ${id.slice(0, dot)}`,
      generation: {
        text,
        policyVersion: '3',
        finish: 'stop',
        promptTokens: Int32Array.from(prompt),
        responseTokens: Int32Array.from(response),
        logProbs: Float32Array.from(given.logProbs ?? response.map(() => -0.1)),
        cachedPromptTokens: 0,
      },
      response: {
        valid,
        mode: valid ? 'think' : null,
        reasoning: '',
        action: valid ? 'go' : '',
        ...(!valid && { reason: 'bad' }),
      },
      action: valid ? 'go' : '',
      admissible: null,
      next: { observation: 'n', score: 0, status: 'running' },
      requestedWidth: 1,
      grantedWidth: 1,
    });
  }
  for (const [id, outcome] of Object.entries(leaves)) {
    builder.addLeaf({
      id: leafId(id),
      tail: id as NodeId,
      outcome,
      score: 0,
      ...(outcome === 'failed' && { error: 'lost', lostTo: 'policy' }),
    });
  }
  return builder.build(none);
}

/** A tree with a fork: one child of root 0 wins, one loses, and root 1 was lost. */
export const forked = (): Tree =>
  treeOf(
    {
      '0': { text: 'look', prompt: [5, 6], response: [7, 8, 0], logProbs: [-0.1, -1 / 3, -1e-7] },
      '0.0': { text: 'win', prompt: [5, 6, 7, 8, 0, 9], response: [10, 0] },
      '0.1': { text: 'lose', prompt: [5, 6, 7, 8, 0, 9], response: [11, 0], valid: false },
      '1': { text: 'gone', prompt: [5, 6], response: [12, 0] },
    },
    { '0.0': 'success', '0.1': 'failure', '1': 'failed' },
  );

export const credits = (tree: Tree): readonly TurnCredit[] => [
  {
    tree: tree.id,
    node: '0' as NodeId,
    copies: [
      { leaf: leafId('0.0'), advantage: 1, weight: 0.75 },
      { leaf: leafId('0.1'), advantage: -1, weight: 0.25 },
    ],
  },
  { tree: tree.id, node: '0.0' as NodeId, copies: [{ advantage: 2, weight: 1 }] },
];

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const turn: fc.Arbitrary<GivenTurn> = fc
  .record({
    text,
    prompt: fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 6 }),
    sampled: fc.array(fc.tuple(fc.nat(200_000), fc.float({ min: -50, max: 0, noNaN: true })), {
      maxLength: 6,
    }),
    valid: fc.boolean(),
  })
  .map(({ sampled, ...rest }) => ({
    ...rest,
    response: sampled.map(([token]) => token),
    // JSON knows no -0, and nobody needs one.
    logProbs: sampled.map(([, logProb]) => logProb + 0),
  }));

/** Trees of two roots, each with up to three children. */
export const anyTree = (name: string): fc.Arbitrary<Tree> =>
  fc
    .record({
      roots: fc.tuple(turn, turn),
      children: fc.array(turn, { maxLength: 3 }),
      outcomes: fc.array(fc.constantFrom<LeafOutcome>('success', 'failure', 'truncated'), {
        minLength: 5,
        maxLength: 5,
      }),
    })
    .map(({ roots, children, outcomes }) => {
      const below = Object.fromEntries(children.map((child, i) => [`0.${i}`, child]));
      const ends = children.length === 0 ? ['0', '1'] : [...Object.keys(below), '1'];
      return treeOf(
        { '0': roots[0], ...below, '1': roots[1] },
        Object.fromEntries(ends.map((id, i) => [id, outcomes[i]!])),
        name,
      );
    });
