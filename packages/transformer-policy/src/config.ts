import { InvalidInputError, parseInput } from '@spark-rl/core';
import type { Named } from '@spark-rl/tensor';
import { z } from 'zod';

const size = z.int().positive();

/** What a {@link TransformerConfig} may hold; every field but the sizes has a default. */
export const transformerConfigSchema = z.strictObject({
  vocabularySize: size,
  contextLength: size.min(2),
  layers: size,
  width: size,
  heads: size,
  hiddenWidth: size.optional(),
  tiedHead: z.boolean().default(true),
  ropeBase: z.number().positive().default(10_000),
  normEpsilon: z.number().positive().default(1e-5),
});

/** The architecture of a decoder-only transformer, as a person writes it. */
export type TransformerOptions = z.input<typeof transformerConfigSchema>;

/** The architecture of a decoder-only transformer, complete. */
export interface TransformerConfig {
  /** V: how many token ids there are. */
  readonly vocabularySize: number;
  /** The most tokens (prompt and response together) that a row may have. */
  readonly contextLength: number;
  /** L: how many blocks. */
  readonly layers: number;
  /** d: the width of the residual stream; a multiple of `2 * heads`. */
  readonly width: number;
  readonly heads: number;
  /** Width inside the SwiGLU block; default 8/3 of `width`, rounded up to a multiple of 16, which costs what 4x does without a gate. */
  readonly hiddenWidth: number;
  /** Whether the output head is the token embedding, transposed. Default true. */
  readonly tiedHead: boolean;
  /** Base of the rotary frequencies, default 10,000. */
  readonly ropeBase: number;
  /** Added to the mean square in RMSNorm, default 1e-5. */
  readonly normEpsilon: number;
}

/**
 * Checks an architecture and fills in its defaults.
 *
 * @throws InvalidInputError naming the field at fault
 */
export function transformerConfig(options: TransformerOptions): TransformerConfig {
  const config = parseInput(transformerConfigSchema, options, 'transformer config');
  if (config.width % (2 * config.heads) !== 0) {
    throw new InvalidInputError(
      `transformer config: width is ${config.width}, which does not split into ${config.heads} heads of an even size`,
      {
        field: 'width',
        value: config.width,
        remedy: `Give a multiple of ${2 * config.heads}, or fewer heads`,
      },
    );
  }
  return {
    ...config,
    hiddenWidth: config.hiddenWidth ?? 16 * Math.ceil((config.width * 8) / 3 / 16),
  };
}

/** The name of a parameter of one block, such as `layers.0.qkv`. */
export const layerParameter = (layer: number, name: string): string => `layers.${layer}.${name}`;

/**
 * The shape of every parameter, in the order of the forward pass. Matrices are stored input-first: x [.., in] times W [in, out].
 * `qkv` is the query, key and value projections side by side; `gateUp` the gate and the up projection of SwiGLU.
 */
export function parameterShapes(config: TransformerConfig): Named<readonly number[]> {
  const { width, hiddenWidth, vocabularySize } = config;
  const shapes: Record<string, readonly number[]> = { tokenEmbedding: [vocabularySize, width] };
  for (let layer = 0; layer < config.layers; layer++) {
    shapes[layerParameter(layer, 'attentionNorm')] = [width];
    shapes[layerParameter(layer, 'qkv')] = [width, 3 * width];
    shapes[layerParameter(layer, 'attentionOutput')] = [width, width];
    shapes[layerParameter(layer, 'feedForwardNorm')] = [width];
    shapes[layerParameter(layer, 'gateUp')] = [width, 2 * hiddenWidth];
    shapes[layerParameter(layer, 'down')] = [hiddenWidth, width];
  }
  shapes['finalNorm'] = [width];
  if (!config.tiedHead) shapes['outputHead'] = [vocabularySize, width];
  return shapes;
}

/** How many weights the model has. */
export const parameterCount = (config: TransformerConfig): number =>
  Object.values(parameterShapes(config)).reduce(
    (total, shape) => total + shape.reduce((product, dim) => product * dim, 1),
    0,
  );
