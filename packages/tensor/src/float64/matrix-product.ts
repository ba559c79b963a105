import { matMulShape } from '../shape-rules.js';
import { sizeOf, type Float64Tensor } from './float64-tensor.js';

/** Matrix product over the last two axes, see `TensorOps.matMul`. */
export function matrixProduct(
  a: Float64Tensor,
  b: Float64Tensor,
  transposeA: boolean,
  transposeB: boolean,
): Float64Tensor {
  const shape = matMulShape(a.shape, b.shape, transposeA, transposeB) as readonly number[];
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  const inner = a.shape.at(transposeA ? -2 : -1)!;
  const [rowA, innerA] = transposeA ? [1, rows] : [inner, 1];
  const [innerB, columnB] = transposeB ? [1, inner] : [columns, 1];
  const data = new Float64Array(sizeOf(shape));
  const batches = sizeOf(shape.slice(0, -2));
  const strideB = b.shape.length > 2 ? inner * columns : 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < rows; i++) {
      const out = (batch * rows + i) * columns;
      for (let k = 0; k < inner; k++) {
        const left = a.data[batch * rows * inner + i * rowA + k * innerA]!;
        const right = batch * strideB + k * innerB;
        for (let j = 0; j < columns; j++) data[out + j]! += left * b.data[right + j * columnB]!;
      }
    }
  }
  return { dtype: 'float32', shape, data };
}
