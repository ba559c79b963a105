import { EngineUnavailableError, parseInput } from '@spark-rl/core';
import type { EngineProvider } from '@spark-rl/tensor';
import { z } from 'zod';

import { noHardwareGpu } from './hardware-gpu.js';
import { openGpu } from './open-gpu.js';

/** Options of {@link onnxWebgpu}. */
export interface OnnxWebgpuOptions {
  /** Refuse to open where there is no GPU, instead of computing on a software renderer if there is one. Default false. */
  readonly requireHardware?: boolean;
}

const optionsSchema = z.strictObject({ requireHardware: z.boolean().default(false) });

const REMEDY =
  'Install the driver of the GPU with its Vulkan part, and the Vulkan loader (on Debian and Ubuntu: apt-get install libvulkan1). Or choose another engine.';

/**
 * ONNX Runtime on a GPU through WebGPU (Dawn, which is inside `onnxruntime-node`: Vulkan on Linux, Metal on macOS, Direct3D 12 on Windows).
 * Parameters and the optimiser's state stay on the GPU between steps; loss, norm and metrics come back.
 */
export function onnxWebgpu(options: OnnxWebgpuOptions = {}): EngineProvider {
  const id = 'onnx-webgpu';
  const { requireHardware } = parseInput(optionsSchema, options, 'options of onnxWebgpu');
  return {
    id,
    open: async () => {
      const missing = noHardwareGpu();
      if (missing !== undefined && requireHardware)
        throw new EngineUnavailableError(`${id}: ${missing}`, { remedy: REMEDY });
      return openGpu({
        id,
        name: 'webgpu',
        device: missing === undefined ? 'GPU, WebGPU' : 'WebGPU on a software renderer',
        remedy: REMEDY,
        keepsResults: true,
        lowering: { composedLogSoftmax: true, narrowIndices: true },
      });
    },
  };
}
