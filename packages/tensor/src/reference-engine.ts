import type { Engine } from './engine.js';
import { float64Ops } from './float64/float64-ops.js';
import { fromHost, toHost, type Float64Tensor } from './float64/float64-tensor.js';
import { graphEngine } from './graph-engine.js';
import { interpret } from './graph/interpret.js';

/**
 * The engine that others are compared with: float64, plain JavaScript, no dependencies, slow. Results and training state are rounded to
 * float32 where they leave a graph, so that a snapshot continues exactly.
 */
export function referenceEngine(): Engine {
  const round = (tensor: Float64Tensor): Float64Tensor =>
    tensor.dtype === 'float32' ? { ...tensor, data: tensor.data.map(Math.fround) } : tensor;
  return graphEngine<Float64Tensor>({
    id: 'reference',
    device: 'JavaScript, float64, one thread',
    batchInvariant: true,
    fromHost,
    toHost,
    shapeOf: (tensor) => tensor.shape,
    compile: (graph) =>
      Promise.resolve({
        run: async (inputs) => {
          const outputs = await Promise.resolve(interpret(graph, float64Ops, inputs));
          return Object.fromEntries(
            Object.entries(outputs).map(([name, tensor]) => [name, round(tensor)]),
          );
        },
        dispose: () => undefined,
      }),
    dispose: () => Promise.resolve(),
  });
}
