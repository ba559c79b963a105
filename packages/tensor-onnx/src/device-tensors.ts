import type * as ort from 'onnxruntime-node';

import { encodeOnnxModel } from './onnx/onnx-model.js';
import type { OnnxRuntime } from './onnx-runtime.js';

/** Moves tensors between ordinary memory and the device of an execution provider. */
export interface DeviceTensors {
  readonly toDevice: (tensor: ort.Tensor) => Promise<ort.Tensor>;
  readonly toHost: (tensor: ort.Tensor) => Promise<ort.Tensor>;
  readonly dispose: () => Promise<void>;
}

const isOnDevice = (tensor: ort.Tensor): boolean => tensor.location === 'gpu-buffer';

/**
 * ONNX Runtime for Node gives no way to read a tensor on the device, or to put one there, but as the result of a session. So a session
 * that only passes a vector on does it: one that leaves its result on the device, and one that gives it back.
 */
export function deviceTensors(
  runtime: OnnxRuntime,
  options: ort.InferenceSession.SessionOptions,
): DeviceTensors {
  const open = new Map<string, Promise<ort.InferenceSession>>();
  const vector = { type: 'float32', shape: ['n'] } as const;
  const model = encodeOnnxModel({
    name: 'pass on',
    nodes: [{ type: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [{ name: 'x', ...vector }],
    outputs: [{ name: 'y', ...vector }],
  });
  const move = async (
    tensor: ort.Tensor,
    preferredOutputLocation: 'cpu' | 'gpu-buffer',
  ): Promise<ort.Tensor> => {
    const session =
      open.get(preferredOutputLocation) ??
      runtime.InferenceSession.create(model, { ...options, preferredOutputLocation });
    open.set(preferredOutputLocation, session);
    const dims = [tensor.size];
    const x = isOnDevice(tensor)
      ? runtime.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: 'float32', dims })
      : new runtime.Tensor('float32', tensor.data as Float32Array, dims);
    const { y } = await (await session).run({ x });
    return isOnDevice(y!)
      ? runtime.Tensor.fromGpuBuffer(y!.gpuBuffer, {
          dataType: 'float32',
          dims: tensor.dims,
          dispose: () => y!.dispose(),
        })
      : new runtime.Tensor('float32', y!.data as Float32Array, tensor.dims);
  };
  return {
    // Scalars stay in ordinary memory, where they are read.
    toDevice: (tensor) =>
      isOnDevice(tensor) || tensor.type !== 'float32' || tensor.dims.length === 0
        ? Promise.resolve(tensor)
        : move(tensor, 'gpu-buffer'),
    toHost: (tensor) => (isOnDevice(tensor) ? move(tensor, 'cpu') : Promise.resolve(tensor)),
    dispose: async () => {
      for (const session of open.values()) await (await session).release();
      open.clear();
    },
  };
}
