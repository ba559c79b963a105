import {
  childId,
  createTreeBuilder,
  leafId,
  leavesBelow,
  randomSource,
  rootId,
  taskId,
  treeId,
  type CreditedTree,
  type NodeId,
  type RandomSource,
  type Tree,
  type Turn,
} from '@spark-rl/core';
import type { HostTensor, LanguageModel, Named } from '@spark-rl/tensor';

export const VOCABULARY = 7;
const WIDTH = 3;

/** A language model of two matrices that sees only the last token: logits = tanh(embedding[token]) head. */
export const tinyModel: LanguageModel = {
  parameters: { embedding: [VOCABULARY, WIDTH], head: [WIDTH, VOCABULARY] },
  vocabularySize: VOCABULARY,
  contextLength: 64,
  inputs: { tokens: { dtype: 'int32', shape: ['batch', 'time'] } },
  prepare: (tokens, batch, time) => ({
    tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
  }),
  logits: (ops, parameters, inputs, positions) => {
    const embedded = ops.gather(parameters['embedding']!, inputs['tokens']!);
    const chosen = ops.gather(ops.reshape(embedded, [-1, WIDTH]), positions);
    return ops.matMul(ops.tanh(chosen), parameters['head']!);
  },
  // It sees one token: no path.
  tries: {
    inputs: { tokens: { dtype: 'int32', shape: ['batch', 'time'] } },
    prepare: ({ groups }) => {
      const tokens = groups.flatMap((group) => [...group.tokens]);
      return tinyModel.prepare(Int32Array.from(tokens), 1, tokens.length);
    },
    logits: (ops, parameters, inputs, positions) =>
      tinyModel.logits(ops, parameters, inputs, positions),
  },
};

export function tinyParameters(seed: number, scale = 1): Named<HostTensor> {
  const random = randomSource(['tiny parameters', seed]);
  return Object.fromEntries(
    Object.entries(tinyModel.parameters).map(([name, shape]) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      const data = Float32Array.from({ length: size }, () => scale * random.normal());
      return [name, { dtype: 'float32', shape, data }];
    }),
  );
}

/** log p(next | token) of the tiny model at a temperature, in plain arithmetic. */
export function tinyLogProb(
  parameters: Named<HostTensor>,
  token: number,
  next: number,
  temperature: number,
): number {
  const { embedding, head } = parameters;
  const logits = Array.from({ length: VOCABULARY }, (_, v) => {
    let logit = 0;
    for (let j = 0; j < WIDTH; j++) {
      logit += Math.tanh(embedding!.data[token * WIDTH + j]!) * head!.data[j * VOCABULARY + v]!;
    }
    return logit / temperature;
  });
  return logits[next]! - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
}

const tokensOf = (random: RandomSource, least: number, most: number): number[] =>
  Array.from({ length: least + random.integer(most - least + 1) }, () =>
    random.integer(VOCABULARY),
  );

export interface TreeRecipe {
  /** Whether each prompt goes on from the turn before; otherwise every prompt is a window of its own. */
  readonly appendOnly: boolean;
  /** The recorded log-probability of a token after another. */
  readonly logProb?: (token: number, next: number) => number;
  readonly explore?: (turn: number) => boolean;
}

/** A random tree: up to three roots, up to three turns, forks, some failed leaves. */
export function randomTree(
  seed: number,
  { appendOnly, logProb = () => -1, explore }: TreeRecipe,
): Tree {
  const random = randomSource(['random tree', seed]);
  const builder = createTreeBuilder(treeId(`tree-${seed}`), {
    task: { id: taskId('task'), environment: 'test', split: 'train', data: null },
    instruction: '',
    observation: '',
    score: 0,
    settings: {},
  });
  const grow = (id: NodeId, parent: Turn | null, index: number): void => {
    const observation = tokensOf(random, 1, 3);
    const prompt =
      appendOnly && parent !== null
        ? [...parent.generation.promptTokens, ...parent.generation.responseTokens, ...observation]
        : [index, ...observation];
    const response = tokensOf(random, 1, 4);
    const logProbs = response.map((next, i) => logProb(response[i - 1] ?? prompt.at(-1)!, next));
    const width = index === 2 ? 0 : 1 + Number(random.uniform() < 0.4);
    const turn: Turn = {
      id,
      parent: parent?.id ?? null,
      index,
      observation: '',
      generation: {
        text: '',
        policyVersion: '0',
        finish: 'stop',
        promptTokens: Int32Array.from(prompt),
        responseTokens: Int32Array.from(response),
        logProbs: Float32Array.from(logProbs),
        cachedPromptTokens: 0,
      },
      response: {
        valid: true,
        mode: explore === undefined ? null : explore(index) ? 'explore' : 'think',
        reasoning: '',
        action: '',
      },
      action: '',
      admissible: null,
      next: { observation: '', score: 0, status: 'running' },
      requestedWidth: Math.max(1, width),
      grantedWidth: Math.max(1, width),
    };
    builder.addTurn(turn);
    if (width === 0 || random.uniform() < 0.2) {
      const outcome = random.pick(['success', 'failure', 'failure', 'failed'] as const);
      builder.addLeaf({ id: leafId(id), tail: id, outcome, score: 0 });
      return;
    }
    for (let i = 0; i < width; i++) grow(childId(id, i), turn, index + 1);
  };
  const roots = 1 + random.integer(3);
  for (let i = 0; i < roots; i++) grow(rootId(i), null, 0);
  return builder.build({ limit: 99, used: 99, reserved: 0, failed: 0, free: 0 });
}

/** Credits every turn that has completed leaves below it: one copy each, of random advantage and weight. */
export function creditRandomly(tree: Tree, seed: number): CreditedTree {
  const random = randomSource(['credits', seed]);
  const credits = [...leavesBelow(tree)]
    .filter(([, leaves]) => leaves.length > 0)
    .map(([node, leaves]) => ({
      tree: tree.id,
      node,
      copies: leaves.map(({ id }) => ({
        leaf: id,
        advantage: random.normal(),
        weight: 0.1 + random.uniform(),
      })),
    }));
  return { tree, credits };
}

export const randomCreditedTree = (seed: number, recipe: TreeRecipe): CreditedTree =>
  creditRandomly(randomTree(seed, recipe), seed);
