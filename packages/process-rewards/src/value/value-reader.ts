import { InvalidInputError, throwIfAborted } from '@spark-rl/core';
import type {
  CompiledProgram,
  Engine,
  ParameterSet,
  TensorProgram,
  ValueModel,
} from '@spark-rl/tensor';

import { POSITIONS, valueBatches } from './value-batches.js';

/** Reads values of rows of tokens at their last tokens. */
export interface ValueReader {
  /**
   * Chances of success, in [0, 1], one a row.
   *
   * @throws InvalidInputError naming a row of a wrong length, or without a finite value; AbortedError
   */
  readonly read: (
    parameters: ParameterSet,
    rows: readonly Int32Array[],
    options: {
      readonly nameOf: (row: number) => string;
      readonly signal?: AbortSignal | undefined;
    },
  ) => Promise<Float32Array>;
  readonly dispose: () => void;
}

const program = (model: ValueModel): TensorProgram => ({
  name: 'values',
  parameters: model.parameters,
  inputs: { ...model.inputs, ...POSITIONS },
  run: (ops, parameters, inputs) => ({
    values: ops.sigmoid(model.values(ops, parameters, inputs, inputs['positions']!)),
  }),
});

function checkValue(value: number, name: string): number {
  if (Number.isFinite(value)) return value;
  throw new InvalidInputError(`${name} has the value ${value}`, {
    field: 'parameters',
    value,
    remedy: 'Give weights that are finite: those of an earlier step.',
  });
}

/** Compiles when it is first asked. */
export function valueReader(engine: Engine, model: ValueModel, batchTokens: number): ValueReader {
  let compiled: Promise<CompiledProgram> | undefined;
  return {
    read: async (parameters, rows, { nameOf, signal }) => {
      const values = new Float32Array(rows.length);
      const batches = valueBatches(model, rows, batchTokens, nameOf);
      const ready = await (compiled ??= engine.compile(program(model)));
      for (const batch of batches) {
        throwIfAborted(signal);
        const read = (await ready.run(parameters, batch.inputs))['values']!.data;
        for (const [place, row] of batch.rows.entries())
          values[row] = checkValue(read[place]!, nameOf(row));
      }
      return values;
    },
    dispose: () => {
      // Whoever asked has been told when compiling failed.
      void compiled?.then(
        (ready) => ready.dispose(),
        () => undefined,
      );
      compiled = undefined;
    },
  };
}
