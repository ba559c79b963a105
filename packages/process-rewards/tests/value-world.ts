import {
  createTreeBuilder,
  leafId,
  randomSource,
  taskId,
  treeId,
  type Generation,
  type LeafOutcome,
  type NodeId,
  type Tree,
} from '@spark-rl/core';
import type { HostTensor, Named, TensorOps, ValueModel } from '@spark-rl/tensor';

/** Fields 0 to 5; a walker goes left or right by chance until it stands at an end. One of the ends is the goal. */
export const LENGTH = 5;
const MOST_TURNS = 40;
/** Tokens: fields, then the two goals, then the two moves. */
const GOAL = LENGTH + 1;
const MOVE = GOAL + 2;
export const VOCABULARY = MOVE + 2;

/** What a turn's tokens say: from where to where, and what for. */
export function readTurn(tokens: Int32Array): { readonly next: number; readonly goal: number } {
  const [goal, position, move] = [...tokens.slice(-3)] as [number, number, number];
  return { next: position + (move === MOVE ? -1 : 1), goal: (goal - GOAL) * LENGTH };
}

/** The chance that a walker by chance reaches the goal before the other end, having taken a turn: how far it stands from the other end. */
export function trueValue(tokens: Int32Array): number {
  const { next, goal } = readTurn(tokens);
  return 1 - Math.abs(goal - next) / LENGTH;
}

export const generation = (prompt: readonly number[], response: readonly number[]): Generation => ({
  text: response.join(' '),
  policyVersion: '0',
  finish: 'stop',
  promptTokens: Int32Array.from(prompt),
  responseTokens: Int32Array.from(response),
  logProbs: new Float32Array(response.length),
  cachedPromptTokens: 0,
});

export const builderOf = (id: string, task = id) =>
  createTreeBuilder(treeId(id), {
    task: { id: taskId(task), environment: 'walk', split: 's', data: null },
    instruction: 'Walk.',
    observation: 'Start.',
    score: 0,
    settings: {},
  });

export const account = { limit: 9, used: 9, reserved: 0, failed: 0, free: 0 };

export function addTurn(
  builder: ReturnType<typeof createTreeBuilder>,
  id: string,
  prompt: readonly number[],
  response: readonly number[],
): void {
  const dot = id.lastIndexOf('.');
  builder.addTurn({
    id: id as NodeId,
    parent: dot < 0 ? null : (id.slice(0, dot) as NodeId),
    index: id.split('.').length - 1,
    observation: 'o',
    generation: generation(prompt, response),
    response: { valid: true, mode: null, reasoning: '', action: 'a' },
    action: 'a',
    admissible: null,
    next: { observation: 'o', score: 0, status: 'running' },
    requestedWidth: 1,
    grantedWidth: 1,
  });
}

/** A tree of walks: two children after the first turn, one after the others. Prompts have noise of several lengths before them. */
export function walkTree(seed: number): Tree {
  const random = randomSource(['walk', seed]);
  const builder = builderOf(`tree-${seed}`, `task-${seed}`);
  const goal = random.integer(2);
  const walk = (id: string, position: number, turn: number): void => {
    const move = random.integer(2);
    const noise = Array.from({ length: random.integer(3) }, () => random.integer(LENGTH + 1));
    addTurn(builder, id, [...noise, GOAL + goal, position], [MOVE + move]);
    const next = position + 2 * move - 1;
    const end = (outcome: LeafOutcome): void =>
      builder.addLeaf({ id: leafId(id), tail: id as NodeId, outcome, score: 0 });
    if (next === goal * LENGTH) end('success');
    else if (next === 0 || next === LENGTH) end('failure');
    else if (turn + 1 >= MOST_TURNS) end('truncated');
    else for (let i = 0; i < (turn < 1 ? 2 : 1); i++) walk(`${id}.${i}`, next, turn + 1);
  };
  walk('0', 1 + random.integer(LENGTH - 1), 0);
  return builder.build(account);
}

const WIDTH = 8;
const TRUNK = { embedding: [VOCABULARY, WIDTH], mixing: [2 * WIDTH, 24], mixingBias: [24] };
const HEAD = { 'valueHead.weight': [24, 1], 'valueHead.bias': [1] };

/** A small causal model: a token's embedding, and the recent past averaged, through a hidden layer. */
export const walkModel = (trunk: 'frozen' | 'trained' = 'trained'): ValueModel => ({
  parameters: { ...TRUNK, ...HEAD },
  frozen: trunk === 'frozen' ? Object.keys(TRUNK) : [],
  contextLength: 64,
  inputs: {
    tokens: { dtype: 'int32', shape: ['batch', 'time'] },
    recent: { dtype: 'float32', shape: ['time', 'time'] },
  },
  prepare: (tokens, batch, time) => {
    const recent = new Float32Array(time * time);
    // What is nearer weighs more, so that the order of tokens can be told.
    for (let to = 0; to < time; to++)
      for (let from = 0; from < to; from++) recent[to * time + from] = 0.5 ** (to - from - 1);
    return {
      tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
      recent: { dtype: 'float32', shape: [time, time], data: recent },
    };
  },
  values: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>, positions: T): T => {
    const own = ops.gather(parameters['embedding']!, inputs['tokens']!);
    const past = ops.matMul(ops.transpose(own, [0, 2, 1]), inputs['recent']!, {
      transposeB: true,
    });
    const both = ops.concat([own, ops.transpose(past, [0, 2, 1])], 2);
    const rows = ops.gather(ops.reshape(both, [-1, 2 * WIDTH]), positions);
    const mixed = ops.add(ops.matMul(rows, parameters['mixing']!), parameters['mixingBias']!);
    const value = ops.matMul(ops.tanh(mixed), parameters['valueHead.weight']!);
    return ops.sum(ops.add(value, parameters['valueHead.bias']!), [-1]);
  },
});

export function walkParameters(seed: number): Named<HostTensor> {
  return Object.fromEntries(
    Object.entries(walkModel().parameters).map(([name, shape]) => {
      const random = randomSource(['walk model', seed, name]);
      const size = shape.reduce((product, dim) => product * dim, 1);
      const data = Float32Array.from({ length: size }, () => random.normal() / 2);
      return [name, { dtype: 'float32', shape, data } satisfies HostTensor];
    }),
  );
}
