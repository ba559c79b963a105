import { lastAction, majorityVote, rolloutTree, selectLeaf } from '@spark-rl/tree-rollout';

// A world: from 10, take 1, 2 or 3 at a time, and reach exactly 0. A state is a value, here a number.
const countdown = {
  id: 'countdown',
  tasks: () => [task],
  reset: () => ({ ...at(10), instruction: 'Reach exactly 0.' }),
  step: (left, action) => at(left - Number(action.replace('take ', ''))),
};
const at = (left) => ({
  state: left,
  observation: `${left} left.`,
  score: left === 0 ? 1 : 0,
  status: left > 0 ? 'running' : left === 0 ? 'success' : 'failure',
});
const task = { id: 'ten', environment: 'countdown', split: 'train', data: null };

// The words between the world and the agent.
const protocol = {
  id: 'plain',
  wantsAdmissible: false,
  prompt: ({ instruction, observation }) => ({
    kind: 'messages',
    messages: [{ role: 'user', content: `${instruction} ${observation}` }],
  }),
  parse: (text) => {
    const valid = /^take [123]$/.test(text);
    return { valid, mode: null, reasoning: '', action: valid ? text : '' };
  },
  render: ({ action }) => action,
};

// An agent: put a model here. The key names the response; this one takes 1, 2 or 3 by a hash of it.
const policy = {
  id: 'hash',
  generate: async ({ key }) => {
    const hash = [...key.join()].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7);
    return {
      text: `take ${1 + (hash % 3)}`,
      finish: 'stop',
      policyVersion: '1',
      promptTokens: new Int32Array(),
      responseTokens: new Int32Array(),
      logProbs: new Float32Array(),
      cachedPromptTokens: 0,
    };
  },
};

const tree = await rolloutTree({
  environment: countdown,
  policy,
  protocol,
  brief: { world: 'A pile of ten.', actions: [{ form: 'take {n}', meaning: 'takes n' }] },
  task,
  seed: ['example', 1],
  roots: 5,
});
for (const leaf of tree.leaves) {
  const turns = leaf.tail
    .split('.')
    .map((_, i, ids) => tree.turns.get(ids.slice(0, i + 1).join('.')));
  console.log(leaf.outcome.padEnd(8), turns.map(({ action }) => action).join(', '));
}
const voted = selectLeaf(tree, majorityVote({ answer: lastAction }));
console.log(`most paths end with: ${tree.turns.get(voted.tail).action}`);
