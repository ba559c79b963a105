import { layerParameter, type TransformerConfig } from '../config.js';

/**
 * How a tensor of a checkpoint stands in a parameter. Checkpoints keep a projection as [out, in], and queries, keys and values apart;
 * a parameter here is [in, out], with projections of the same input side by side.
 */
export interface TensorPlace {
  /** The name in the checkpoint, such as `model.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  /** The shape in the checkpoint. */
  readonly shape: readonly number[];
  readonly parameter: string;
  /** Set for a projection: its columns begin at `column` of the `columns` of the parameter. */
  readonly columns?: number;
  /** The first column, or the first element of a vector. */
  readonly column: number;
}

/** Every tensor of a checkpoint of this architecture, in the order of the forward pass. */
export function tensorPlaces(config: TransformerConfig): readonly TensorPlace[] {
  const { vocabularySize, width, heads, keyValueHeads, headDim, hiddenWidth } = config;
  const queryWidth = heads * headDim;
  const keyWidth = keyValueHeads * headDim;
  const qkvParts = [
    { name: 'q', start: 0, size: queryWidth },
    { name: 'k', start: queryWidth, size: keyWidth },
    { name: 'v', start: queryWidth + keyWidth, size: keyWidth },
  ];
  const qkvWidth = queryWidth + 2 * keyWidth;
  const whole = (name: string, parameter: string, shape: readonly number[]): TensorPlace => ({
    name,
    shape,
    parameter,
    column: 0,
  });
  const layer = (index: number): TensorPlace[] => {
    const name = (rest: string): string => `model.layers.${index}.${rest}`;
    const parameter = (rest: string): string => layerParameter(index, rest);
    const projection = (
      rest: string,
      target: string,
      [inputs, outputs]: readonly [number, number],
      [column, columns]: readonly [number, number] = [0, outputs],
    ): TensorPlace => ({
      name: name(`${rest}.weight`),
      shape: [outputs, inputs],
      parameter: parameter(target),
      column,
      columns,
    });
    return [
      whole(name('input_layernorm.weight'), parameter('attentionNorm'), [width]),
      ...qkvParts.map((part) =>
        projection(
          `self_attn.${part.name}_proj`,
          'qkv',
          [width, part.size],
          [part.start, qkvWidth],
        ),
      ),
      ...(config.qkvBias
        ? qkvParts.map((part) => ({
            name: name(`self_attn.${part.name}_proj.bias`),
            shape: [part.size],
            parameter: parameter('qkvBias'),
            column: part.start,
          }))
        : []),
      ...(config.queryKeyNorm
        ? [
            whole(name('self_attn.q_norm.weight'), parameter('queryNorm'), [headDim]),
            whole(name('self_attn.k_norm.weight'), parameter('keyNorm'), [headDim]),
          ]
        : []),
      projection('self_attn.o_proj', 'attentionOutput', [queryWidth, width]),
      whole(name('post_attention_layernorm.weight'), parameter('feedForwardNorm'), [width]),
      projection('mlp.gate_proj', 'gateUp', [width, hiddenWidth], [0, 2 * hiddenWidth]),
      projection('mlp.up_proj', 'gateUp', [width, hiddenWidth], [hiddenWidth, 2 * hiddenWidth]),
      projection('mlp.down_proj', 'down', [hiddenWidth, width]),
    ];
  };
  return [
    whole('model.embed_tokens.weight', 'tokenEmbedding', [vocabularySize, width]),
    ...Array.from({ length: config.layers }, (_, index) => layer(index)).flat(),
    whole('model.norm.weight', 'finalNorm', [width]),
    ...(config.tiedHead ? [] : [whole('lm_head.weight', 'outputHead', [vocabularySize, width])]),
  ];
}

/** Tensors that some checkpoints hold beside the weights: what they say follows from the config, or from a tied head. */
export const isRedundant = (name: string, config: TransformerConfig): boolean =>
  name.endsWith('.rotary_emb.inv_freq') || (config.tiedHead && name === 'lm_head.weight');

/** Square blocks that fit the first cache: both sides of a transposition would otherwise miss it. */
const BLOCK = 32;

/** `to[i * toStride + j] = from[j * fromStride + i]` for i < rows, j < columns of `to`. */
function transpose(
  from: { readonly data: Float32Array; readonly offset: number; readonly stride: number },
  to: { readonly data: Float32Array; readonly offset: number; readonly stride: number },
  rows: number,
  columns: number,
): void {
  for (let top = 0; top < rows; top += BLOCK) {
    const bottom = Math.min(rows, top + BLOCK);
    for (let left = 0; left < columns; left += BLOCK) {
      const right = Math.min(columns, left + BLOCK);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++)
          to.data[to.offset + i * to.stride + j] = from.data[from.offset + j * from.stride + i]!;
      }
    }
  }
}

/** Writes a tensor of a checkpoint into its parameter. */
export function placeTensor(place: TensorPlace, source: Float32Array, target: Float32Array): void {
  const { column, columns, shape } = place;
  if (columns === undefined) {
    target.set(source, column);
    return;
  }
  const [outputs = 0, inputs = 0] = shape;
  transpose(
    { data: source, offset: 0, stride: inputs },
    { data: target, offset: column, stride: columns },
    inputs,
    outputs,
  );
}

/** Reads a tensor of a checkpoint back out of its parameter. */
export function takeTensor(place: TensorPlace, parameter: Float32Array): Float32Array {
  const { column, columns, shape } = place;
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (columns === undefined) return parameter.subarray(column, column + size);
  const [outputs = 0, inputs = 0] = shape;
  const tensor = new Float32Array(size);
  transpose(
    { data: parameter, offset: column, stride: columns },
    { data: tensor, offset: 0, stride: inputs },
    outputs,
    inputs,
  );
  return tensor;
}
