import * as ort from 'onnxruntime-node';

import type { OnnxRuntime } from '../src/onnx-runtime.js';

/** ONNX Runtime's CPU made to look like a device: results can stay on it, and are unreadable there. */
export interface FakeDevice {
  readonly runtime: OnnxRuntime;
  /** How many tensors are on the device now. */
  readonly live: () => number;
  /** The names of inputs that came from ordinary memory in the latest run of a session with more than one input. */
  readonly uploaded: () => readonly string[];
}

type Location = 'cpu' | 'gpu-buffer';

/** Opens the device. Its sessions compute on the CPU; a tensor that was disposed of is refused. */
export function fakeDevice(): FakeDevice {
  const buffers = new Map<object, ort.Tensor>();
  let uploaded: readonly string[] = [];

  const keep = (tensor: ort.Tensor): ort.Tensor => {
    const handle = {};
    buffers.set(handle, tensor);
    return ort.Tensor.fromGpuBuffer(handle as never, {
      dataType: tensor.type as 'float32',
      dims: tensor.dims,
      dispose: () => void buffers.delete(handle),
    });
  };
  const fetch = (tensor: ort.Tensor): ort.Tensor => {
    if (tensor.location === 'cpu') return tensor;
    const found = buffers.get(tensor.gpuBuffer);
    if (found === undefined) throw new Error('the buffer has been disposed of');
    return new ort.Tensor('float32', found.data as Float32Array, tensor.dims);
  };
  const create = async (
    model: Uint8Array,
    options: ort.InferenceSession.SessionOptions,
  ): Promise<unknown> => {
    const { preferredOutputLocation: wanted = 'cpu', ...rest } = options;
    const session = await ort.InferenceSession.create(model, rest);
    const locationOf = (name: string): Location =>
      (typeof wanted === 'string' ? wanted : (wanted[name] ?? 'cpu')) as Location;
    return {
      release: () => session.release(),
      run: async (feeds: Record<string, ort.Tensor>) => {
        if (session.inputNames.length > 1)
          uploaded = Object.keys(feeds).filter((name) => feeds[name]!.location === 'cpu');
        const results = await session.run(
          Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, fetch(feed)])),
        );
        return Object.fromEntries(
          Object.entries(results).map(([name, result]) => [
            name,
            locationOf(name) === 'cpu' ? result : keep(result),
          ]),
        );
      },
    };
  };
  return {
    runtime: { ...ort, InferenceSession: { create } } as unknown as OnnxRuntime,
    live: () => buffers.size,
    uploaded: () => uploaded,
  };
}
