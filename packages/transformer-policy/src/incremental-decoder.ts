import type { CompiledProgram, Engine, HostTensor, Named, ParameterSet } from '@spark-rl/tensor';

import { MASKED } from './blocks.js';
import type { TransformerConfig } from './config.js';
import { decodeStages, type DecodeMode } from './decode-stages.js';
import type { KeyValuePool } from './key-value-pool.js';
import type { LoraConfig } from './lora/lora-config.js';
import { need } from './parameters.js';
import { rotaryAngles } from './rotary.js';

/** New tokens of one row: they take the positions from `start` on. */
export interface NewTokens {
  readonly start: number;
  readonly tokens: Int32Array;
}

/** Runs the model over new tokens, against a pool of keys and values that it extends. */
export interface IncrementalDecoder {
  /**
   * Feeds new tokens to the rows [first, first + rows.length) of the pool, which must have room for them. Returns the logits after each
   * row's last new token, [rows.length, vocabularySize].
   */
  readonly feed: (
    parameters: ParameterSet,
    pool: KeyValuePool,
    first: number,
    rows: readonly NewTokens[],
  ) => Promise<Float32Array>;
  readonly dispose: () => void;
}

const int32 = (shape: readonly number[], data: Int32Array): HostTensor => ({
  dtype: 'int32',
  shape,
  data,
});

/** Compiles the stages of {@link decodeStages} on an engine. */
export async function incrementalDecoder(
  engine: Engine,
  config: TransformerConfig,
  lora?: LoraConfig,
): Promise<IncrementalDecoder> {
  const compile = (mode: DecodeMode): Promise<CompiledProgram[]> =>
    Promise.all(decodeStages(config, mode, lora).map((stage) => engine.compile(stage)));
  const programs = { decode: await compile('decode'), prefill: await compile('prefill') };

  const angles = rotaryAngles(config);
  // One feed runs at a time, so all of them can write their masks into the same memory.
  let masks = new Float32Array(0);

  const feed: IncrementalDecoder['feed'] = async (parameters, pool, first, rows) => {
    const longest = Math.max(...rows.map((row) => row.tokens.length));
    const mode: DecodeMode = longest === 1 ? 'decode' : 'prefill';
    // No product may have a single row (see decodeStages): one decoding row gets a neighbour whose result nobody reads.
    const batch = mode === 'decode' ? Math.max(2, rows.length) : rows.length;
    const slots = pool.slots();
    const tokens = new Int32Array(batch * longest);
    const positions = new Int32Array(batch * longest);
    const maskSize = batch * longest * slots;
    if (masks.length < maskSize) masks = new Float32Array(maskSize);
    const mask = masks.subarray(0, maskSize).fill(0);
    const picks = new Int32Array(Math.max(2, rows.length));
    for (let row = 0; row < batch; row++) {
      const fed = rows[row];
      const count = fed?.tokens.length ?? 1;
      for (let i = 0; i < longest; i++) {
        const at = row * longest + i;
        // What pads a row at its end repeats the last new token: valid to compute with, and never read.
        const used = Math.min(i, count - 1);
        tokens[at] = fed?.tokens[used] ?? 0;
        positions[at] = (fed?.start ?? 0) + used;
        mask.fill(MASKED, at * slots + positions[at] + 1, (at + 1) * slots);
      }
      if (row < picks.length) picks[row] = row * longest + count - 1;
    }
    const starts = rows.map((row) => row.start);
    const lengths = rows.map((row) => row.tokens.length);
    const { cosines, sines } = angles(positions);
    const rotary: Named<HostTensor> = {
      cosines: { dtype: 'float32', shape: [batch, longest, config.headDim], data: cosines },
      sines: { dtype: 'float32', shape: [batch, longest, config.headDim], data: sines },
    };
    const shared: Named<HostTensor> = {
      tokens: int32([batch, longest], tokens),
      mask: { dtype: 'float32', shape: [batch, 1, longest, slots], data: mask },
      picks: int32([picks.length], picks),
    };
    let carried: Named<HostTensor> = {};
    for (const [stage, program] of programs[mode].entries()) {
      const isLast = stage === config.layers;
      const inputs: Named<HostTensor> =
        stage === 0
          ? { tokens: need(shared, 'tokens'), ...rotary }
          : {
              hidden: need(carried, 'hidden'),
              queries: need(carried, 'queries'),
              ...pool.view(stage - 1, first, batch),
              mask: need(shared, 'mask'),
              ...(!isLast ? rotary : {}),
              ...(isLast && mode === 'prefill' ? { picks: need(shared, 'picks') } : {}),
            };
      carried = await program.run(parameters, inputs);
      if (!isLast) {
        const added = { keys: need(carried, 'keys'), values: need(carried, 'values') };
        pool.write(stage, first, added, starts, lengths);
      }
    }
    const logits = need(carried, 'logits').data as Float32Array;
    return logits.subarray(0, rows.length * config.vocabularySize);
  };

  return {
    feed,
    dispose: () =>
      [...programs.decode, ...programs.prefill].forEach((program) => program.dispose()),
  };
}
