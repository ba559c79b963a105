import { InvalidInputError, leafId, type NodeId } from '@spark-rl/core';

import {
  messagesRows,
  preferenceRows,
  promptCompletionRows,
  tokenRows,
  verlRows,
} from '../src/index.js';
import { credits, forked } from './trees.js';

const tree = forked();
const decode = (tokens: Int32Array): string => [...tokens].join('-');

describe('tokenRows', () => {
  it('has every turn once, with what was sampled and what it is credited', () => {
    const [root, winner, loser, lost] = tokenRows({ tree, credits: credits(tree) });
    expect(root).toEqual({
      tree_id: 'tree',
      task_id: 'task of tree',
      node_path: '0',
      turn: 0,
      policy_version: '3',
      prompt_ids: [5, 6],
      completion_ids: [7, 8, 0],
      completion_mask: [1, 1, 1],
      sampling_logps: [-0.1, -1 / 3, -1e-7].map(Math.fround),
      // (0.75 - 0.25) / 1
      advantage: 0.5,
      weight: 1,
      copies: [
        { leaf: '0.0', advantage: 1, weight: 0.75 },
        { leaf: '0.1', advantage: -1, weight: 0.25 },
      ],
      leaf_count: 2,
      success_share: 0.5,
      finish: 'stop',
      valid: true,
      mode: 'think',
      action: 'go',
    });
    expect(winner).toMatchObject({ advantage: 2, copies: [{ leaf: null }], success_share: 1 });
    expect(loser).toMatchObject({ advantage: null, weight: null, copies: [], valid: false });
    expect(lost).toMatchObject({ node_path: '1', leaf_count: 0, success_share: null });
  });

  it('refuses the credits of another tree', () => {
    const other = [{ ...credits(tree)[0]!, node: '7' as NodeId }];
    expect(() => tokenRows({ tree, credits: other })).toThrow(InvalidInputError);
    expect(() => tokenRows({ tree, credits: other })).toThrow(/turn 7 of tree tree is credited/);
  });
});

describe('promptCompletionRows', () => {
  it('takes valid turns that lead to a success, as chats', () => {
    const rows = promptCompletionRows({ tree });
    expect(rows).toEqual([
      {
        prompt: [{ role: 'user', content: 'Heat an egg.\n\nstart' }],
        completion: [{ role: 'assistant', content: 'look' }],
      },
      {
        prompt: [
          { role: 'user', content: 'Heat an egg.\n\nstart' },
          { role: 'assistant', content: 'look' },
          { role: 'user', content: 'after 0' },
        ],
        completion: [{ role: 'assistant', content: 'win' }],
      },
    ]);
    expect(promptCompletionRows({ tree }, { turns: 'all' })).toHaveLength(4);
  });

  it('writes texts where tokens can be read', () => {
    expect(promptCompletionRows({ tree }, { decode })).toEqual([
      { prompt: '5-6', completion: 'look' },
      { prompt: '5-6-7-8-0-9', completion: 'win' },
    ]);
  });
});

describe('messagesRows', () => {
  it('writes successful paths whole', () => {
    expect(messagesRows({ tree })).toEqual([
      {
        messages: [
          { role: 'user', content: 'Heat an egg.\n\nstart' },
          { role: 'assistant', content: 'look' },
          { role: 'user', content: 'after 0' },
          { role: 'assistant', content: 'win' },
        ],
      },
    ]);
    expect(messagesRows({ tree }, { paths: 'all' })).toHaveLength(2);
    const copied = {
      ...tree,
      leaves: [
        ...tree.leaves,
        {
          ...tree.leaves[0]!,
          id: leafId('9'),
          copy: { of: leafId('0.0'), reason: 'padding' as const },
        },
      ],
    };
    expect(messagesRows({ tree: copied })).toHaveLength(1);
  });
});

describe('preferenceRows', () => {
  it('sets the better sibling against the worse after one prompt', () => {
    expect(preferenceRows({ tree }, { decode })).toEqual([
      {
        prompt: '5-6-7-8-0-9',
        chosen: 'win',
        rejected: 'lose',
        score_chosen: 1,
        score_rejected: 0,
      },
    ]);
    expect(preferenceRows({ tree })[0]!.rejected).toEqual([{ role: 'assistant', content: 'lose' }]);
    expect(preferenceRows({ tree }, { margin: 2 })).toEqual([]);
  });
});

describe('verlRows', () => {
  it('has the columns that verl reads, and what was sampled', () => {
    const [root] = verlRows({ tree, credits: credits(tree) });
    expect(root).toEqual({
      data_source: 'kitchen',
      prompt: [{ role: 'user', content: 'Heat an egg.\n\nstart' }],
      ability: 'heat',
      reward_model: { style: 'rule', ground_truth: 'task of tree' },
      extra_info: {
        split: 'train',
        index: 0,
        task_id: 'task of tree',
        tree_id: 'tree',
        node_path: '0',
        leaf_count: 2,
        policy_version: '3',
        task_data: '{"seed":7,"ü \\"quoted\\"":[null,1.5]}',
      },
      response: 'look',
      prompt_ids: [5, 6],
      response_ids: [7, 8, 0],
      response_log_probs: [-0.1, -1 / 3, -1e-7].map(Math.fround),
      advantage: 0.5,
      weight: 1,
      success_share: 0.5,
    });
  });
});
