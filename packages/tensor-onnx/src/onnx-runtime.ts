import { EngineUnavailableError } from '@spark-rl/core';
import type * as ort from 'onnxruntime-node';

export type OnnxRuntime = typeof ort;

/** Loads ONNX Runtime. Throws an EngineUnavailableError where it is not installed or does not fit the machine. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    const loaded = (await import('onnxruntime-node')) as OnnxRuntime & { default?: OnnxRuntime };
    // Imported from an ES module the CommonJS package may appear only as the default export.
    const runtime =
      'InferenceSession' in loaded ? loaded : (loaded as { default: OnnxRuntime }).default;
    // Errors reach the caller as exceptions; a provider that does not start would print them as well.
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (cause) {
    throw new EngineUnavailableError('ONNX Runtime cannot be loaded', {
      field: 'onnxruntime-node',
      remedy:
        'Install it with: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node (its install script looks for CUDA otherwise).',
      cause,
    });
  }
}
