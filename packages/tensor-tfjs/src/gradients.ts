import { sumTo } from './broadcasting.js';
import type { Tfjs, TfjsTensor } from './tfjs.js';

/**
 * Operations whose gradient tfjs 4.22 lacks, gets wrong, or has on some backends only. Each carries its own, made of operations that
 * every backend has.
 */
export interface RepairedGradients {
  /** Computes outside the tape: the result is a constant to every gradient. */
  readonly detached: (compute: () => TfjsTensor) => TfjsTensor;
  readonly abs: (x: TfjsTensor) => TfjsTensor;
  readonly minimum: (a: TfjsTensor, b: TfjsTensor) => TfjsTensor;
  readonly maximum: (a: TfjsTensor, b: TfjsTensor) => TfjsTensor;
  readonly max: (x: TfjsTensor, axes: readonly number[], keepDims: boolean) => TfjsTensor;
  readonly where: (condition: TfjsTensor, a: TfjsTensor, b: TfjsTensor) => TfjsTensor;
  readonly gather: (table: TfjsTensor, indices: TfjsTensor) => TfjsTensor;
}

interface Differentiable {
  readonly inputs: readonly TfjsTensor[];
  readonly value: () => TfjsTensor;
  /** What the backward pass needs; tfjs frees everything else when the forward pass ends. */
  readonly save: readonly TfjsTensor[];
  /** One gradient for each input. */
  readonly gradient: (dy: TfjsTensor, saved: readonly TfjsTensor[]) => TfjsTensor[];
}

/** Builds the repaired operations over a tfjs namespace object. */
export function repairedGradients(tf: Tfjs): RepairedGradients {
  const differentiable = ({ inputs, save, value, gradient }: Differentiable): TfjsTensor =>
    tf.customGrad((...args) => {
      const keep = args.at(-1) as unknown as (saved: readonly TfjsTensor[]) => void;
      keep(save);
      return { value: value(), gradFunc: gradient };
    })(...inputs);

  /** Gives each element of a gradient to one of two operands, and sums each part back to its operand's shape. */
  const route = (
    toFirst: TfjsTensor,
    dy: TfjsTensor,
    first: readonly number[],
    second: readonly number[],
  ): TfjsTensor[] => {
    const nothing = tf.zerosLike(dy);
    return [
      sumTo(tf, tf.where(toFirst, dy, nothing), first),
      sumTo(tf, tf.where(toFirst, nothing, dy), second),
    ];
  };

  // tfjs forgets to sum the gradient of a broadcast operand, and then refuses it for its shape.
  const extremum =
    (
      forward: (a: TfjsTensor, b: TfjsTensor) => TfjsTensor,
      firstWins: (a: TfjsTensor, b: TfjsTensor) => TfjsTensor,
    ) =>
    (a: TfjsTensor, b: TfjsTensor): TfjsTensor =>
      differentiable({
        inputs: [a, b],
        save: [a, b],
        value: () => forward(a, b),
        gradient: (dy, saved) => {
          const [first, second] = saved as [TfjsTensor, TfjsTensor];
          return route(firstWins(first, second), dy, first.shape, second.shape);
        },
      });

  return {
    // Without inputs it is a node of the tape that nothing leads to.
    detached: (compute) =>
      differentiable({ inputs: [], save: [], value: compute, gradient: () => [] }),

    // tfjs takes -1 as the slope at 0; 0 is the subgradient of least norm.
    abs: (x) =>
      differentiable({
        inputs: [x],
        save: [x],
        value: () => tf.abs(x),
        gradient: (dy, [at]) => [tf.mul(dy, tf.sign(at!))],
      }),

    minimum: extremum(tf.minimum, tf.lessEqual),
    maximum: extremum(tf.maximum, tf.greaterEqual),

    // tfjs gives every element that attains the maximum the whole gradient; here they share it.
    max: (x, axes, keepDims) =>
      differentiable({
        inputs: [x],
        save: [x],
        value: () => tf.max(x, [...axes], keepDims),
        gradient: (dy, [saved]) => {
          const highest = tf.max(saved!, [...axes], true);
          const winners = tf.cast(tf.equal(saved!, highest), 'float32');
          const share = tf.div(tf.reshape(dy, highest.shape), tf.sum(winners, [...axes], true));
          return [tf.mul(winners, share)];
        },
      }),

    // tfjs repeats a broadcast operand by Tile, whose gradient takes one slice for each repetition, and none beyond rank 4.
    where: (condition, a, b) =>
      differentiable({
        inputs: [a, b],
        save: [condition],
        value: () => tf.where(condition, a, b),
        gradient: (dy, [toFirst]) => route(toFirst!, dy, a.shape, b.shape),
      }),

    // tfjs differentiates it by UnsortedSegmentSum, which the wasm backend lacks and the cpu backend computes one segment at a time
    // (seconds for a small vocabulary). ScatterNd is on every backend and adds up the rows that share an index.
    gather: (table, indices) =>
      differentiable({
        inputs: [table],
        save: [indices],
        value: () => tf.gather(table, indices),
        gradient: (dy, [saved]) => {
          const at = saved!;
          const rows = tf.reshape(dy, [at.size, ...table.shape.slice(1)]);
          return [tf.scatterND(tf.reshape(at, [at.size, 1]), rows, table.shape)];
        },
      }),
  };
}
