import { parseInput, randomSource, type RandomKey } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';
import { z } from 'zod';

import { layerParameter, transformerConfig, type TransformerConfig } from '../config.js';
import type { TransformerOptions } from '../config.js';
import type { ProjectionName } from '../projection.js';

/** The projections of a block that can be adapted: queries, keys, values, attention output, and the three of SwiGLU. */
export const LORA_TARGETS = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

const loraSchema = z.strictObject({
  rank: z.int().positive(),
  alpha: z.number().positive(),
  targets: z
    .array(z.enum(LORA_TARGETS))
    .min(1)
    .readonly()
    .default([...LORA_TARGETS]),
  rankStabilized: z.boolean().default(false),
});

/** Low-rank adapters, as a person writes them. */
export type LoraOptions = z.input<typeof loraSchema>;

/** Low-rank adapters, complete (LoRA: Hu et al., arXiv 2106.09685). */
export interface LoraConfig {
  /** r: the rank of what is added to a matrix. */
  readonly rank: number;
  /** What is added is scaled by alpha / r, or alpha / sqrt(r) when rank-stabilised. */
  readonly alpha: number;
  /** Which projections are adapted, in the order of {@link LORA_TARGETS}. Default all of them. */
  readonly targets: readonly LoraTarget[];
  /** Scales by alpha / sqrt(r) (Kalajdzievski, arXiv 2312.03732). Default false. */
  readonly rankStabilized: boolean;
}

/**
 * Checks adapters and fills in their defaults.
 *
 * @throws InvalidInputError naming the field at fault
 */
export function loraConfig(options: LoraOptions): LoraConfig {
  const config = parseInput(loraSchema, options, 'LoRA options');
  return { ...config, targets: LORA_TARGETS.filter((target) => config.targets.includes(target)) };
}

/** What the product of the two small matrices is multiplied by. */
export const loraScale = (lora: LoraConfig): number =>
  lora.alpha / (lora.rankStabilized ? Math.sqrt(lora.rank) : lora.rank);

/** Where a target stands among the matrices of a block: columns [start, start + size) of `projection`, whose inputs are `inputs`. */
export interface TargetPlace {
  readonly target: LoraTarget;
  readonly projection: ProjectionName;
  readonly inputs: number;
  readonly start: number;
  readonly size: number;
}

/** The places of all targets, adapted or not, in the order of their columns. */
export function targetPlaces(config: TransformerConfig): readonly TargetPlace[] {
  const { width, heads, keyValueHeads, headDim, hiddenWidth } = config;
  const queries = heads * headDim;
  const keys = keyValueHeads * headDim;
  return [
    { target: 'q', projection: 'qkv', inputs: width, start: 0, size: queries },
    { target: 'k', projection: 'qkv', inputs: width, start: queries, size: keys },
    { target: 'v', projection: 'qkv', inputs: width, start: queries + keys, size: keys },
    { target: 'o', projection: 'attentionOutput', inputs: queries, start: 0, size: width },
    { target: 'gate', projection: 'gateUp', inputs: width, start: 0, size: hiddenWidth },
    { target: 'up', projection: 'gateUp', inputs: width, start: hiddenWidth, size: hiddenWidth },
    { target: 'down', projection: 'down', inputs: hiddenWidth, start: 0, size: width },
  ];
}

/** The parameter that holds one of the two matrices of an adapter: A [in, r] or B [r, out]. */
export const adapterParameter = (layer: number, target: LoraTarget, matrix: 'A' | 'B'): string =>
  layerParameter(layer, `${target}.lora${matrix}`);

/** The shapes of the adapters of a model: for every layer and target `layers.0.q.loraA` [in, r] and `layers.0.q.loraB` [r, out]. */
export function adapterShapes(
  options: TransformerOptions,
  loraOptions: LoraOptions,
): Named<readonly number[]> {
  const config = transformerConfig(options);
  const { rank, targets } = loraConfig(loraOptions);
  const shapes: Record<string, readonly number[]> = {};
  for (let layer = 0; layer < config.layers; layer++) {
    for (const { target, inputs, size } of targetPlaces(config)) {
      if (!targets.includes(target)) continue;
      shapes[adapterParameter(layer, target, 'A')] = [inputs, rank];
      shapes[adapterParameter(layer, target, 'B')] = [rank, size];
    }
  }
  return shapes;
}

/** The tensors among `tensors` that are adapters of the model. */
export function pickAdapters(
  config: TransformerConfig,
  lora: LoraConfig,
  tensors: Named<HostTensor>,
): Named<HostTensor> {
  const shapes = adapterShapes(config, lora);
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name in shapes));
}

/**
 * Fresh adapters that change nothing yet: B is zero, A uniform in [-1/sqrt(in), 1/sqrt(in)), as the PEFT library starts them
 * (Kaiming with slope sqrt(5)). Every matrix draws from a stream of its own name.
 */
export function initializeAdapters(
  options: TransformerOptions,
  lora: LoraOptions,
  key: RandomKey,
): Named<HostTensor> {
  return Object.fromEntries(
    Object.entries(adapterShapes(options, lora)).map(([name, shape]): [string, HostTensor] => {
      const [inputs = 1, outputs = 1] = shape;
      const data = new Float32Array(inputs * outputs);
      if (name.endsWith('A')) {
        const random = randomSource([...key, 'adapter', name]);
        const bound = 1 / Math.sqrt(inputs);
        for (let i = 0; i < data.length; i++) data[i] = bound * (2 * random.uniform() - 1);
      }
      return [name, { dtype: 'float32', shape, data }];
    }),
  );
}
