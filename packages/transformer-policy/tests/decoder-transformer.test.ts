import { InvalidInputError } from '@spark-rl/core';
import { referenceEngine, type HostTensor, type Named } from '@spark-rl/tensor';
import fc from 'fast-check';

import {
  decoderTransformer,
  initializeParameters,
  parameterCount,
  parameterShapes,
  transformerConfig,
  type TransformerOptions,
} from '../src/index.js';

const small = {
  vocabularySize: 11,
  contextLength: 12,
  layers: 2,
  width: 8,
  heads: 2,
  hiddenWidth: 12,
};

function scaled(config: TransformerOptions, factor: number): Named<HostTensor> {
  const fresh = Object.entries(initializeParameters(config, ['model']));
  return Object.fromEntries(
    fresh.map(([name, tensor], index) => {
      // Norms that are not all one, or the test would not see them.
      const value = (x: number, i: number): number =>
        name.endsWith('Norm') ? 1 + 0.1 * Math.sin(i + index) : factor * x;
      return [name, { ...tensor, data: Float32Array.from(tensor.data, value) } as HostTensor];
    }),
  );
}

async function logits(
  config: TransformerOptions,
  parameters: Named<HostTensor>,
  rows: readonly (readonly number[])[],
  positions: readonly number[],
): Promise<number[][]> {
  const model = decoderTransformer(config);
  const engine = referenceEngine();
  const program = await engine.compile({
    name: 'logits',
    parameters: model.parameters,
    inputs: { ...model.inputs, at: { dtype: 'int32', shape: ['n'] } },
    run: (ops, weights, inputs) => ({ logits: model.logits(ops, weights, inputs, inputs['at']!) }),
  });
  const time = rows[0]!.length;
  const result = await program.run(engine.parameters(parameters), {
    ...model.prepare(Int32Array.from(rows.flat()), rows.length, time),
    at: { dtype: 'int32', shape: [positions.length], data: Int32Array.from(positions) },
  });
  const values = [...result['logits']!.data];
  return positions.map((_, i) =>
    values.slice(i * config.vocabularySize, (i + 1) * config.vocabularySize),
  );
}

/** The forward pass written out in loops, one row, logits after the last token: what the tensor program must equal. */
function plainLogits(
  options: TransformerOptions,
  parameters: Named<HostTensor>,
  tokens: readonly number[],
): number[] {
  const config = transformerConfig(options);
  const { width, heads, hiddenWidth, layers } = config;
  const headDim = width / heads;
  const get = (name: string): ArrayLike<number> => parameters[name]!.data;
  const norm = (x: number[], gain: ArrayLike<number>): number[] => {
    const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + config.normEpsilon);
    return x.map((v, i) => (v / size) * gain[i]!);
  };
  const times = (x: number[], matrix: ArrayLike<number>, columns: number): number[] =>
    Array.from({ length: columns }, (_, j) =>
      x.reduce((sum, v, i) => sum + v * matrix[i * columns + j]!, 0),
    );
  const rotate = (x: number[], position: number): number[] =>
    x.map((v, i) => {
      const half = headDim / 2;
      const angle = position * config.ropeBase ** ((-2 * (i % half)) / headDim);
      const other = i < half ? -x[i + half]! : x[i - half]!;
      return v * Math.cos(angle) + other * Math.sin(angle);
    });
  const embedding = get('tokenEmbedding');
  let stream = tokens.map((token) =>
    Array.from({ length: width }, (_, i) => embedding[token * width + i]!),
  );
  for (let layer = 0; layer < layers; layer++) {
    const name = (suffix: string): string => `layers.${layer}.${suffix}`;
    const qkv = stream.map((x) =>
      times(norm(x, get(name('attentionNorm'))), get(name('qkv')), 3 * width),
    );
    const head = (position: number, which: number, h: number): number[] =>
      qkv[position]!.slice(which * width + h * headDim, which * width + (h + 1) * headDim);
    stream = stream.map((x, position) => {
      const attended = Array.from({ length: heads }, (_, h) => {
        const query = rotate(head(position, 0, h), position);
        const scores = Array.from({ length: position + 1 }, (_, p) =>
          Math.exp(
            rotate(head(p, 1, h), p).reduce((sum, v, i) => sum + v * query[i]!, 0) /
              Math.sqrt(headDim),
          ),
        );
        const total = scores.reduce((sum, v) => sum + v, 0);
        return Array.from({ length: headDim }, (_, i) =>
          scores.reduce((sum, score, p) => sum + (score / total) * head(p, 2, h)[i]!, 0),
        );
      }).flat();
      const residual = times(attended, get(name('attentionOutput')), width).map(
        (v, i) => v + x[i]!,
      );
      const both = times(
        norm(residual, get(name('feedForwardNorm'))),
        get(name('gateUp')),
        2 * hiddenWidth,
      );
      const inner = both
        .slice(0, hiddenWidth)
        .map((g, i) => (g / (1 + Math.exp(-g))) * both[hiddenWidth + i]!);
      return times(inner, get(name('down')), width).map((v, i) => v + residual[i]!);
    });
  }
  const out = norm(stream.at(-1)!, get('finalNorm'));
  const output = get(config.tiedHead ? 'tokenEmbedding' : 'outputHead');
  return Array.from({ length: config.vocabularySize }, (_, token) =>
    out.reduce((sum, v, i) => sum + v * output[token * width + i]!, 0),
  );
}

describe('decoderTransformer', () => {
  it.each([
    ['a tied head', small],
    ['a head of its own', { ...small, tiedHead: false }],
    ['another base and one head', { ...small, heads: 1, ropeBase: 100 }],
  ])('equals the forward pass written out, with %s', async (_, config) => {
    const parameters = scaled(config, 20);
    const tokens = [3, 0, 10, 10, 7, 1, 2];
    const [last, middle] = await logits(
      config,
      parameters,
      [tokens, [...tokens].reverse()],
      [6, 3],
    );
    plainLogits(config, parameters, tokens).forEach((value, i) =>
      expect(last![i]).toBeCloseTo(value, 4),
    );
    plainLogits(config, parameters, tokens.slice(0, 4)).forEach((value, i) =>
      expect(middle![i]).toBeCloseTo(value, 4),
    );
  });

  it('never sees a later token, nor another row', async () => {
    const parameters = scaled(small, 20);
    const row = fc.array(fc.nat(small.vocabularySize - 1), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        row,
        row,
        row,
        fc.integer({ min: 0, max: 5 }),
        async (first, second, other, cut) => {
          const changed = [...first.slice(0, cut + 1), ...second.slice(cut + 1)];
          const [a] = await logits(small, parameters, [first, first], [cut]);
          const [b] = await logits(small, parameters, [changed, other], [cut]);
          expect(a).toEqual(b);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('says when a row is longer than the context', () => {
    const model = decoderTransformer(small);
    expect(() => model.prepare(new Int32Array(13), 1, 13)).toThrow(/context holds 12/);
    expect(() => model.prepare(new Int32Array(5), 2, 3)).toThrow(InvalidInputError);
  });
});

describe('transformerConfig', () => {
  it('fills in what is not said', () => {
    expect(
      transformerConfig({ vocabularySize: 10, contextLength: 8, layers: 1, width: 64, heads: 4 }),
    ).toEqual({
      vocabularySize: 10,
      contextLength: 8,
      layers: 1,
      width: 64,
      heads: 4,
      keyValueHeads: 4,
      headDim: 16,
      hiddenWidth: 176,
      tiedHead: true,
      qkvBias: false,
      queryKeyNorm: false,
      ropeBase: 10_000,
      ropeScaling: null,
      normEpsilon: 1e-5,
    });
  });

  it.each([
    ['width', { ...small, width: 10 }],
    ['layers', { ...small, layers: 0 }],
    ['contextLength', { ...small, contextLength: 1 }],
    ['keyValueHeads', { ...small, keyValueHeads: 3 }],
    ['headDim', { ...small, headDim: 5 }],
    [
      'ropeScaling.lowFrequencyFactor',
      {
        ...small,
        ropeScaling: {
          factor: 8,
          lowFrequencyFactor: 4,
          highFrequencyFactor: 4,
          originalContextLength: 8,
        },
      },
    ],
  ])('names %s when it is wrong', (field, config) => {
    expect(() => transformerConfig(config)).toThrow(InvalidInputError);
    expect(() => transformerConfig(config)).toThrow(field);
  });

  it('refuses what it does not know', () => {
    expect(() => transformerConfig({ ...small, depth: 3 } as TransformerOptions)).toThrow(/depth/);
  });
});

describe('initializeParameters', () => {
  it('makes every parameter, the same for the same key', () => {
    const config = { ...small, tiedHead: false };
    const parameters = initializeParameters(config, ['seed', 1]);
    const shapes = Object.fromEntries(
      Object.entries(parameters).map(([name, { shape }]) => [name, shape]),
    );
    expect(shapes).toEqual(parameterShapes(transformerConfig(config)));
    expect(initializeParameters(config, ['seed', 1])).toEqual(parameters);
    expect(initializeParameters(config, ['seed', 2])).not.toEqual(parameters);
    // 2 * 11 * 8 + 8 + 2 * (8 + 8 * 24 + 8 * 8 + 8 + 8 * 24 + 12 * 8)
    expect(parameterCount(transformerConfig(config))).toBe(1304);
  });

  it('starts with unit norms, and smaller where blocks write to the stream', () => {
    const parameters = initializeParameters({ ...small, width: 64, layers: 8 }, ['seed']);
    const deviation = ({ data }: HostTensor): number =>
      Math.sqrt(Array.from<number>(data).reduce((sum, x) => sum + x * x, 0) / data.length);
    expect(deviation(parameters['layers.3.qkv']!)).toBeCloseTo(0.02, 3);
    expect(deviation(parameters['layers.3.attentionOutput']!)).toBeCloseTo(0.02 / 4, 3);
    expect([...parameters['finalNorm']!.data].every((x) => x === 1)).toBe(true);
  });
});
