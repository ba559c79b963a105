import { availableParallelism } from 'node:os';

import { parseInput } from '@spark-rl/core';
import { graphEngine, type EngineProvider } from '@spark-rl/tensor';
import { z } from 'zod';

import { onnxBackend } from './onnx-backend.js';
import { loadOnnxRuntime } from './onnx-runtime.js';

/** Options of {@link onnxCpu}. */
export interface OnnxCpuOptions {
  /** Threads that share a product. Default: as many as the machine has cores for this process. */
  readonly threads?: number;
}

const optionsSchema = z.strictObject({ threads: z.number().int().min(1).optional() });

/**
 * ONNX Runtime on the CPU. Programs are traced, differentiated and compiled to one ONNX graph each; a whole training step is one
 * graph too. Named dimensions stay open, so one compiled program runs all sizes.
 */
export function onnxCpu(options: OnnxCpuOptions = {}): EngineProvider {
  const { threads = availableParallelism() } = parseInput(
    optionsSchema,
    options,
    'options of onnxCpu',
  );
  return {
    id: 'onnx-cpu',
    open: async () => {
      const runtime = await loadOnnxRuntime();
      const device = `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ONNX Runtime ${runtime.env.versions.node ?? ''}`;
      return graphEngine(
        onnxBackend(runtime, {
          id: 'onnx-cpu',
          device: device.trim(),
          batchInvariant: true,
          threads,
          session: {
            executionProviders: ['cpu'],
            interOpNumThreads: 1,
            graphOptimizationLevel: 'all',
            // Errors reach the caller as exceptions; printed as well they would only confuse.
            logSeverityLevel: 4,
          },
        }),
      );
    },
  };
}
