import type { EngineProvider } from '@spark-rl/tensor';

import { openGpu } from './open-gpu.js';

const REMEDY =
  'It needs an NVIDIA GPU, CUDA 12 and cuDNN 9, and the CUDA libraries of ONNX Runtime beside onnxruntime-node: ' +
  'ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node. Or choose another engine.';

/**
 * ONNX Runtime on an NVIDIA GPU through CUDA, where its libraries are installed (Linux, x86-64). The Node binding gives results in ordinary memory,
 * so training state crosses the bus at every step: for small models that costs more than the step.
 *
 * Products are made in full float32, as on every engine: the provider itself would round their factors to TF32 on newer cards. Set the
 * environment variable NVIDIA_TF32_OVERRIDE to 1 to let it.
 */
export function onnxCuda(): EngineProvider {
  const id = 'onnx-cuda';
  return {
    id,
    open: async () => {
      process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
      return openGpu({ id, name: 'cuda', device: 'NVIDIA GPU, CUDA', remedy: REMEDY });
    },
  };
}
