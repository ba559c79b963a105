import { randomSource } from '@spark-rl/core';
import {
  defaultAdamW,
  type Engine,
  type HostTensor,
  type LossProgram,
  type Named,
} from '@spark-rl/tensor';
import {
  decoderTransformer,
  initializeParameters,
  loadTokenizer,
  trainTokenizer,
  transformerPolicy,
  type TransformerOptions,
} from '@spark-rl/transformer-policy';

/** How fast an engine is on a small transformer. */
export interface EngineSpeed {
  /** Median milliseconds of a training step (forward, backward, clipping, AdamW) on `trainedTokens` tokens. */
  readonly trainingStepMs: number;
  readonly trainedTokens: number;
  /** Numbers that the measured model learns. */
  readonly parameters: number;
  /** Response tokens per second, `DECODED_ROWS` responses at a time. */
  readonly decodedTokensPerSecond: number;
}

const BATCH = 4;
const TIME = 128;
const DECODED_ROWS = 32;
const RESPONSE_TOKENS = 16;

const tokenizer = (): ReturnType<typeof loadTokenizer> =>
  loadTokenizer(trainTokenizer(['go to the fridge and take the egg'], { vocabularySize: 300 }));

/** Cross-entropy of random tokens: the work of training, without its data. */
function speedLoss(config: TransformerOptions): {
  readonly loss: LossProgram;
  readonly inputs: Named<HostTensor>;
} {
  const model = decoderTransformer(config);
  const random = randomSource(['engine speed']);
  const tokens = Int32Array.from({ length: BATCH * TIME }, () =>
    random.integer(config.vocabularySize),
  );
  const positions = Int32Array.from({ length: BATCH * TIME }, (_, i) => i);
  const shape = [BATCH * TIME];
  return {
    loss: {
      name: 'engine-speed',
      parameters: model.parameters,
      inputs: {
        ...model.inputs,
        predictors: { dtype: 'int32', shape: ['targets'] },
        targets: { dtype: 'int32', shape: ['targets'] },
      },
      run: (ops, parameters, inputs) => {
        const logits = model.logits(ops, parameters, inputs, inputs['predictors']!);
        const chosen = ops.mul(
          ops.logSoftmax(logits),
          ops.oneHot(inputs['targets']!, config.vocabularySize),
        );
        return { loss: ops.neg(ops.mean(ops.sum(chosen, [-1]), [0])), metrics: {} };
      },
    },
    inputs: {
      ...model.prepare(tokens, BATCH, TIME),
      predictors: { dtype: 'int32', shape, data: positions },
      targets: { dtype: 'int32', shape, data: tokens },
    },
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;

const CONFIG = { contextLength: 256, layers: 2, width: 64, heads: 4 } as const;

/** The milliseconds of training steps within a time. The first counts only where it takes all of it: it compiles. */
async function timeSteps(
  engine: Engine,
  config: TransformerOptions,
  start: Named<HostTensor>,
  milliseconds: number,
): Promise<readonly number[]> {
  const { loss, inputs } = speedLoss(config);
  const trainer = await engine.compileTraining(loss, defaultAdamW, start);
  const times: number[] = [];
  try {
    const until = performance.now() + milliseconds;
    do {
      const began = performance.now();
      await trainer.step([inputs], { learningRate: 1e-4 });
      times.push(performance.now() - began);
    } while (performance.now() < until);
  } finally {
    trainer.dispose();
  }
  return times.length > 1 ? times.slice(1) : times;
}

/** Response tokens per second of a policy on the engine, over whole rounds of responses. */
async function decodingSpeed(
  engine: Engine,
  config: TransformerOptions,
  start: Named<HostTensor>,
  words: ReturnType<typeof tokenizer>,
  milliseconds: number,
): Promise<number> {
  const parameters = engine.parameters(start);
  const policy = transformerPolicy({
    engine,
    config,
    tokenizer: words,
    parameters,
    version: 'speed',
  });
  const respond = async (round: number, rows: number, maxTokens: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: rows }, (_, row) =>
        policy.generate({
          prompt: { kind: 'transcript', segments: [{ text: `take the egg ${row} ${round}` }] },
          sampling: { temperature: 1, maxTokens },
          key: ['engine speed', round, row],
          affinity: String(row),
        }),
      ),
    );
  };
  try {
    await respond(0, 2, 2);
    const tokensBefore = policy.stats().generatedTokens;
    const began = performance.now();
    let round = 1;
    do await respond(round++, DECODED_ROWS, RESPONSE_TOKENS);
    while (performance.now() - began < milliseconds);
    return (1000 * (policy.stats().generatedTokens - tokensBefore)) / (performance.now() - began);
  } finally {
    await policy.close();
    parameters.dispose();
  }
}

/** Measures an engine for about `seconds` seconds, half of them training and half of them decoding; a slow one takes one step of each at least. */
export async function measureEngine(
  engine: Engine,
  options: { readonly seconds: number },
): Promise<EngineSpeed> {
  const words = tokenizer();
  const config: TransformerOptions = { ...CONFIG, vocabularySize: words.vocabularySize };
  const start = initializeParameters(config, ['engine speed']);
  const half = 500 * options.seconds;
  const times = await timeSteps(engine, config, start, half);
  return {
    trainingStepMs: median(times),
    trainedTokens: BATCH * TIME,
    parameters: Object.values(start).reduce((sum, { data }) => sum + data.length, 0),
    decodedTokensPerSecond: await decodingSpeed(engine, config, start, words, half),
  };
}
