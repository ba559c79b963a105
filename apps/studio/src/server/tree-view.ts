import {
  observationText,
  type CreditCopy,
  type Leaf,
  type NodeId,
  type Tree,
  type Turn,
} from '@spark-rl/core';

import { countOutcomes } from '../shared/outcome-counts.js';
import type {
  AdvantageNote,
  LeafView,
  Problem,
  TreeCard,
  TreeView,
  TurnView,
} from '../shared/views.js';
import { budgetFill } from './budget-fill.js';
import { flattenToText } from './flatten.js';

/** A tree that was read, with what is wrong with its file. */
export interface ReadTree {
  readonly tree: Tree;
  readonly finished: boolean;
  readonly problems: readonly Problem[];
}

/** What the turns of a tree are credited, by node. */
export type CreditsByNode = ReadonlyMap<NodeId, readonly CreditCopy[]>;

/** The mean of a turn's advantages, weighted as they count in the objective: `sum w A / sum w`; null without any. */
export function meanAdvantage(copies: readonly CreditCopy[] | undefined): number | null {
  const weight = (copies ?? []).reduce((sum, copy) => sum + copy.weight, 0);
  if (copies === undefined || weight === 0) return null;
  return copies.reduce((sum, copy) => sum + copy.weight * copy.advantage, 0) / weight;
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

const tokensOf = ({ generation }: Turn): number => generation.responseTokens.length;

function turnView(
  turn: Turn,
  below: TurnView['below'],
  copies: readonly CreditCopy[] | undefined,
): TurnView {
  return {
    id: turn.id,
    parent: turn.parent,
    index: turn.index,
    mode: turn.response.mode,
    valid: turn.response.valid,
    reason: turn.response.reason ?? null,
    text: turn.generation.text,
    action: turn.action,
    admissible: turn.admissible,
    observation: observationText(turn.observation),
    next: {
      observation: observationText(turn.next.observation),
      score: turn.next.score,
      status: turn.next.status,
    },
    requestedWidth: turn.requestedWidth,
    grantedWidth: turn.grantedWidth,
    tokens: tokensOf(turn),
    logProb: sum(turn.generation.logProbs),
    below,
    advantage: meanAdvantage(copies),
  };
}

/** The leaves below each turn; those that were lost to a failure, too, since they are there to be seen. */
function allLeavesBelow({ turns, leaves }: Tree): ReadonlyMap<NodeId, readonly Leaf[]> {
  const below = new Map<NodeId, Leaf[]>([...turns.keys()].map((id) => [id, []]));
  for (const leaf of leaves)
    for (let id = leaf.tail; id !== null; id = turns.get(id)?.parent ?? null)
      below.get(id)?.push(leaf);
  return below;
}

/** What the leaves would cost as separate paths: a turn's tokens once for each leaf below it. */
const chainTokensOf = (tree: Tree, below: ReturnType<typeof allLeavesBelow>): number =>
  sum(
    [...tree.turns.values()].map(
      (turn) => tokensOf(turn) * Math.max(1, below.get(turn.id)!.length),
    ),
  );

/** A number of the settings, such as `leaves`. */
function settingOf(tree: Pick<Tree, 'settings'>, name: string): number | undefined {
  const value = tree.settings[name];
  return typeof value === 'number' ? value : undefined;
}

/** The most leaves that the tree could have: what its account says or, while it grows, its settings. */
const limitOf = ({ tree, finished }: ReadTree): number =>
  finished && tree.account.limit > 0
    ? tree.account.limit
    : (settingOf(tree, 'leaves') ?? tree.leaves.length);

/** A tree with all its turns, to be drawn. */
export function treeView(
  read: ReadTree,
  place: Pick<TreeView, 'run' | 'set' | 'file'>,
  credits: CreditsByNode,
  advantages: AdvantageNote,
): TreeView {
  const { tree, finished, problems } = read;
  const below = allLeavesBelow(tree);
  const { task } = tree;
  return {
    ...place,
    id: tree.id,
    task: {
      id: task.id,
      environment: task.environment,
      split: task.split,
      kind: task.kind ?? null,
    },
    instruction: tree.instruction,
    settings: flattenToText(tree.settings),
    finished,
    lost: tree.lost ?? null,
    limit: limitOf(read),
    budget: budgetFill(tree),
    turns: [...tree.turns.values()].map((turn) =>
      turnView(turn, countOutcomes(below.get(turn.id)!), credits.get(turn.id)),
    ),
    leaves: tree.leaves.map((leaf): LeafView => ({
      id: leaf.id,
      tail: leaf.tail,
      outcome: leaf.outcome,
      score: leaf.score,
      error: leaf.error ?? null,
      copyOf: leaf.copy?.of ?? null,
    })),
    tokens: sum([...tree.turns.values()].map(tokensOf)),
    chainTokens: chainTokensOf(tree, below),
    advantages,
    problems,
  };
}

/** A tree for a list of trees. */
export function treeCard(read: ReadTree, file: string): TreeCard {
  const { tree, finished, problems } = read;
  const turns = [...tree.turns.values()];
  return {
    file,
    task: tree.task.id,
    kind: tree.task.kind ?? null,
    instruction: tree.instruction,
    outcomes: countOutcomes(tree.leaves),
    turns: turns.length,
    forks: turns.filter(({ grantedWidth }) => grantedWidth > 1).length,
    invalid: turns.filter(({ response }) => !response.valid).length,
    tokens: sum(turns.map(tokensOf)),
    opened: budgetFill(tree).at(-1)?.opened ?? tree.leaves.length,
    limit: limitOf(read),
    finished,
    problems,
  };
}
