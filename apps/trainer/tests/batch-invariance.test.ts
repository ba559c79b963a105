/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { hashText, type Generation, type GenerationRequest } from '@spark-rl/core';
import type { Engine, HostTensor, Named } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsCpu, tfjsWasm } from '@spark-rl/tensor-tfjs';
import {
  initializeAdapters,
  initializeParameters,
  loadTokenizer,
  trainTokenizer,
  transformerPolicy,
  type LoraOptions,
  type TransformerOptions,
  type TransformerPolicy,
  type TransformerPolicyOptions,
} from '@spark-rl/transformer-policy';

/**
 * The promise of design section 7, on the engines that make it: a response depends on the weights, the prompt and the key alone. Responses
 * are compared with the log-probabilities of the whole vocabulary at every position, so one different bit in one logit is found.
 */
const text = 'You are in the middle of a room. On the cabinet 1, you see a mug 2, a plate 3. ';
const tokenizer = loadTokenizer(trainTokenizer([text.repeat(4)], { vocabularySize: 290 }));

interface Size {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly more?: Partial<TransformerOptions>;
  readonly lora?: LoraOptions;
}
const small: Size = { name: 'a small model', layers: 2, width: 64, heads: 4 };
const odd: Size = {
  name: 'a wider model whose sizes are no powers of two',
  layers: 1,
  width: 120,
  heads: 3,
};
const grouped: Size = {
  name: 'a model with grouped queries, as Qwen3 and Llama 3 have them',
  layers: 2,
  width: 64,
  heads: 6,
  more: {
    keyValueHeads: 2,
    headDim: 24,
    queryKeyNorm: true,
    ropeScaling: {
      factor: 4,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextLength: 64,
    },
  },
};
const biased: Size = {
  name: 'a model with one head of keys and biases, as Qwen2 has them',
  layers: 2,
  width: 64,
  heads: 4,
  more: { keyValueHeads: 1, qkvBias: true, tiedHead: false },
};
// A product with one column is another path of BLAS libraries than one with several.
const adapted: Size = { ...grouped, name: 'a model with adapters', lora: { rank: 5, alpha: 10 } };
const thinlyAdapted: Size = {
  ...biased,
  name: 'a model with adapters of rank 1',
  lora: { rank: 1, alpha: 2 },
};
// Plain JavaScript is a hundred times slower: a tiny model, and short prompts.
const tiny: Size = { name: 'a tiny model', layers: 2, width: 12, heads: 2 };
const tinyGrouped: Size = {
  name: 'a tiny model with grouped queries',
  layers: 1,
  width: 12,
  heads: 3,
  more: { keyValueHeads: 1, headDim: 4, queryKeyNorm: true },
};

const LENGTHS = [1, 2, 3, 7, 16, 31, 33, 62, 64, 65, 90, 120, 127, 129, 180, 200];
const SHORT = [1, 2, 3, 7, 8, 20];

const engines = [
  {
    name: 'onnx-cpu with one thread',
    provider: onnxCpu({ threads: 1 }),
    sizes: [small, odd, grouped, biased, adapted, thinlyAdapted],
    lengths: LENGTHS,
  },
  {
    name: 'onnx-cpu with two threads',
    provider: onnxCpu({ threads: 2 }),
    sizes: [small, odd, grouped, biased, adapted, thinlyAdapted],
    lengths: LENGTHS,
  },
  {
    name: 'tfjs-wasm',
    provider: tfjsWasm(),
    sizes: [small, odd, grouped, biased, adapted, thinlyAdapted],
    lengths: LENGTHS,
  },
  { name: 'tfjs-cpu', provider: tfjsCpu(), sizes: [tiny, tinyGrouped], lengths: SHORT },
];

jest.setTimeout(60_000);

/** Fresh weights are nearly uniform; these disagree with each other, as trained ones do. */
function sharpWeights(
  config: TransformerPolicyOptions['config'],
  lora: LoraOptions | undefined,
): Named<HostTensor> {
  const fresh = {
    ...initializeParameters(config, ['weights']),
    ...(lora === undefined ? {} : initializeAdapters(config, lora, ['weights'])),
  };
  return Object.fromEntries(
    Object.entries(fresh).map(([name, tensor]) => [
      name,
      name.endsWith('Norm')
        ? tensor
        : ({
            ...tensor,
            data: Float32Array.from(tensor.data, (x, i) =>
              // Fresh adapters change nothing: half of them is zero.
              /Bias$|loraB$/.test(name) ? Math.sin(i) / 4 : 6 * x,
            ),
          } as HostTensor),
    ]),
  );
}

const call = (length: number, index: number): GenerationRequest => ({
  prompt: {
    kind: 'transcript',
    // Rows that begin alike and rows that do not.
    segments: [{ tokens: tokenizer.encode(text.slice(index % 3).repeat(8)).slice(0, length) }],
  },
  sampling: { temperature: 1, maxTokens: 5 },
  key: ['row', index],
  affinity: 'test',
  want: { entropies: true, topLogProbs: tokenizer.vocabularySize },
});

/** One line for each row: its tokens, and a hash of all log-probabilities (numbers print as they are, to the bit). */
const answers = (generations: readonly Generation[]): string[] =>
  generations.map(({ promptTokens, responseTokens, logProbs, entropies, topLogProbs }) => {
    const numbers = JSON.stringify([[...logProbs], [...entropies!], topLogProbs]);
    return `${promptTokens.length} -> ${responseTokens.join(' ')} ${hashText(numbers)}`;
  });

describe.each(engines)('$name', ({ provider, sizes, lengths }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await provider.open();
    expect(engine.batchInvariant).toBe(true);
  });
  afterAll(() => engine.dispose());

  describe.each(sizes)('$name', ({ layers, width, heads, more, lora }) => {
    const config = {
      vocabularySize: tokenizer.vocabularySize,
      contextLength: 256,
      layers,
      width,
      heads,
      ...more,
    };
    const calls = lengths.map(call);
    let alone: string[];

    const withPolicy = async <Result>(
      options: Partial<TransformerPolicyOptions>,
      use: (policy: TransformerPolicy) => Promise<Result>,
    ): Promise<Result> => {
      const parameters = engine.parameters(sharpWeights(config, lora));
      const policy = transformerPolicy({
        engine,
        config,
        lora,
        tokenizer,
        parameters,
        version: 'v',
        ...options,
      });
      try {
        return await use(policy);
      } finally {
        await policy.close();
        parameters.dispose();
      }
    };
    const together = (policy: TransformerPolicy, requests = calls): Promise<Generation[]> =>
      Promise.all(requests.map((request) => policy.generate(request)));

    beforeAll(async () => {
      alone = await withPolicy({ prefixCacheBytes: 0, prefillChunk: 256 }, async (policy) => {
        const generations: Generation[] = [];
        for (const request of calls) generations.push(await policy.generate(request));
        return answers(generations);
      });
    });

    it.each([
      { name: 'among all others', options: { prefixCacheBytes: 0, prefillChunk: 256 } },
      { name: 'prefilled token by token', options: { prefixCacheBytes: 0, prefillChunk: 1 } },
      { name: 'prefilled in chunks of 7', options: { prefixCacheBytes: 0, prefillChunk: 7 } },
      { name: 'prefilled in chunks of 64', options: { prefixCacheBytes: 0, prefillChunk: 64 } },
      { name: 'three at a time, with the prefix cache', options: { maxRows: 3 } },
      { name: 'with a prefix cache that forgets', options: { prefixCacheBytes: 100_000 } },
    ])('gives the same bits $name', async ({ options }) => {
      const generations = await withPolicy(options, (policy) => together(policy));
      expect(answers(generations)).toEqual(alone);
    });

    it('gives the same bits from the prefix cache', async () => {
      const generations = await withPolicy({}, async (policy) => {
        await together(policy);
        return together(policy, [...calls].reverse());
      });
      expect(generations[0]!.cachedPromptTokens).toBe(lengths.at(-1)! - 1);
      expect(answers(generations.reverse())).toEqual(alone);
    });
  });
});
