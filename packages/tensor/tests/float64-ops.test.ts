import { float64Ops as ops, type Float64Tensor } from '../src/index.js';

const tensor = (shape: readonly number[], ...values: number[]): Float64Tensor =>
  ops.constant(values, shape);
const ints = (shape: readonly number[], ...values: number[]): Float64Tensor => ({
  ...tensor(shape, ...values),
  dtype: 'int32',
});
const show = ({ shape, data }: Float64Tensor) => ({ shape: [...shape], data: [...data] });

const m = tensor([2, 3], 1, 2, 3, 4, 5, 6);

describe('float64 operations', () => {
  it('broadcast as NumPy does', () => {
    expect(show(ops.add(m, tensor([3], 10, 20, 30)))).toEqual({
      shape: [2, 3],
      data: [11, 22, 33, 14, 25, 36],
    });
    expect(show(ops.sub(tensor([2, 1], 1, 2), tensor([1, 2], 10, 20)))).toEqual({
      shape: [2, 2],
      data: [-9, -19, -8, -18],
    });
    expect(show(ops.broadcastTo(tensor([2, 1], 1, 2), [2, 2, 2]))).toEqual({
      shape: [2, 2, 2],
      data: [1, 1, 2, 2, 1, 1, 2, 2],
    });
    expect(() => ops.add(m, tensor([2], 1, 2))).toThrow(/\[2, 3\] and \[2\] do not broadcast/);
  });

  it('compare and choose', () => {
    const two = ops.constant(2);
    expect(show(ops.less(tensor([3], 1, 2, 3), two)).data).toEqual([1, 0, 0]);
    expect(show(ops.lessEqual(tensor([3], 1, 2, 3), two)).data).toEqual([1, 1, 0]);
    expect(show(ops.where(ops.equal(tensor([3], 1, 2, 3), two), tensor([1], 7), two)).data).toEqual(
      [2, 7, 2],
    );
  });

  it('multiply matrices, transposed or not, shared or batched', () => {
    const square = tensor([3, 2], 1, 0, 0, 1, 1, 1);
    expect(show(ops.matMul(m, square))).toEqual({ shape: [2, 2], data: [4, 5, 10, 11] });
    expect(show(ops.matMul(m, m, { transposeB: true }))).toEqual({
      shape: [2, 2],
      data: [14, 32, 32, 77],
    });
    expect(show(ops.matMul(m, m, { transposeA: true })).shape).toEqual([3, 3]);
    const batched = ops.reshape(m, [2, 1, 3]);
    expect(show(ops.matMul(batched, square))).toEqual({ shape: [2, 1, 2], data: [4, 5, 10, 11] });
    expect(show(ops.matMul(batched, batched, { transposeB: true }))).toEqual({
      shape: [2, 1, 1],
      data: [14, 77],
    });
    expect(() => ops.matMul(m, m)).toThrow(/matMul/);
  });

  it('move numbers', () => {
    expect(show(ops.transpose(m, [1, 0]))).toEqual({ shape: [3, 2], data: [1, 4, 2, 5, 3, 6] });
    expect(show(ops.slice(m, -1, 1, 3))).toEqual({ shape: [2, 2], data: [2, 3, 5, 6] });
    expect(show(ops.concat([m, ops.slice(m, 1, 0, 1)], 1))).toEqual({
      shape: [2, 4],
      data: [1, 2, 3, 1, 4, 5, 6, 4],
    });
    expect(show(ops.pad(tensor([2], 1, 2), 0, 1, 2)).data).toEqual([0, 1, 2, 0, 0]);
    expect(show(ops.reshape(m, [-1, 2])).shape).toEqual([3, 2]);
    expect(show(ops.reshape(ops.reshape(m, [1, 2, 3]), ['batch', -1])).shape).toEqual([1, 6]);
    expect(() => ops.reshape(m, [4, -1])).toThrow(/cannot be seen as/);
    expect(() => ops.slice(m, 1, 2, 4)).toThrow(/\[2, 4\)/);
    expect(() => ops.transpose(m, [0, 0])).toThrow(/permutation/);
  });

  it('look up, and add up, by index', () => {
    expect(show(ops.gather(m, ints([3], 1, 0, 1)))).toEqual({
      shape: [3, 3],
      data: [4, 5, 6, 1, 2, 3, 4, 5, 6],
    });
    expect(show(ops.scatterAdd(ints([2], 1, 1), m, 3))).toEqual({
      shape: [3, 3],
      data: [0, 0, 0, 5, 7, 9, 0, 0, 0],
    });
    expect(show(ops.oneHot(ints([4], -1, 0, 2, 3), 3))).toEqual({
      shape: [4, 3],
      data: [0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0],
    });
    expect(() => ops.gather(m, ints([1], 2))).toThrow(/index 2 is outside a table of 2 rows/);
  });

  it('reduce', () => {
    expect(show(ops.sum(m, [0]))).toEqual({ shape: [3], data: [5, 7, 9] });
    expect(show(ops.mean(m, [-1], true))).toEqual({ shape: [2, 1], data: [2, 5] });
    expect(show(ops.max(m, [0, 1]))).toEqual({ shape: [], data: [6] });
    expect(() => ops.sum(m, [2])).toThrow(/no axis 2/);
  });

  it('keep softmax finite for large logits', () => {
    const logits = tensor([1, 3], 1000, 1000, -1000);
    expect(show(ops.softmax(logits)).data).toEqual([0.5, 0.5, 0]);
    expect(show(ops.logSoftmax(logits)).data).toEqual([-Math.LN2, -Math.LN2, -2000 - Math.LN2]);
  });
});
