import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Qwen2, Qwen3 and Llama written out from their config.json in loops over float64 numbers, one row, one token at a time. It shares nothing
 * with the package, reads its own files, and keeps tensors as they stand in a checkpoint: [out, in].
 */

type Json = Readonly<Record<string, unknown>>;

const number = (json: Json, name: string): number => json[name] as number;

/** The tensors of all safetensors files of a folder, as float64. */
export function readTensors(folder: string, files: readonly string[]): Map<string, Float64Array> {
  const tensors = new Map<string, Float64Array>();
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
      string,
      { dtype: string; data_offsets: [number, number] }
    >;
    for (const [name, { dtype, data_offsets }] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const [start, end] = data_offsets.map((offset) => 8 + length + offset) as [number, number];
      const width = dtype === 'F32' ? 4 : 2;
      tensors.set(
        name,
        Float64Array.from({ length: (end - start) / width }, (_, i) => {
          const at = start + i * width;
          if (dtype === 'F32') return bytes.readFloatLE(at);
          const bits = bytes.readUInt16LE(at);
          if (dtype === 'BF16') {
            const word = Buffer.alloc(4);
            word.writeUInt16LE(bits, 2);
            return word.readFloatLE(0);
          }
          const [sign, exponent, fraction] = [bits >> 15, (bits >> 10) & 31, bits & 1023];
          const size =
            exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
          return sign === 1 ? -size : size;
        }),
      );
    }
  }
  return tensors;
}

function frequencies(config: Json, headDim: number): number[] {
  const base = number(config, 'rope_theta');
  const scaling = config['rope_scaling'] as Json | null;
  return Array.from({ length: headDim / 2 }, (_, i) => {
    const frequency = 1 / Math.pow(base, (2 * i) / headDim);
    if (!scaling) return frequency;
    const turns = (number(scaling, 'original_max_position_embeddings') * frequency) / (2 * Math.PI);
    const low = number(scaling, 'low_freq_factor');
    const high = number(scaling, 'high_freq_factor');
    if (turns > high) return frequency;
    if (turns < low) return frequency / number(scaling, 'factor');
    const smooth = (turns - low) / (high - low);
    return (1 - smooth) * (frequency / number(scaling, 'factor')) + smooth * frequency;
  });
}

/**
 * Logits after every token, [tokens][vocabulary].
 *
 * @param table - what is done to a cosine or sine before it is used: engines keep them in single precision
 */
export function plainLogits(
  configJson: unknown,
  tensors: ReadonlyMap<string, Float64Array>,
  tokens: readonly number[],
  table: (value: number) => number = (value) => value,
): number[][] {
  const config = configJson as Json;
  const width = number(config, 'hidden_size');
  const heads = number(config, 'num_attention_heads');
  const keyHeads = number(config, 'num_key_value_heads');
  const headDim = (config['head_dim'] as number | undefined) ?? width / heads;
  const tensor = (name: string): Float64Array => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`no tensor ${name}`);
    return found;
  };
  const linear = (x: number[], name: string): number[] => {
    const weight = tensor(`${name}.weight`);
    const bias = tensors.get(`${name}.bias`);
    return Array.from({ length: weight.length / x.length }, (_, row) => {
      let sum = bias?.[row] ?? 0;
      for (let i = 0; i < x.length; i++) sum += weight[row * x.length + i]! * x[i]!;
      return sum;
    });
  };
  const norm = (x: number[], name: string): number[] => {
    const weight = tensor(`${name}.weight`);
    let squares = 0;
    for (const value of x) squares += value * value;
    const scale = 1 / Math.sqrt(squares / x.length + number(config, 'rms_norm_eps'));
    return x.map((value, i) => value * scale * weight[i]!);
  };
  const turn = frequencies(config, headDim);
  const rotate = (x: number[], position: number): number[] =>
    x.map((value, i) => {
      const half = headDim / 2;
      const angle = position * turn[i % half]!;
      const partner = i < half ? -x[i + half]! : x[i - half]!;
      return value * table(Math.cos(angle)) + partner * table(Math.sin(angle));
    });
  const embedding = tensor('model.embed_tokens.weight');
  let stream = tokens.map((token) => [...embedding.subarray(token * width, (token + 1) * width)]);
  for (let layer = 0; layer < number(config, 'num_hidden_layers'); layer++) {
    const at = (name: string): string => `model.layers.${layer}.${name}`;
    const split = (x: number[], head: number): number[] =>
      x.slice(head * headDim, (head + 1) * headDim);
    const prepared = stream.map((x, position) => {
      const normed = norm(x, at('input_layernorm'));
      const heading = (projection: string, count: number, normName?: string): number[][] => {
        const flat = linear(normed, at(`self_attn.${projection}`));
        return Array.from({ length: count }, (_, head) => {
          const part = split(flat, head);
          if (normName === undefined) return part;
          const gained = tensors.has(at(`self_attn.${normName}.weight`))
            ? norm(part, at(`self_attn.${normName}`))
            : part;
          return rotate(gained, position);
        });
      };
      return {
        queries: heading('q_proj', heads, 'q_norm'),
        keys: heading('k_proj', keyHeads, 'k_norm'),
        values: heading('v_proj', keyHeads),
      };
    });
    stream = stream.map((x, position) => {
      const mixed: number[] = [];
      for (let head = 0; head < heads; head++) {
        const shared = Math.floor(head / (heads / keyHeads));
        const scores = prepared.slice(0, position + 1).map(({ keys }) => {
          let dot = 0;
          for (let i = 0; i < headDim; i++)
            dot += prepared[position]!.queries[head]![i]! * keys[shared]![i]!;
          return dot / Math.sqrt(headDim);
        });
        const top = Math.max(...scores);
        const shares = scores.map((score) => Math.exp(score - top));
        const total = shares.reduce((sum, share) => sum + share, 0);
        for (let i = 0; i < headDim; i++) {
          let value = 0;
          shares.forEach((share, p) => {
            value += (share / total) * prepared[p]!.values[shared]![i]!;
          });
          mixed.push(value);
        }
      }
      const after = linear(mixed, at('self_attn.o_proj')).map((value, i) => value + x[i]!);
      const normed = norm(after, at('post_attention_layernorm'));
      const gate = linear(normed, at('mlp.gate_proj'));
      const up = linear(normed, at('mlp.up_proj'));
      const inner = gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
      return linear(inner, at('mlp.down_proj')).map((value, i) => value + after[i]!);
    });
  }
  const head = config['tie_word_embeddings'] ? 'model.embed_tokens' : 'lm_head';
  return stream.map((x) => linear(norm(x, 'model.norm'), head));
}
