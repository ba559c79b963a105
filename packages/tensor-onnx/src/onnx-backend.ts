import { InvalidInputError } from '@spark-rl/core';
import type { CompiledGraph, Graph, GraphBackend, HostTensor, Named } from '@spark-rl/tensor';
import type * as ort from 'onnxruntime-node';

import { invariantThreads } from './lowering/invariant-threads.js';
import { lowerGraph, outputName } from './lowering/lower-graph.js';
import { encodeOnnxModel } from './onnx/onnx-model.js';
import type { OnnxRuntime } from './onnx-runtime.js';

/** A file of protocol buffers may not be larger than 2 GiB; larger weights stay inputs. */
const LARGEST_CONSTANTS = 1.5 * 2 ** 30;

function fromHost(runtime: OnnxRuntime, tensor: HostTensor): ort.Tensor {
  return tensor.dtype === 'float32'
    ? new runtime.Tensor('float32', tensor.data, tensor.shape)
    : new runtime.Tensor('int32', tensor.data, tensor.shape);
}

function toHost(tensor: ort.Tensor): HostTensor {
  return tensor.type === 'float32'
    ? { dtype: 'float32', shape: tensor.dims, data: tensor.data as Float32Array }
    : { dtype: 'int32', shape: tensor.dims, data: tensor.data as Int32Array };
}

/** What there is to choose of a session. */
export interface OnnxBackendOptions {
  readonly id: string;
  readonly device: string;
  readonly threads: number;
  readonly session: ort.InferenceSession.SessionOptions;
}

/** Runs graphs as ONNX Runtime sessions. */
export function onnxBackend(
  runtime: OnnxRuntime,
  { id, device, threads, session: options }: OnnxBackendOptions,
): GraphBackend<ort.Tensor> {
  const open = new Set<() => Promise<void>>();

  async function openSession(
    graph: Graph,
    constants: Named<HostTensor>,
    intraOpNumThreads: number,
  ): Promise<CompiledGraph<ort.Tensor>> {
    const model = encodeOnnxModel(lowerGraph(graph, constants));
    const session = await runtime.InferenceSession.create(model, {
      ...options,
      intraOpNumThreads,
      // Idle threads of a session spin by default, and take the cores from the session that runs next: decoding alternates
      // between several, and was three times slower for it.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    const inputs = Object.keys(graph.inputs).filter((name) => !(name in constants));
    const outputs = Object.keys(graph.outputs);
    let last: Promise<unknown> = Promise.resolve();
    const close = async (): Promise<void> => {
      if (!open.delete(close)) return;
      // A session that is freed while it runs takes the process with it.
      await last.catch(() => undefined);
      await session.release();
    };
    open.add(close);
    return {
      run: async (tensors) => {
        const running = session.run(
          Object.fromEntries(inputs.map((name) => [name, tensors[name]!])),
        );
        // Without their values: each would hold those before it, and so all results that there ever were.
        last = Promise.allSettled([last, running]).then(() => undefined);
        const results = await running.catch((cause: unknown) => {
          throw new InvalidInputError(`${graph.name} stopped: ${String(cause)}`, {
            remedy: 'Check the values of the inputs: indices must lie inside their tables.',
            cause,
          });
        });
        return Object.fromEntries(outputs.map((name) => [name, results[outputName(name)]!]));
      },
      dispose: () => void close(),
    };
  }

  return {
    id,
    device,
    batchInvariant: true,
    compile: (graph) => openSession(graph, {}, threads),
    compileWithParameters: (graph, parameters) => {
      const used = Object.entries(parameters).filter(([name]) => name in graph.inputs);
      const bytes = used.reduce((sum, [, tensor]) => sum + toHost(tensor).data.byteLength, 0);
      const constants =
        bytes > LARGEST_CONSTANTS
          ? {}
          : Object.fromEntries(used.map(([name, tensor]) => [name, toHost(tensor)]));
      const most = invariantThreads(
        graph,
        threads,
        ({ operation }) => operation.kind === 'input' && operation.name in constants,
      );
      return openSession(graph, constants, most);
    },
    fromHost: (tensor) => fromHost(runtime, tensor),
    toHost,
    shapeOf: (tensor) => tensor.dims,
    dispose: async () => {
      await Promise.all([...open].map((close) => close()));
    },
  };
}
