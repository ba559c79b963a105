import { parseInput, randomSource, type RandomKey } from '@spark-rl/core';
import type { HostTensor, Named, TensorOps, ValueModel } from '@spark-rl/tensor';
import { z } from 'zod';

import { parameterShapes, transformerConfig, type TransformerOptions } from './config.js';
import { decoderTransformer } from './decoder-transformer.js';
import { initializeParameters } from './initialize-parameters.js';
import { checkParameters } from './model-files.js';
import { need } from './parameters.js';

const valueHeadSchema = z.strictObject({
  hiddenWidth: z.int().min(1).optional(),
  trunk: z.enum(['frozen', 'trained']).default('frozen'),
});

/** What a value head is like. */
export interface ValueHeadOptions {
  /** Units of a hidden layer (tanh) of the head. Default none: the head is linear. */
  readonly hiddenWidth?: number | undefined;
  /** Whether training leaves the transformer below the head as it is. Default `frozen`. */
  readonly trunk?: 'frozen' | 'trained' | undefined;
}

const HIDDEN = 'valueHead.hidden.weight';
const HIDDEN_BIAS = 'valueHead.hidden.bias';
const WEIGHT = 'valueHead.weight';
const BIAS = 'valueHead.bias';

/** The head's own parameters; matrices are stored as the output head is, [out, in]. */
const headShapes = (width: number, hiddenWidth: number | undefined): Named<readonly number[]> =>
  hiddenWidth === undefined
    ? { [WEIGHT]: [1, width], [BIAS]: [1] }
    : {
        [HIDDEN]: [hiddenWidth, width],
        [HIDDEN_BIAS]: [hiddenWidth],
        [WEIGHT]: [1, hiddenWidth],
        [BIAS]: [1],
      };

const readOptions = (head: ValueHeadOptions): z.output<typeof valueHeadSchema> =>
  parseInput(valueHeadSchema, head, 'options of the value head');

/** All that a policy's transformer has but its output head: of what it could say next a value needs nothing. */
function trunkShapes(options: TransformerOptions): Named<readonly number[]> {
  return parameterShapes({ ...transformerConfig(options), tiedHead: true });
}

/**
 * A transformer with a value head: the logit of success at a position, w · h + b, where h [width] is the hidden state there after the final
 * norm; with a hidden layer w · tanh(W h + c) + b. Its parameters are those of {@link decoderTransformer} without an output head, and
 * `valueHead.weight` [1, width], `valueHead.bias` [1]; the hidden layer's are `valueHead.hidden.weight` [hiddenWidth, width] and
 * `valueHead.hidden.bias`, and `valueHead.weight` is then [1, hiddenWidth]. Verifiers of this kind: Cobbe et al., arXiv 2110.14168.
 *
 * @throws InvalidInputError naming the field at fault
 */
export function valueTransformer(
  options: TransformerOptions,
  head: ValueHeadOptions = {},
): ValueModel {
  const { hiddenWidth, trunk } = readOptions(head);
  // With an output head of its own, the transformer multiplies the normed hidden state by whatever stands there: here the value head.
  const transformer = decoderTransformer({ ...options, tiedHead: false });
  const { contextLength, inputs, prepare } = transformer;
  const { width } = transformerConfig(options);
  const body = trunkShapes(options);
  return {
    parameters: { ...body, ...headShapes(width, hiddenWidth) },
    frozen: trunk === 'frozen' ? Object.keys(body) : [],
    contextLength,
    inputs,
    prepare,
    values: <T>(ops: TensorOps<T>, parameters: Named<T>, given: Named<T>, positions: T): T => {
      const first = need(parameters, hiddenWidth === undefined ? WEIGHT : HIDDEN);
      const product = transformer.logits(
        ops,
        { ...parameters, outputHead: first },
        given,
        positions,
      );
      const bias = need(parameters, BIAS);
      if (hiddenWidth === undefined) return ops.sum(ops.add(product, bias), [-1]);
      const hidden = ops.tanh(ops.add(product, need(parameters, HIDDEN_BIAS)));
      const weight = need(parameters, WEIGHT);
      return ops.sum(ops.add(ops.matMul(hidden, weight, { transposeB: true }), bias), [-1]);
    },
  };
}

/**
 * Weights to begin with: the transformer's, its output head left out, and a fresh head: weights are normal with standard deviation
 * 1 / sqrt(inputs), from streams of their names, biases 0.
 *
 * @param trunk - the weights of a policy; default fresh ones of the same key
 * @throws InvalidInputError naming the field at fault, CheckpointError naming the first weight of the trunk that does not fit
 */
export function initializeValueParameters(
  options: TransformerOptions,
  head: ValueHeadOptions,
  key: RandomKey,
  trunk: Named<HostTensor> = initializeParameters(options, key),
): Named<HostTensor> {
  const { hiddenWidth } = readOptions(head);
  checkParameters(options, trunk);
  const shapes = headShapes(transformerConfig(options).width, hiddenWidth);
  const fresh = Object.entries(shapes).map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
    const [, inputs] = shape;
    if (inputs !== undefined) {
      const random = randomSource([...key, 'parameter', name]);
      for (let i = 0; i < data.length; i++) data[i] = random.normal() / Math.sqrt(inputs);
    }
    return [name, { dtype: 'float32', shape, data } satisfies HostTensor] as const;
  });
  const body = Object.keys(trunkShapes(options)).map((name) => [name, trunk[name]!] as const);
  return Object.fromEntries([...body, ...fresh]);
}
