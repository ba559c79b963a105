import {
  conversationBefore,
  createTreeBuilder,
  leafId,
  siblingPairs,
  taskId,
  treeId,
  type Leaf,
  type LeafOutcome,
  type NodeId,
  type Tree,
} from '../src/index.js';

const none = { limit: 0, used: 0, reserved: 0, failed: 0, free: 0 };

/** A tree from the ids of its turns and the outcomes of its leaves; every response says its own id unless told otherwise. */
function treeOf(
  nodes: readonly string[],
  leaves: Readonly<Record<string, LeafOutcome>>,
  says: (id: string) => string = (id) => id,
  copies: Readonly<Record<string, string>> = {},
): Tree {
  const builder = createTreeBuilder(treeId('t'), {
    task: { id: taskId('task'), environment: 'e', split: 's', data: null },
    instruction: 'Find it.',
    observation: 'Start.',
    score: 0,
    settings: {},
  });
  for (const id of nodes) {
    const dot = id.lastIndexOf('.');
    builder.addTurn({
      id: id as NodeId,
      parent: dot < 0 ? null : (id.slice(0, dot) as NodeId),
      index: id.split('.').length - 1,
      observation: dot < 0 ? 'Start.' : `after ${id.slice(0, dot)}`,
      generation: {
        text: says(id),
        policyVersion: '0',
        finish: 'stop',
        promptTokens: Int32Array.of(),
        responseTokens: Int32Array.of(),
        logProbs: Float32Array.of(),
        cachedPromptTokens: 0,
      },
      response: { valid: true, mode: null, reasoning: '', action: 'a' },
      action: 'a',
      admissible: null,
      next: { observation: '', score: 0, status: 'running' },
      requestedWidth: 1,
      grantedWidth: 1,
    });
  }
  for (const [id, outcome] of Object.entries(leaves)) {
    const leaf: Leaf = {
      id: leafId(id),
      tail: id as NodeId,
      outcome,
      score: id.length,
      ...(outcome === 'failed' && { error: 'x', lostTo: 'policy' }),
    };
    builder.addLeaf(leaf);
  }
  for (const [id, of] of Object.entries(copies)) {
    builder.addLeaf({
      id: leafId(id),
      tail: of as NodeId,
      outcome: leaves[of]!,
      score: 0,
      copy: { of: leafId(of), reason: 'padding' },
    });
  }
  return builder.build(none);
}

describe('siblingPairs', () => {
  // Root 0 forks into three; root 1 goes on alone.
  const nodes = ['0', '0.0', '0.0.0', '0.0.1', '0.1', '0.2', '1'];
  const tree = treeOf(nodes, {
    '0.0.0': 'success',
    '0.0.1': 'failure',
    '0.1': 'success',
    '0.2': 'truncated',
    '1': 'failure',
  });

  it('compares the best child of a fork with the worst, by the share of successes below', () => {
    expect(siblingPairs(tree)).toEqual([
      // Root 0: 1, 0, 1, 0 below. Root 1: 0.
      { fork: null, winner: '0', loser: '1', winnerValue: 0.5, loserValue: 0 },
      { fork: '0', winner: '0.1', loser: '0.2', winnerValue: 1, loserValue: 0 },
      { fork: '0.0', winner: '0.0.0', loser: '0.0.1', winnerValue: 1, loserValue: 0 },
    ]);
  });

  it('gives every pair that differs, on request', () => {
    const all = siblingPairs(tree, { pairs: 'all', roots: false });
    expect(all.map(({ winner, loser }) => [winner, loser])).toEqual([
      ['0.1', '0.0'],
      ['0.1', '0.2'],
      ['0.0', '0.2'],
      ['0.0.0', '0.0.1'],
    ]);
    expect(siblingPairs(tree, { pairs: 'all', roots: false, margin: 0.6 })).toHaveLength(2);
  });

  it('takes any value of a leaf', () => {
    const [first] = siblingPairs(tree, { value: (leaf) => leaf.score, roots: false });
    expect(first).toMatchObject({ winner: '0.0', loser: '0.1', winnerValue: 5, loserValue: 3 });
  });

  it('leaves out what was lost, what is a copy, and siblings that say the same', () => {
    const lost = treeOf(['0', '1'], { '0': 'success', '1': 'failed' });
    expect(siblingPairs(lost)).toEqual([]);
    const padded = treeOf(['0', '0.0', '0.1'], { '0.0': 'success', '0.1': 'failure' }, undefined, {
      '2': '0.1',
      '3': '0.1',
    });
    expect(siblingPairs(padded)).toMatchObject([{ winnerValue: 1, loserValue: 0 }]);
    expect(siblingPairs(treeOf(nodes, { '0': 'success', '1': 'failure' }, () => 'same'))).toEqual(
      [],
    );
    expect(siblingPairs(treeOf(['0', '1'], { '0': 'failure', '1': 'truncated' }))).toEqual([]);
  });
});

describe('conversationBefore', () => {
  const tree = treeOf(['0', '0.0', '0.1', '0.1.0'], { '0.0': 'success', '0.1.0': 'failure' });

  it('alternates observations and responses, and says the task first', () => {
    expect(conversationBefore(tree, tree.turns.get('0.1.0' as NodeId)!)).toEqual([
      { role: 'user', content: 'Find it.\n\nStart.' },
      { role: 'assistant', content: '0' },
      { role: 'user', content: 'after 0' },
      { role: 'assistant', content: '0.1' },
      { role: 'user', content: 'after 0.1' },
    ]);
  });

  it('does not say the task twice', () => {
    const told = { ...tree, instruction: 'Start.' };
    expect(conversationBefore(told, tree.turns.get('0' as NodeId)!)).toEqual([
      { role: 'user', content: 'Start.' },
    ]);
  });
});
