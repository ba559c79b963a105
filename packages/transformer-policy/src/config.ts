import { InvalidInputError, parseInput } from '@spark-rl/core';
import type { Named } from '@spark-rl/tensor';
import { z } from 'zod';

const size = z.int().positive();

/** How rotary frequencies are stretched for contexts longer than the one that a model was first trained with. */
export const ropeScalingSchema = z.strictObject({
  factor: z.number().min(1),
  lowFrequencyFactor: z.number().positive(),
  highFrequencyFactor: z.number().positive(),
  originalContextLength: size,
});

/** The rotary scaling of Llama 3.1: low frequencies are divided by `factor`, high ones stay, those between are blended. */
export type RopeScaling = Readonly<z.output<typeof ropeScalingSchema>>;

/** What a {@link TransformerConfig} may hold; every field but the sizes has a default. */
export const transformerConfigSchema = z.strictObject({
  vocabularySize: size,
  contextLength: size.min(2),
  layers: size,
  width: size,
  heads: size,
  keyValueHeads: size.optional(),
  headDim: size.optional(),
  hiddenWidth: size.optional(),
  tiedHead: z.boolean().default(true),
  qkvBias: z.boolean().default(false),
  queryKeyNorm: z.boolean().default(false),
  ropeBase: z.number().positive().default(10_000),
  ropeScaling: ropeScalingSchema.nullable().default(null),
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
  /** d: the width of the residual stream. */
  readonly width: number;
  /** How many heads ask. */
  readonly heads: number;
  /**
   * How many heads of keys and values there are, a divisor of `heads`; each serves `heads / keyValueHeads` neighbouring heads
   * (grouped-query attention: Ainslie et al., arXiv 2305.13245). Default `heads`.
   */
  readonly keyValueHeads: number;
  /** The width of one head, even. Default `width / heads`. */
  readonly headDim: number;
  /** Width inside the SwiGLU block; default 8/3 of `width`, rounded up to a multiple of 16, which costs what 4x does without a gate. */
  readonly hiddenWidth: number;
  /** Whether the output head is the token embedding, transposed. Default true. */
  readonly tiedHead: boolean;
  /** Whether a bias is added to queries, keys and values, as in Qwen2. Default false. */
  readonly qkvBias: boolean;
  /** Whether the queries and keys of every head go through an RMSNorm before they turn, as in Qwen3. Default false. */
  readonly queryKeyNorm: boolean;
  /** Base of the rotary frequencies, default 10,000. */
  readonly ropeBase: number;
  /** Default null: frequencies stay as `ropeBase` gives them. */
  readonly ropeScaling: RopeScaling | null;
  /** Added to the mean square in RMSNorm, default 1e-5. */
  readonly normEpsilon: number;
}

function refuse(
  field: keyof TransformerConfig,
  value: number,
  reason: string,
  remedy: string,
): never {
  throw new InvalidInputError(`transformer config: ${field} is ${value}, ${reason}`, {
    field,
    value,
    remedy,
  });
}

/**
 * Checks an architecture and fills in its defaults.
 *
 * @throws InvalidInputError naming the field at fault
 */
export function transformerConfig(options: TransformerOptions): TransformerConfig {
  const config = parseInput(transformerConfigSchema, options, 'transformer config');
  const { width, heads, headDim = width / heads, keyValueHeads = heads, ropeScaling } = config;
  if (config.headDim === undefined && width % (2 * heads) !== 0) {
    refuse(
      'width',
      width,
      `which does not split into ${heads} heads of an even size`,
      `Give a multiple of ${2 * heads}, fewer heads, or headDim`,
    );
  }
  if (headDim % 2 !== 0)
    refuse('headDim', headDim, 'which is odd', 'Give an even size: rotary positions turn pairs');
  if (heads % keyValueHeads !== 0) {
    refuse(
      'keyValueHeads',
      keyValueHeads,
      `which does not divide the ${heads} heads`,
      `Give a divisor of ${heads}`,
    );
  }
  if (ropeScaling !== null && ropeScaling.lowFrequencyFactor >= ropeScaling.highFrequencyFactor) {
    throw new InvalidInputError(
      'transformer config: ropeScaling.lowFrequencyFactor is not below highFrequencyFactor',
      {
        field: 'ropeScaling.lowFrequencyFactor',
        value: ropeScaling.lowFrequencyFactor,
        remedy: 'Take the factors from the config.json of the checkpoint',
      },
    );
  }
  // In the order of the fields, not of what was given: the same architecture is always the same JSON.
  const { vocabularySize, contextLength, layers, hiddenWidth, ...rest } = config;
  return {
    vocabularySize,
    contextLength,
    layers,
    width,
    heads,
    keyValueHeads,
    headDim,
    hiddenWidth: hiddenWidth ?? 16 * Math.ceil((width * 8) / 3 / 16),
    tiedHead: rest.tiedHead,
    qkvBias: rest.qkvBias,
    queryKeyNorm: rest.queryKeyNorm,
    ropeBase: rest.ropeBase,
    ropeScaling,
    normEpsilon: rest.normEpsilon,
  };
}

/** The name of a parameter of one block, such as `layers.0.qkv`. */
export const layerParameter = (layer: number, name: string): string => `layers.${layer}.${name}`;

/**
 * The shape of every parameter, in the order of the forward pass. Matrices are stored input-first: x [.., in] times W [in, out].
 * `qkv` is the query, key and value projections side by side, [width, (heads + 2 keyValueHeads) * headDim], and `qkvBias` what is added
 * to them; `gateUp` the gate and the up projection of SwiGLU.
 */
export function parameterShapes(config: TransformerConfig): Named<readonly number[]> {
  const { width, heads, keyValueHeads, headDim, hiddenWidth, vocabularySize } = config;
  const qkvWidth = (heads + 2 * keyValueHeads) * headDim;
  const shapes: Record<string, readonly number[]> = { tokenEmbedding: [vocabularySize, width] };
  for (let layer = 0; layer < config.layers; layer++) {
    shapes[layerParameter(layer, 'attentionNorm')] = [width];
    shapes[layerParameter(layer, 'qkv')] = [width, qkvWidth];
    if (config.qkvBias) shapes[layerParameter(layer, 'qkvBias')] = [qkvWidth];
    if (config.queryKeyNorm) {
      shapes[layerParameter(layer, 'queryNorm')] = [headDim];
      shapes[layerParameter(layer, 'keyNorm')] = [headDim];
    }
    shapes[layerParameter(layer, 'attentionOutput')] = [heads * headDim, width];
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
