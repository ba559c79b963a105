import { EngineUnavailableError } from '@spark-rl/core';
import { graphEngine, type Engine } from '@spark-rl/tensor';

import { onnxBackend, type OnnxBackendOptions } from './onnx-backend.js';
import { encodeOnnxModel } from './onnx/onnx-model.js';
import { loadOnnxRuntime } from './onnx-runtime.js';

/** An engine on a GPU: what it is called, and what is special about its sessions. */
export interface GpuProvider extends Pick<OnnxBackendOptions, 'keepsResults' | 'lowering'> {
  /** The engine's id. */
  readonly id: string;
  /** What ONNX Runtime calls the execution provider. */
  readonly name: string;
  readonly device: string;
  readonly remedy: string;
}

/** The part of a message of ONNX Runtime that says what is wrong: its last sentence, without places in its source. */
function reasonOf(cause: unknown): string {
  const [message = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return (message.split(' was false. ').at(-1) ?? message)
    .replace(/^OrtSessionOptionsAppendExecutionProvider_\w+: /, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The smallest model: opening it starts the provider, and says whether it is there. */
const probe = encodeOnnxModel({
  name: 'probe',
  nodes: [{ type: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
  initializers: [],
  inputs: [{ name: 'x', type: 'float32', shape: [1] }],
  outputs: [{ name: 'y', type: 'float32', shape: [1] }],
});

/** Opens an engine on an execution provider. Throws an EngineUnavailableError with the reason where the provider does not start. */
export async function openGpu(provider: GpuProvider): Promise<Engine> {
  const { id, name, device, remedy, ...rest } = provider;
  const runtime = await loadOnnxRuntime();
  const session = {
    executionProviders: [name],
    graphOptimizationLevel: 'all',
    // Errors reach the caller as exceptions; printed as well they would only confuse.
    logSeverityLevel: 4,
  } as const;
  try {
    const opened = await runtime.InferenceSession.create(probe, session);
    await opened.run({ x: new runtime.Tensor('float32', new Float32Array(1), [1]) });
    await opened.release();
  } catch (cause) {
    throw new EngineUnavailableError(`${id}: ${reasonOf(cause)}`, { remedy, cause });
  }
  return graphEngine(
    onnxBackend(runtime, {
      ...rest,
      id,
      device: `${device}, ONNX Runtime ${runtime.env.versions.node ?? ''}`.trim(),
      // A GPU picks how it divides a product by the shape of the whole.
      batchInvariant: false,
      threads: 1,
      session,
    }),
  );
}
