import { InvalidInputError, parseInput } from '@spark-rl/core';
import {
  adamWOptionsSchema,
  checkTensors,
  type Engine,
  type HostTensor,
  type Named,
  type TensorProgram,
  type Trainer,
} from '@spark-rl/tensor';

import { backendSection } from './backend-section.js';
import { mapNamed, takeToHost, toDevice } from './host-tensors.js';
import { parameterStore } from './parameter-store.js';
import { tfjsOps } from './tfjs-ops.js';
import { tfjsTrainer } from './tfjs-trainer.js';
import type { Tfjs, TfjsTensor } from './tfjs.js';

/** What an engine over a tfjs backend says of itself. */
export interface TfjsEngineOptions {
  /** Such as `tfjs-wasm`. */
  readonly id: string;
  /** What it runs on, in words, for logs. */
  readonly device: string;
  /** The tfjs backend, which must be initialised already. Default: the one that is set now. */
  readonly backend?: string;
  /**
   * Whether a row's result never depends on its neighbours nor on padding, see `Engine`: a promise about the backend's kernels, which
   * the engine supports by an ordered softmax in programs (training needs none). Default false.
   */
  readonly batchInvariant?: boolean;
}

/** The result of a program as it may leave it: a tensor of its own, float32 or int32. */
function checkedOutput(tf: Tfjs, program: string, name: string, output: TfjsTensor): TfjsTensor {
  if (output.dtype === 'float32' || output.dtype === 'int32') return tf.clone(output);
  throw new InvalidInputError(`outputs of ${program}: ${name} is of type ${output.dtype}`, {
    field: name,
    value: output.dtype,
    remedy: 'Convert it with toFloat: only float32 and int32 tensors leave a program.',
  });
}

/**
 * An engine that runs tensor programs eagerly on a tfjs backend, with the gradients that tfjs computes. The backend of tfjs is global:
 * the engine sets its own before each piece of work and leaves it set. Everything that a run makes is freed when it ends.
 *
 * @param tf - the object that `@tensorflow/tfjs`, `-node` or `-node-gpu` exports; the smaller `@tensorflow/tfjs-core` has no gradients
 */
export function tfjsEngine(tf: Tfjs, options: TfjsEngineOptions): Engine {
  const { id, device, backend = tf.getBackend(), batchInvariant = false } = options;
  const programOps = tfjsOps(tf, { ordered: batchInvariant });
  // Training makes no promise about bits, and takes the faster way.
  const trainingOps = tfjsOps(tf);
  const section = backendSection(tf, backend);
  const store = parameterStore(tf, section);
  const trainers = new Set<Trainer>();

  const runProgram = (
    program: TensorProgram,
    weights: Named<TfjsTensor>,
    inputs: Named<HostTensor>,
  ): Named<TfjsTensor> =>
    section(() => {
      const given = mapNamed(inputs, (input) => toDevice(tf, input));
      return mapNamed(program.run(programOps, weights, given), (output, name) =>
        checkedOutput(tf, program.name, name, output),
      );
    });

  return {
    id,
    device,
    batchInvariant,
    parameters: store.upload,
    compile: (program) =>
      Promise.resolve({
        run: async (parameters, inputs) => {
          const weights = store.tensorsOf(parameters, program);
          checkTensors(`inputs of ${program.name}`, program.inputs, inputs);
          return takeToHost(runProgram(program, weights, inputs));
        },
        // Programs run eagerly: there is nothing to free.
        dispose: () => undefined,
      }),
    // Async, so that a wrong start rejects instead of throwing.
    // eslint-disable-next-line @typescript-eslint/require-await
    compileTraining: async (program, optimizer, start) => {
      const options = parseInput(adamWOptionsSchema, optimizer, `AdamW options of ${program.name}`);
      const inner = tfjsTrainer({ tf, ops: trainingOps, section, store }, program, options, start);
      const trainer: Trainer = {
        ...inner,
        dispose: () => {
          inner.dispose();
          trainers.delete(trainer);
        },
      };
      trainers.add(trainer);
      return trainer;
    },
    dispose: () => {
      for (const trainer of trainers) trainer.dispose();
      store.disposeAll();
      return Promise.resolve();
    },
  };
}
