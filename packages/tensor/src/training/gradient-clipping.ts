import type { TensorOps } from '../ops.js';
import type { Named } from '../program.js';

/** The L2 norm of all tensors taken as one vector: sqrt(sum of squares), shape []. */
export function globalNorm<T>(ops: TensorOps<T>, tensors: readonly T[]): T {
  const squares = tensors.map((x) =>
    ops.sum(
      ops.mul(x, x),
      ops.shapeOf(x).map((_, axis) => axis),
    ),
  );
  return ops.sqrt(squares.reduce((total, square) => ops.add(total, square), ops.constant(0)));
}

/**
 * Scales gradients down to a global norm of `maxNorm` when they are longer (Pascanu et al., arXiv 1211.5063):
 * g maxNorm / max(norm, maxNorm). `maxNorm` Infinity leaves them as they are.
 *
 * @returns the gradients, and their global norm before clipping (shape [])
 */
export function clipByGlobalNorm<T>(
  ops: TensorOps<T>,
  gradients: Named<T>,
  maxNorm: number,
): { readonly gradients: Named<T>; readonly norm: T } {
  const norm = globalNorm(ops, Object.values(gradients));
  if (maxNorm === Infinity) return { gradients, norm };
  const limit = ops.constant(maxNorm);
  const scale = ops.div(limit, ops.maximum(norm, limit));
  const clipped = Object.entries(gradients).map(([name, g]) => [name, ops.mul(g, scale)] as const);
  return { gradients: Object.fromEntries(clipped), norm };
}
