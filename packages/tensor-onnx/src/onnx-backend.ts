import { InvalidInputError } from '@spark-rl/core';
import type { CompiledGraph, Graph, GraphBackend, HostTensor, Named } from '@spark-rl/tensor';
import type * as ort from 'onnxruntime-node';

import { deviceTensors } from './device-tensors.js';
import { invariantThreads } from './lowering/invariant-threads.js';
import { lowerGraph, outputName, type LoweringTarget } from './lowering/lower-graph.js';
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
  readonly batchInvariant: boolean;
  readonly threads: number;
  readonly session: ort.InferenceSession.SessionOptions;
  /** Whether results can stay on the device between runs. */
  readonly keepsResults?: boolean;
  readonly lowering?: LoweringTarget;
}

/** Where the results of a session go: tensors to the device, and what is read at once, the scalars, to ordinary memory. */
function outputLocations(graph: Graph): Record<string, 'cpu' | 'gpu-buffer'> {
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, { shape }]) => [
      outputName(name),
      shape.length === 0 ? 'cpu' : 'gpu-buffer',
    ]),
  );
}

/** Runs graphs as ONNX Runtime sessions. */
export function onnxBackend(
  runtime: OnnxRuntime,
  {
    id,
    device,
    batchInvariant,
    threads,
    session: options,
    keepsResults = false,
    lowering = {},
  }: OnnxBackendOptions,
): GraphBackend<ort.Tensor> {
  const onDevice = keepsResults ? deviceTensors(runtime, options) : undefined;
  const readTensor = async (tensor: ort.Tensor): Promise<HostTensor> =>
    toHost((await onDevice?.toHost(tensor)) ?? tensor);
  const open = new Set<() => Promise<void>>();

  async function openSession(
    graph: Graph,
    constants: Named<HostTensor>,
    intraOpNumThreads: number,
    stays: boolean,
  ): Promise<CompiledGraph<ort.Tensor>> {
    const model = encodeOnnxModel(lowerGraph(graph, constants, lowering));
    const session = await runtime.InferenceSession.create(model, {
      ...options,
      intraOpNumThreads,
      ...(stays ? { preferredOutputLocation: outputLocations(graph) } : {}),
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

  /** Weights too large for a file stay inputs; where there is a device they are moved to it once, not at every run. */
  async function withResidentWeights(
    graph: Graph,
    weights: readonly (readonly [string, ort.Tensor])[],
  ): Promise<CompiledGraph<ort.Tensor>> {
    const inner = await openSession(
      graph,
      {},
      invariantThreads(graph, threads, () => false),
      false,
    );
    const resident: Record<string, ort.Tensor> = {};
    const mine: ort.Tensor[] = [];
    for (const [name, tensor] of weights) {
      const moved = (await onDevice?.toDevice(tensor)) ?? tensor;
      if (moved !== tensor) mine.push(moved);
      resident[name] = moved;
    }
    return {
      run: (tensors) => inner.run({ ...tensors, ...resident }),
      dispose: () => {
        inner.dispose();
        for (const tensor of mine) tensor.dispose();
      },
    };
  }

  return {
    id,
    device,
    batchInvariant,
    compile: (graph) => openSession(graph, {}, threads, keepsResults),
    compileWithParameters: async (graph, parameters) => {
      const used = Object.entries(parameters).filter(([name]) => name in graph.inputs);
      const bytes = used.reduce((sum, [, tensor]) => sum + 4 * tensor.size, 0);
      if (bytes > LARGEST_CONSTANTS) return withResidentWeights(graph, used);
      const constants: Record<string, HostTensor> = {};
      for (const [name, tensor] of used) constants[name] = await readTensor(tensor);
      const most = invariantThreads(
        graph,
        threads,
        ({ operation }) => operation.kind === 'input' && operation.name in constants,
      );
      return openSession(graph, constants, most, false);
    },
    fromHost: (tensor) => fromHost(runtime, tensor),
    toHost: onDevice === undefined ? toHost : readTensor,
    shapeOf: (tensor) => tensor.dims,
    ...(onDevice === undefined
      ? {}
      : { toDevice: onDevice.toDevice, release: (tensor: ort.Tensor) => tensor.dispose() }),
    dispose: async () => {
      await Promise.all([...open].map((close) => close()));
      await onDevice?.dispose();
    },
  };
}
