import {
  InvalidInputError,
  leavesBelow,
  parseInput,
  type Leaf,
  type NodeId,
  type TaskId,
  type Tree,
  type TreeId,
  type Turn,
} from '@spark-rl/core';
import { z } from 'zod';

/** A turn, and what became of it. */
export interface ValueExample {
  readonly tree: TreeId;
  readonly node: NodeId;
  readonly task: TaskId;
  /** Of the prompt and the response: the value is read at the last one. */
  readonly tokens: Int32Array;
  /** In [0, 1]. */
  readonly target: number;
  /** 1: a turn counts once, however many leaves are below it. */
  readonly weight: number;
}

/** How leaves become targets. */
export interface ValueTargetOptions {
  /** What a completed leaf is worth, in [0, 1]. Default 1 for success, 0 otherwise. */
  readonly outcome?: (leaf: Leaf) => number;
  /** A leaf that ends d turns later counts discount^d of its worth; in (0, 1]. Default 1. */
  readonly discount?: number;
}

/** What a model of values reads of a turn. */
export function turnTokens(turn: Turn, tree?: TreeId): Int32Array {
  const { promptTokens, responseTokens } = turn.generation;
  if (responseTokens.length === 0 || promptTokens.length === 0) {
    const where = tree === undefined ? '' : ` of tree ${tree}`;
    throw new InvalidInputError(`turn ${turn.id}${where} has no token ids to read a value from`, {
      field: 'generation.responseTokens',
      value: responseTokens.length,
      remedy: 'Grow trees with a policy that tells prompt and response tokens.',
    });
  }
  const tokens = new Int32Array(promptTokens.length + responseTokens.length);
  tokens.set(promptTokens);
  tokens.set(responseTokens, promptTokens.length);
  return tokens;
}

const discountSchema = z.number().gt(0).max(1).default(1);

/**
 * What a value head is trained on: for every turn with completed leaves below it their mean worth, a Monte-Carlo estimate of the value of
 * having taken the turn (Wang et al., arXiv 2312.08935, section 3.3, the soft estimate):
 *
 *     target = mean over completed leaves of discount^(turns from here to the leaf) outcome(leaf)
 *
 * Failed leaves do not count, copies do. Turns without a completed leaf below are left out.
 *
 * @throws InvalidInputError naming the turn that has no token ids, the leaf whose worth is outside [0, 1], or a wrong discount
 */
export function valueExamples(
  trees: Iterable<Tree>,
  options: ValueTargetOptions = {},
): ValueExample[] {
  const { outcome = (leaf) => Number(leaf.outcome === 'success') } = options;
  const discount = parseInput(discountSchema, options.discount, 'discount of valueExamples');
  const worthOf = (tree: Tree, leaf: Leaf): number => {
    const worth = outcome(leaf);
    if (worth >= 0 && worth <= 1) return worth;
    throw new InvalidInputError(`leaf ${leaf.id} of tree ${tree.id} is worth ${worth}`, {
      field: 'outcome',
      value: worth,
      remedy: 'Give a number in [0, 1].',
    });
  };
  return [...trees].flatMap((tree) => {
    const below = leavesBelow(tree);
    return [...tree.turns.values()].flatMap((turn): ValueExample[] => {
      const leaves = below.get(turn.id)!;
      if (leaves.length === 0) return [];
      const total = leaves.reduce((sum, leaf) => {
        const further = tree.turns.get(leaf.tail!)!.index - turn.index;
        return sum + discount ** further * worthOf(tree, leaf);
      }, 0);
      const tokens = turnTokens(turn, tree.id);
      const target = total / leaves.length;
      return [{ tree: tree.id, node: turn.id, task: tree.task.id, tokens, target, weight: 1 }];
    });
  });
}
