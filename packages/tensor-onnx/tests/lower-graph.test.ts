import {
  differentiate,
  graphBuilder,
  trace,
  type HostTensor,
  type TensorProgram,
} from '@spark-rl/tensor';

import { lowerGraph } from '../src/index.js';

const program: TensorProgram = {
  name: 'layer',
  parameters: { w: [4, 4] },
  inputs: {
    x: { dtype: 'float32', shape: ['batch', 'time', 4] },
    past: { dtype: 'float32', shape: ['batch', 'past', 4] },
  },
  run: (ops, p, x) => {
    const all = ops.concat([x['past']!, x['x']!], 1);
    const flat = ops.reshape(all, [-1, 4]);
    return { y: ops.matMul(flat, p['w']!, { transposeB: true }), all };
  },
};

describe('an ONNX model', () => {
  it('keeps input names and named dimensions, and marks outputs as new', () => {
    const model = lowerGraph(trace(program));
    const byName = [...model.inputs].sort((left, right) => (left.name < right.name ? -1 : 1));
    expect(byName).toEqual([
      { name: 'inputs/past', type: 'float32', shape: ['batch', 'past', 4] },
      { name: 'inputs/x', type: 'float32', shape: ['batch', 'time', 4] },
      { name: 'parameters/w', type: 'float32', shape: [4, 4] },
    ]);
    expect(model.outputs).toEqual([
      { name: 'new y', type: 'float32', shape: ['batch*past+batch*time', 4] },
      { name: 'new all', type: 'float32', shape: ['batch', 'past+time', 4] },
    ]);
  });

  it('multiplies matrices with Gemm, without a Transpose', () => {
    const { nodes } = lowerGraph(trace(program));
    expect(nodes.map(({ type }) => type)).toEqual([
      'Concat',
      'Reshape',
      'Gemm',
      'Identity',
      'Identity',
    ]);
    expect(nodes[2]!.attributes).toEqual({ transA: 0, transB: 1 });
  });

  it('takes in what is constant', () => {
    const w: HostTensor = { dtype: 'float32', shape: [4, 4], data: new Float32Array(16).fill(2) };
    const model = lowerGraph(trace(program), { 'parameters/w': w });
    expect(model.inputs.map(({ name }) => name)).not.toContain('parameters/w');
    expect(model.initializers.some(({ data }) => data === w.data)).toBe(true);
  });

  it('writes for WebGPU only what runs there', () => {
    const rows: TensorProgram = {
      name: 'rows',
      parameters: { table: [4, 3] },
      inputs: { i: { dtype: 'int32', shape: ['n'] } },
      run: (ops, p, x) => ({
        y: ops.logSoftmax(ops.gather(p['table']!, x['i']!)),
        hot: ops.oneHot(x['i']!, 3),
      }),
    };
    const types = (composedLogSoftmax: boolean) =>
      lowerGraph(trace(rows), {}, { composedLogSoftmax }).nodes.map(({ type }) => type);
    expect(types(false)).toContain('LogSoftmax');
    expect(types(true)).not.toContain('LogSoftmax');
    expect(types(true)).toEqual(expect.arrayContaining(['ReduceMax', 'Exp', 'ReduceSum', 'Log']));
    for (const composed of [true, false]) expect(types(composed)).not.toContain('OneHot');
  });

  it('adds rows up by int32 indices where int64 would leave the GPU', () => {
    const builder = graphBuilder();
    const table = builder.input('table', { dtype: 'float32', shape: [4, 3] });
    const i = builder.input('i', { dtype: 'int32', shape: ['n'] });
    const loss = builder.ops.sum(builder.ops.exp(builder.ops.gather(table, i)), [0, 1]);
    const outputs = differentiate(builder, loss, { table });
    const inputs = {
      table: { dtype: 'float32', shape: [4, 3] },
      i: { dtype: 'int32', shape: ['n'] },
    } as const;
    const types = (narrowIndices: boolean) =>
      lowerGraph({ name: 'scatter', inputs, outputs }, {}, { narrowIndices }).nodes.map(
        ({ type }) => type,
      );
    expect(types(true)).toContain('ScatterElements');
    expect(types(true)).not.toContain('Cast');
    expect(types(false)).toContain('Cast');
  });

  it('needs an input that tells each dimension', () => {
    const open: TensorProgram = {
      name: 'open',
      parameters: {},
      inputs: { x: { dtype: 'float32', shape: ['past+time'] } },
      run: (ops, _p, x) => ({
        y: ops.mean(ops.exp(x['x']!), [0]),
        z: ops.concat([x['x']!, x['x']!], 0),
      }),
    };
    // Nothing here has to know the sizes of the names.
    expect(lowerGraph(trace(open)).outputs[1]!.shape).toEqual(['2*past+2*time']);
    const spread: TensorProgram = {
      ...open,
      inputs: { x: { dtype: 'float32', shape: ['batch*time', 'heads*width'] } },
      run: (ops, _p, x) => ({ y: ops.reshape(x['x']!, ['heads*width', 'batch*time']) }),
    };
    expect(() => lowerGraph(trace(spread))).toThrow(/no input tells the size of/);
  });
});
