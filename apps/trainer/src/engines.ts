import { EngineUnavailableError, InvalidInputError } from '@spark-rl/core';
import type { Engine, EngineProvider } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsCpu, tfjsNode, tfjsNodeGpu, tfjsWasm } from '@spark-rl/tensor-tfjs';

/** The engines this app knows, best first: the order in which `auto` tries them. */
export const engineProviders = (): readonly EngineProvider[] => [
  tfjsNodeGpu(),
  onnxCpu(),
  tfjsNode(),
  tfjsWasm(),
  tfjsCpu(),
];

/** Why an engine was not taken. */
export interface EngineRefusal {
  readonly id: string;
  readonly reason: string;
}

export interface EngineChoice {
  readonly engine: Engine;
  readonly refusals: readonly EngineRefusal[];
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/**
 * Opens an engine: the one that is named, or with `auto` the first of the list that loads. A named engine that cannot load is an
 * error, never a silent fallback.
 */
export async function chooseEngine(
  name: string,
  providers: readonly EngineProvider[] = engineProviders(),
): Promise<EngineChoice> {
  if (name !== 'auto') {
    const provider = providers.find((each) => each.id === name);
    if (provider === undefined) {
      throw new InvalidInputError(`there is no engine ${name}`, {
        field: '--engine',
        value: name,
        remedy: `Choose auto or one of: ${providers.map((each) => each.id).join(', ')}.`,
      });
    }
    return { engine: await provider.open(), refusals: [] };
  }
  const refusals: EngineRefusal[] = [];
  for (const provider of providers) {
    try {
      return { engine: await provider.open(), refusals };
    } catch (cause) {
      refusals.push({ id: provider.id, reason: reasonOf(cause) });
    }
  }
  throw new EngineUnavailableError('no engine loads on this machine', {
    value: refusals,
    remedy: `Reasons: ${refusals.map((each) => `${each.id}: ${each.reason}`).join('; ')}`,
  });
}
