import type { CompiledGraph, Graph, GraphBackend, HostTensor } from '@spark-rl/tensor';
import type * as ort from 'onnxruntime-node';

import { lowerGraph, outputName } from './lowering/lower-graph.js';
import { encodeOnnxModel } from './onnx/onnx-model.js';
import type { OnnxRuntime } from './onnx-runtime.js';

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

/** Runs graphs as ONNX Runtime sessions. */
export function onnxBackend(
  runtime: OnnxRuntime,
  description: Pick<GraphBackend<ort.Tensor>, 'id' | 'device' | 'batchInvariant'>,
  sessionOptions: ort.InferenceSession.SessionOptions,
): GraphBackend<ort.Tensor> {
  const open = new Set<ort.InferenceSession>();

  async function compile(graph: Graph): Promise<CompiledGraph<ort.Tensor>> {
    const model = encodeOnnxModel(lowerGraph(graph));
    const session = await runtime.InferenceSession.create(model, sessionOptions);
    open.add(session);
    const inputs = Object.keys(graph.inputs);
    const outputs = Object.keys(graph.outputs);
    return {
      run: async (tensors) => {
        const results = await session.run(
          Object.fromEntries(inputs.map((name) => [name, tensors[name]!])),
        );
        return Object.fromEntries(outputs.map((name) => [name, results[outputName(name)]!]));
      },
      dispose: () => {
        if (open.delete(session)) void session.release();
      },
    };
  }

  return {
    ...description,
    compile,
    fromHost: (tensor) => fromHost(runtime, tensor),
    toHost,
    dispose: async () => {
      const sessions = [...open];
      open.clear();
      await Promise.all(sessions.map((session) => session.release()));
    },
  };
}
