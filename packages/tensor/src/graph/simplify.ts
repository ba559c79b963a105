import { sameShape } from '../shape-rules.js';
import type { DType, Shape } from '../ops.js';
import type { GraphNode, Operation } from './graph.js';

/** A node that is about to be made. */
export interface NodeRecipe {
  readonly operation: Operation;
  readonly inputs: readonly GraphNode[];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The value of a constant whose elements are all the same, seen through a broadcast. */
export function uniformValue(node: GraphNode): number | undefined {
  if (node.operation.kind === 'broadcastTo') return uniformValue(node.inputs[0]!);
  if (node.operation.kind !== 'constant') return undefined;
  const [first] = node.operation.values;
  return node.operation.values.every((value) => value === first) ? first : undefined;
}

function broadcastsTo(from: Shape, to: Shape): boolean {
  const extra = to.length - from.length;
  return extra >= 0 && from.every((dim, axis) => dim === 1 || dim === to[axis + extra]);
}

/** An operand without a broadcast that its partner does anyway. */
function withoutBroadcast(operand: GraphNode, partner: GraphNode, shape: Shape): GraphNode {
  if (operand.operation.kind !== 'broadcastTo' || !sameShape(partner.shape, shape)) return operand;
  const source = operand.inputs[0]!;
  return broadcastsTo(source.shape, shape) ? source : operand;
}

function simplifyArithmetic(recipe: NodeRecipe): NodeRecipe | GraphNode {
  const [a, b] = recipe.inputs as readonly [GraphNode, GraphNode];
  const { kind } = recipe.operation;
  const whole = (node: GraphNode): boolean => sameShape(node.shape, recipe.shape);
  if (kind === 'mul' && uniformValue(a) === 1 && whole(b)) return b;
  if ((kind === 'mul' || kind === 'div') && uniformValue(b) === 1 && whole(a)) return a;
  if (kind === 'add' && uniformValue(a) === 0 && whole(b)) return b;
  if ((kind === 'add' || kind === 'sub') && uniformValue(b) === 0 && whole(a)) return a;
  const left = withoutBroadcast(a, b, recipe.shape);
  return { ...recipe, inputs: [left, withoutBroadcast(b, left, recipe.shape)] };
}

function simplifyReshape(recipe: NodeRecipe): NodeRecipe | GraphNode {
  const [x] = recipe.inputs as readonly [GraphNode];
  if (sameShape(x.shape, recipe.shape)) return x;
  return x.operation.kind === 'reshape' ? simplifyReshape({ ...recipe, inputs: x.inputs }) : recipe;
}

function simplifyTranspose(recipe: NodeRecipe): NodeRecipe | GraphNode {
  const [x] = recipe.inputs as readonly [GraphNode];
  if (recipe.operation.kind !== 'transpose') return recipe;
  const { permutation } = recipe.operation;
  if (permutation.every((axis, at) => axis === at)) return x;
  if (x.operation.kind !== 'transpose') return recipe;
  const inner = x.operation.permutation;
  return simplifyTranspose({
    ...recipe,
    operation: { kind: 'transpose', permutation: permutation.map((axis) => inner[axis]!) },
    inputs: x.inputs,
  });
}

/**
 * Rewrites a node to a cheaper one of the same value: neutral elements, broadcasts that the partner makes needless, chains of
 * reshapes and transposes. Gives the node to use instead, or the recipe to make.
 */
export function simplify(recipe: NodeRecipe): NodeRecipe | GraphNode {
  const [x] = recipe.inputs;
  switch (recipe.operation.kind) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return simplifyArithmetic(recipe);
    case 'reshape':
      return simplifyReshape(recipe);
    case 'transpose':
      return simplifyTranspose(recipe);
    case 'broadcastTo':
      return sameShape(x!.shape, recipe.shape) ? x! : recipe;
    case 'neg':
      return x!.operation.kind === 'neg' ? x!.inputs[0]! : recipe;
    case 'toFloat':
      return x!.dtype === 'float32' ? x! : recipe;
    case 'sum':
    case 'mean':
    case 'max':
      return recipe.operation.axes.length === 0 ? x! : recipe;
    default:
      return recipe;
  }
}
