import { InvalidInputError } from '@spark-rl/core';
import type {
  CompiledProgram,
  Engine,
  HostTensor,
  LanguageModel,
  Named,
  ParameterSet,
} from '@spark-rl/tensor';

import type { MicroBatch } from './micro-batches.js';
import type { PackedRow } from './packed-rows.js';
import { averageReference } from './reference-average.js';
import type { BatchPlan } from './row-batches.js';
import { scoreRows } from './score-rows.js';

/** The policy that KL is measured from: frozen, or an average that follows. */
export interface ReferencePolicy {
  /** log p at the targets of a micro-batch, shape [target]. */
  readonly ofBatch: (batch: MicroBatch) => Promise<HostTensor>;
  /** log p at the targets of each row. */
  readonly ofRows: (rows: readonly PackedRow[]) => Promise<ReadonlyMap<PackedRow, Float32Array>>;
  /** Moves it towards a policy ({@link averageReference}). */
  readonly follow: (policy: ParameterSet, decay: number) => Promise<void>;
  readonly weights: () => Named<HostTensor>;
  readonly dispose: () => void;
}

/** What a reference is made of. */
export interface ReferenceSettings {
  readonly engine: Engine;
  readonly model: LanguageModel;
  readonly reference?: Named<HostTensor>;
}

/**
 * Makes the reference; undefined where KL weighs nothing.
 *
 * @param program - of `logProbProgram`
 * @throws InvalidInputError when KL weighs something and there are no weights
 */
export function referencePolicy(
  { engine, model, reference }: ReferenceSettings,
  program: CompiledProgram,
  options: BatchPlan & { readonly klCoefficient: number },
): ReferencePolicy | undefined {
  if (options.klCoefficient === 0) return undefined;
  if (reference === undefined) {
    throw new InvalidInputError('there is no reference to measure the KL divergence from', {
      field: 'reference',
      remedy: 'Give the weights of the reference, or set klCoefficient to 0.',
    });
  }
  let weights = reference;
  let parameters = engine.parameters(weights);
  return {
    ofBatch: async ({ forward }) => (await program.run(parameters, forward))['logProbs']!,
    ofRows: async (rows) => {
      const scores = await scoreRows(program, parameters, model, rows, options);
      return new Map([...scores].map(([row, { logProbs }]) => [row, logProbs]));
    },
    follow: async (policy, decay) => {
      weights = averageReference(weights, await policy.read(), decay);
      parameters.dispose();
      parameters = engine.parameters(weights);
    },
    weights: () => weights,
    dispose: () => parameters.dispose(),
  };
}
