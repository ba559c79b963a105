import { EngineUnavailableError, InvalidInputError } from '@spark-rl/core';
import type { Engine, EngineProvider } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsCpu, tfjsNode, tfjsNodeGpu, tfjsWasm } from '@spark-rl/tensor-tfjs';

/** The engines this app knows, best first. */
export const engineProviders = (): readonly EngineProvider[] => [
  tfjsNodeGpu(),
  onnxCpu(),
  tfjsNode(),
  tfjsWasm(),
  tfjsCpu(),
];

/** The order in which `auto` tries them: TensorFlow on a GPU only counts where there is a GPU. */
const automaticOrder = (): readonly EngineProvider[] =>
  engineProviders().map((each) =>
    each.id === 'tfjs-node-gpu' ? tfjsNodeGpu({ requireGpu: true }) : each,
  );

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
  for (const provider of providers ?? automaticOrder()) {
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
