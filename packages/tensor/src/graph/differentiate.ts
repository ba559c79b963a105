import { InvalidInputError } from '@spark-rl/core';

import type { GraphOps } from '../graph-ops.js';
import type { Named } from '../program.js';
import type { UsersOf } from './composite-gradients.js';
import { inputGradients } from './gradient-rules.js';
import { nodesOf, type GraphBuilder, type GraphNode } from './graph.js';
import { joinPads } from './join-pads.js';

/** The nodes on a differentiable way from one of `sources`. */
function nodesThatDepend(
  nodes: readonly GraphNode[],
  sources: ReadonlySet<GraphNode>,
): ReadonlySet<GraphNode> {
  const depend = new Set<GraphNode>();
  for (const node of nodes) {
    const differentiable = node.dtype === 'float32' && node.operation.kind !== 'stopGradient';
    if (sources.has(node) || (differentiable && node.inputs.some((input) => depend.has(input)))) {
      depend.add(node);
    }
  }
  return depend;
}

function findUsers(nodes: readonly GraphNode[]): UsersOf {
  const users = new Map<GraphNode, GraphNode[]>();
  for (const node of nodes) {
    for (const input of new Set(node.inputs)) {
      const known = users.get(input);
      if (known === undefined) users.set(input, [node]);
      else known.push(node);
    }
  }
  return (node) => users.get(node) ?? [];
}

function sumContributions(
  ops: GraphOps<GraphNode>,
  contributions: readonly GraphNode[],
): GraphNode | undefined {
  return joinPads(ops, contributions).reduce<GraphNode | undefined>(
    (sum, share) => (sum === undefined ? share : ops.add(sum, share)),
    undefined,
  );
}

/**
 * Reverse-mode differentiation: the gradient of a scalar `loss` in each of `parameters`, as nodes of the same builder. A parameter that
 * the loss does not depend on has the gradient zero.
 */
export function differentiate(
  builder: Pick<GraphBuilder, 'ops'>,
  loss: GraphNode,
  parameters: Named<GraphNode>,
): Record<string, GraphNode> {
  const { ops } = builder;
  if (loss.dtype !== 'float32' || loss.shape.some((dim) => dim !== 1)) {
    throw new InvalidInputError('only a float scalar can be differentiated', {
      field: 'loss',
      value: loss.shape,
      remedy: 'Reduce the loss with sum or mean over all axes.',
    });
  }
  const nodes = nodesOf([loss]);
  const usersOf = findUsers(nodes);
  const depend = nodesThatDepend(nodes, new Set(Object.values(parameters)));
  const contributions = new Map<GraphNode, GraphNode[]>();
  contributions.set(loss, [ops.broadcastTo(ops.constant(1), loss.shape)]);
  const gradients = new Map<GraphNode, GraphNode>();
  for (const node of [...nodes].reverse()) {
    const gradient = depend.has(node)
      ? sumContributions(ops, contributions.get(node) ?? [])
      : undefined;
    if (gradient === undefined) continue;
    gradients.set(node, gradient);
    inputGradients(ops, node, gradient, usersOf).forEach((share, at) => {
      const input = node.inputs[at];
      if (share === undefined || input === undefined || !depend.has(input)) return;
      contributions.set(input, [...(contributions.get(input) ?? []), share]);
    });
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, node]) => [
      name,
      gradients.get(node) ?? ops.broadcastTo(ops.constant(0), node.shape),
    ]),
  );
}
