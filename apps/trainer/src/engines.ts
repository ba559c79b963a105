import { EngineUnavailableError, InvalidInputError } from '@spark-rl/core';
import type { Engine, EngineProvider } from '@spark-rl/tensor';
import { onnxCpu, onnxCuda, onnxWebgpu } from '@spark-rl/tensor-onnx';
import { tfjsCpu, tfjsNode, tfjsNodeGpu, tfjsWasm } from '@spark-rl/tensor-tfjs';

/** The engines this app knows, best first. */
export const engineProviders = (): readonly EngineProvider[] => [
  tfjsNodeGpu(),
  onnxCuda(),
  onnxWebgpu(),
  onnxCpu(),
  tfjsNode(),
  tfjsWasm(),
  tfjsCpu(),
];

/**
 * What `auto` tries, in order: the same engines, where those for a GPU only count on a GPU. TensorFlow without one would compute on the CPU,
 * and WebGPU on a software renderer.
 */
export const automaticProviders = (): readonly EngineProvider[] =>
  engineProviders().map((each) => {
    if (each.id === 'tfjs-node-gpu') return tfjsNodeGpu({ requireGpu: true });
    return each.id === 'onnx-webgpu' ? onnxWebgpu({ requireHardware: true }) : each;
  });

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

async function openNamed(name: string, providers: readonly EngineProvider[]): Promise<Engine> {
  const provider = providers.find((each) => each.id === name);
  if (provider !== undefined) return provider.open();
  throw new InvalidInputError(`there is no engine ${name}`, {
    field: '--engine',
    value: name,
    remedy: `Choose auto or one of: ${providers.map((each) => each.id).join(', ')}.`,
  });
}

/**
 * Opens an engine: the one that is named, or with `auto` the first of the list that loads. A named engine that cannot load is an
 * error, never a silent fallback.
 */
export async function chooseEngine(
  name: string,
  providers?: readonly EngineProvider[],
): Promise<Engine> {
  if (name !== 'auto') return openNamed(name, providers ?? engineProviders());
  const reasons: string[] = [];
  for (const provider of providers ?? automaticProviders()) {
    try {
      return await provider.open();
    } catch (cause) {
      reasons.push(reasonOf(cause));
    }
  }
  throw new EngineUnavailableError('no engine loads on this machine', {
    remedy: `Reasons: ${reasons.join('; ')}`,
  });
}
