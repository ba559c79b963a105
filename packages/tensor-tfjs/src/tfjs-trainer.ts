import { InvalidInputError } from '@spark-rl/core';
import {
  biasCorrections,
  checkTensors,
  clippedAdamWStep,
  trainedParameters,
  type AdamWOptions,
  type HostTensor,
  type LossProgram,
  type Named,
  type TensorOps,
  type Trainer,
  type TrainingSnapshot,
} from '@spark-rl/tensor';

import type { BackendSection } from './backend-section.js';
import { freeAll, mapNamed, readNamed, takeToHost, toDevice } from './host-tensors.js';
import { lossAndGradients, type MicroBatchResult } from './loss-gradients.js';
import { parameterSpecs, type ParameterStore } from './parameter-store.js';
import type { Tfjs, TfjsTensor } from './tfjs.js';

/** What a trainer needs of the engine that makes it. */
export interface TrainerContext {
  readonly tf: Tfjs;
  readonly ops: TensorOps<TfjsTensor>;
  readonly section: BackendSection;
  readonly store: ParameterStore;
}

interface TrainingState {
  /** Those that training changes. */
  readonly parameters: Named<TfjsTensor>;
  readonly firstMoments: Named<TfjsTensor>;
  readonly secondMoments: Named<TfjsTensor>;
}

const isSnapshot = (start: Named<HostTensor> | TrainingSnapshot): start is TrainingSnapshot =>
  typeof start.step === 'number';

/** Copies the start to the device, with moments of zero where there are only weights. */
function startingState(
  { tf, section }: TrainerContext,
  program: LossProgram,
  start: Named<HostTensor> | TrainingSnapshot,
): TrainingState {
  const trained = trainedParameters(program);
  const specs = parameterSpecs(trained);
  const upload = (values: Named<HostTensor>): Record<string, TfjsTensor> =>
    mapNamed(trained, (_, name) => toDevice(tf, values[name]!));
  const zeros = (): Record<string, TfjsTensor> =>
    mapNamed(trained, (shape) => tf.zeros([...shape]));
  if (!isSnapshot(start)) {
    return section(() => ({
      parameters: upload(start),
      firstMoments: zeros(),
      secondMoments: zeros(),
    }));
  }
  checkTensors(`first moments of ${program.name}`, specs, start.firstMoments);
  checkTensors(`second moments of ${program.name}`, specs, start.secondMoments);
  return section(() => ({
    parameters: upload(start.parameters),
    firstMoments: upload(start.firstMoments),
    secondMoments: upload(start.secondMoments),
  }));
}

const free = (state: TrainingState): void => {
  freeAll(state.parameters);
  freeAll(state.firstMoments);
  freeAll(state.secondMoments);
};

const freeSums = (sums: MicroBatchResult): void => {
  sums.scalars.dispose();
  freeAll(sums.gradients);
};

/** Trains a loss program on one backend. Calls wait for each other, so that a step never sees half of another. */
export function tfjsTrainer(
  context: TrainerContext,
  program: LossProgram,
  optimizer: AdamWOptions,
  start: Named<HostTensor> | TrainingSnapshot,
): Trainer {
  const { tf, ops, section, store } = context;
  const given = isSnapshot(start) ? start.parameters : start;
  checkTensors(`parameters of ${program.name}`, parameterSpecs(program.parameters), given);
  let state = startingState(context, program, start);
  const frozen = section(() =>
    Object.fromEntries(
      (program.frozen ?? []).map((name) => [name, toDevice(tf, given[name]!)] as const),
    ),
  );
  const allParameters = (): Named<TfjsTensor> => ({ ...frozen, ...state.parameters });
  let updates = isSnapshot(start) ? start.step : 0;
  let disposed = false;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(() => {
      if (disposed) {
        throw new InvalidInputError(`the trainer of ${program.name} has been disposed of`, {
          remedy: 'Compile the training again from a snapshot.',
        });
      }
      return work();
    });
    last = result.catch(() => undefined);
    return result;
  };

  /** Adds one micro-batch to those so far, and frees the old sums. */
  const accumulate = (
    soFar: MicroBatchResult | undefined,
    inputs: Named<HostTensor>,
  ): MicroBatchResult => {
    let metricNames: readonly string[] = [];
    try {
      const sums = section(() => {
        const given = mapNamed(inputs, (input) => toDevice(tf, input));
        const found = lossAndGradients(tf, ops, program, allParameters(), given);
        metricNames = found.metricNames;
        if (soFar === undefined) return { scalars: found.scalars, gradients: found.gradients };
        return {
          scalars: tf.add(soFar.scalars, found.scalars),
          gradients: mapNamed(found.gradients, (g, name) => tf.add(soFar.gradients[name]!, g)),
        };
      });
      return { ...sums, metricNames };
    } finally {
      if (soFar !== undefined) freeSums(soFar);
    }
  };

  /** The state after an update, and [loss, ...metrics, gradient norm]; frees the sums. */
  const update = (
    sums: MicroBatchResult,
    learningRate: number,
  ): { readonly next: TrainingState; readonly report: TfjsTensor } => {
    const corrections = biasCorrections(optimizer, updates + 1);
    try {
      return section(() => {
        const { gradientNorm, ...next } = clippedAdamWStep(
          ops,
          optimizer,
          { ...state, gradients: sums.gradients },
          {
            learningRate: ops.constant(learningRate),
            firstCorrection: ops.constant(corrections.firstCorrection),
            secondCorrection: ops.constant(corrections.secondCorrection),
          },
        );
        return {
          next,
          report: tf.concat([sums.scalars, tf.reshape(gradientNorm, [1])]),
        };
      });
    } finally {
      freeSums(sums);
    }
  };

  return {
    step: (microBatches, { learningRate }) =>
      inTurn(async () => {
        if (microBatches.length === 0) {
          throw new InvalidInputError(`${program.name}: there are no micro-batches to train on`, {
            field: 'microBatches',
            remedy: 'Give at least one.',
          });
        }
        if (!(learningRate >= 0 && learningRate < Infinity)) {
          throw new InvalidInputError(`${program.name}: learningRate is ${learningRate}`, {
            field: 'learningRate',
            value: learningRate,
            remedy: 'Give a finite number of at least 0.',
          });
        }
        for (const inputs of microBatches)
          checkTensors(`inputs of ${program.name}`, program.inputs, inputs);
        let sums: MicroBatchResult | undefined;
        for (const inputs of microBatches) sums = accumulate(sums, inputs);
        const { metricNames } = sums!;
        const { next, report } = update(sums!, learningRate);
        const { report: read } = await takeToHost({ report });
        const [loss, ...rest] = read!.data;
        const gradientNorm = rest.at(-1)!;
        const applied = Number.isFinite(gradientNorm);
        const kept = applied && !disposed;
        free(kept ? state : next);
        if (kept) {
          state = next;
          updates += 1;
        }
        const metrics = Object.fromEntries(metricNames.map((name, i) => [name, rest[i]!]));
        return { loss: loss!, gradientNorm, applied, metrics };
      }),
    parameters: () => store.share(allParameters()),
    snapshot: () =>
      inTurn(async () => ({
        step: updates,
        parameters: await readNamed(allParameters()),
        firstMoments: await readNamed(state.firstMoments),
        secondMoments: await readNamed(state.secondMoments),
      })),
    dispose: () => {
      disposed = true;
      free(state);
      freeAll(frozen);
    },
  };
}
