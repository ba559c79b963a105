import { leafBudget } from '@spark-rl/budget';
import {
  leafId,
  rootId,
  taskId,
  type Generation,
  type ParsedResponse,
  type RandomKey,
  type Task,
  type Turn,
} from '@spark-rl/core';
import {
  bestOf,
  firstPath,
  majorityVote,
  meanLogProbability,
  type LeafCandidate,
  type LeafRule,
} from '@spark-rl/tree-rollout';

import type { TurnBranching } from './generation-plan.js';

/** One of the responses that a turn was given. */
export interface BranchLeaf {
  readonly generation: Generation;
  readonly response: ParsedResponse;
  /** Mean log-probability of its tokens, nats; null where the policy tells none. */
  readonly meanLogProb: number | null;
}

/** All responses of a turn, in the order of their keys, and which of them answers. */
export interface BranchedTurn {
  readonly leaves: readonly BranchLeaf[];
  readonly chosen: number;
}

const RULES: Readonly<Record<TurnBranching['choose'], LeafRule>> = {
  majority: majorityVote(),
  likeliest: bestOf({ score: meanLogProbability, id: 'likeliest' }),
  first: firstPath(),
};

const TURN_TASK: Task = { id: taskId('turn'), environment: 'served', split: '', data: {} };

/** A response as a path of one turn: what the rules choose among. */
function asCandidate({ generation, response }: BranchLeaf, index: number): LeafCandidate {
  const id = rootId(index);
  const turn: Turn = {
    id,
    parent: null,
    index: 0,
    observation: '',
    generation,
    response,
    action: response.valid ? response.action : '',
    admissible: null,
    next: { observation: '', score: 0, status: 'truncated' },
    requestedWidth: 1,
    grantedWidth: 1,
  };
  const leaf = { id: leafId(id), tail: id, outcome: 'truncated' as const, score: 0 };
  return { leaf, path: [turn] };
}

/**
 * Answers one turn with several responses where the agent says that it is unsure, and chooses among them: SPARK's branching at test time,
 * with forks at the same turn. M roots are sampled at once; then, in their order, each that explores asks the ledger for B responses in its
 * place, and gets min(B, N - created + 1). Those do not fork again. The first root has the request's own key, so `first` is the plain answer.
 *
 * @param sample - samples one response to the prompt
 */
export async function branchTurn(
  { leaves, roots, width, choose }: TurnBranching,
  sample: (key: RandomKey) => Promise<Generation>,
  parse: (text: string) => ParsedResponse,
  key: RandomKey,
): Promise<BranchedTurn> {
  const ledger = leafBudget({ leaves }).open(TURN_TASK, { tokens: 0, steps: 1 });
  ledger.openRoots(roots);
  const take = async (sampleKey: RandomKey): Promise<BranchLeaf> => {
    const generation = await sample(sampleKey);
    const { length } = generation.logProbs;
    return {
      generation,
      response: parse(generation.text),
      meanLogProb:
        length === 0 ? null : generation.logProbs.reduce((sum, each) => sum + each, 0) / length,
    };
  };
  const first = await Promise.all(
    Array.from({ length: roots }, (_, root) => take(root === 0 ? key : [...key, 'root', root])),
  );
  const further: RandomKey[] = [];
  for (const [root, { response }] of first.entries()) {
    if (response.mode !== 'explore') continue;
    const granted = ledger.branch(width);
    for (let child = 1; child < granted; child++)
      further.push([...key, 'root', root, 'child', child]);
  }
  const all = [...first, ...(await Promise.all(further.map(take)))];
  const candidates = all.map(asCandidate);
  const winner = RULES[choose].choose(candidates);
  // When nobody has an action to vote for, the plain answer is as good as any.
  return { leaves: all, chosen: winner === null ? 0 : candidates.indexOf(winner) };
}
