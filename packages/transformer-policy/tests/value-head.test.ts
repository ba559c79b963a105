import { CheckpointError, InvalidInputError, randomSource } from '@spark-rl/core';
import {
  defaultAdamW,
  differentiate,
  float64Ops,
  fromHost,
  graphBuilder,
  interpret,
  referenceEngine,
  traceLoss,
  type GraphNode,
  type HostTensor,
  type LossProgram,
  type Named,
  type TensorSpec,
  type ValueModel,
} from '@spark-rl/tensor';

import {
  decoderTransformer,
  initializeParameters,
  initializeValueParameters,
  parameterShapes,
  transformerConfig,
  valueTransformer,
  type ValueHeadOptions,
} from '../src/index.js';

const config = {
  vocabularySize: 7,
  contextLength: 12,
  layers: 2,
  width: 8,
  heads: 2,
  hiddenWidth: 12,
};
const engine = referenceEngine();
const heads: readonly [string, ValueHeadOptions][] = [
  ['a linear head', { trunk: 'trained' }],
  ['a hidden layer', { trunk: 'trained', hiddenWidth: 3 }],
];

const float = (shape: readonly number[], data: ArrayLike<number>): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

/** Larger than fresh weights, so that every part has a say; biases are not zero. */
const busy = (head: ValueHeadOptions, options: typeof config = config): Named<HostTensor> =>
  Object.fromEntries(
    Object.entries(initializeValueParameters(options, head, ['busy'])).map(([name, tensor]) => [
      name,
      float(
        tensor.shape,
        tensor.data.map((x: number, i: number) =>
          name.endsWith('bias') ? Math.cos(i + 1) / 2 : name.startsWith('value') ? x : 15 * x,
        ),
      ),
    ]),
  );

async function outputs(
  model: Pick<ValueModel, 'parameters' | 'inputs' | 'prepare'> & { read: ValueModel['values'] },
  parameters: Named<HostTensor>,
  rows: readonly (readonly number[])[],
  positions: readonly number[],
): Promise<number[]> {
  const program = await engine.compile({
    name: 'read',
    parameters: model.parameters,
    inputs: { ...model.inputs, at: { dtype: 'int32', shape: ['n'] } },
    run: (ops, weights, inputs) => ({ read: model.read(ops, weights, inputs, inputs['at']!) }),
  });
  const { read } = await program.run(engine.parameters(parameters), {
    ...model.prepare(Int32Array.from(rows.flat()), rows.length, rows[0]!.length),
    at: { dtype: 'int32', shape: [positions.length], data: Int32Array.from(positions) },
  });
  return [...read!.data];
}

const rows = [
  [3, 0, 6, 6, 1],
  [2, 5, 5, 0, 4],
];
const positions = [4, 9, 2];

describe('valueTransformer', () => {
  it('reads the hidden state that logits are made of: a head of embeddings gives their logits', async () => {
    const parameters = initializeParameters(config, ['policy']);
    const policy = decoderTransformer(config);
    const all = await outputs({ ...policy, read: policy.logits }, parameters, rows, positions);
    const logit = (place: number, token: number): number => all[place * 7 + token]!;
    const embedding = (token: number): number[] => [
      ...parameters['tokenEmbedding']!.data.slice(token * 8, token * 8 + 8),
    ];
    const linear = valueTransformer(config);
    const values = await outputs(
      { ...linear, read: linear.values },
      {
        ...parameters,
        'valueHead.weight': float([1, 8], embedding(5)),
        'valueHead.bias': float([1], [0.25]),
      },
      rows,
      positions,
    );
    expect(values).toHaveLength(3);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(logit(i, 5) + 0.25, 6);

    const deep = valueTransformer(config, { hiddenWidth: 2 });
    const deepValues = await outputs(
      { ...deep, read: deep.values },
      {
        ...parameters,
        'valueHead.hidden.weight': float([2, 8], [...embedding(5), ...embedding(1)]),
        'valueHead.hidden.bias': float([2], [0.5, -1]),
        'valueHead.weight': float([1, 2], [2, -3]),
        'valueHead.bias': float([1], [0.25]),
      },
      rows,
      positions,
    );
    for (const [i, value] of deepValues.entries()) {
      const expected = 2 * Math.tanh(logit(i, 5) + 0.5) - 3 * Math.tanh(logit(i, 1) - 1) + 0.25;
      expect(value).toBeCloseTo(expected, 6);
    }
  });

  it('needs no output head, whether the policy has one of its own or not', () => {
    const own = { ...config, tiedHead: false };
    expect(Object.keys(parameterShapes(transformerConfig(own)))).toContain('outputHead');
    expect(valueTransformer(own).parameters).toEqual(valueTransformer(config).parameters);
    const trunk = initializeParameters(own, ['policy']);
    const start = initializeValueParameters(own, {}, ['head'], trunk);
    expect(Object.keys(start)).toEqual(Object.keys(valueTransformer(own).parameters));
    expect(start['layers.1.qkv']).toBe(trunk['layers.1.qkv']);
  });

  it.each(heads)('has the gradients that differences have, with %s', (_, head) => {
    const model = valueTransformer(config, head);
    const program: LossProgram = {
      name: 'weighed values',
      parameters: model.parameters,
      inputs: { ...model.inputs, at: { dtype: 'int32', shape: [3] } },
      run: (ops, parameters, inputs) => ({
        loss: ops.sum(
          ops.mul(
            model.values(ops, parameters, inputs, inputs['at']!),
            ops.constant([1, -2, 0.5], [3]),
          ),
          [0],
        ),
        metrics: {},
      }),
    };
    const builder = graphBuilder();
    const { loss, parameters } = traceLoss(builder, program);
    const names = Object.keys(parameters);
    const gradients = differentiate(builder, loss, parameters);
    const specs = Object.fromEntries<TensorSpec>([
      ...names.map(
        (name) =>
          [`parameters/${name}`, { dtype: 'float32', shape: model.parameters[name]! }] as const,
      ),
      ...Object.entries(program.inputs).map(([name, spec]) => [`inputs/${name}`, spec] as const),
    ]);
    const run = (outputNodes: Named<GraphNode>, weights: Named<ReturnType<typeof fromHost>>) =>
      interpret(
        { name: 'test', inputs: specs, outputs: outputNodes },
        float64Ops,
        Object.fromEntries([
          ...Object.entries(weights).map(([name, x]) => [`parameters/${name}`, x] as const),
          ...Object.entries({
            ...model.prepare(Int32Array.from(rows.flat()), 2, 5),
            at: { dtype: 'int32', shape: [3], data: Int32Array.from(positions) } as HostTensor,
          }).map(([name, x]) => [`inputs/${name}`, fromHost(x)] as const),
        ]),
      );
    const weights = Object.fromEntries(
      Object.entries(busy(head)).map(([name, x]) => [name, fromHost(x)]),
    );
    const found = run(gradients, weights);
    const random = randomSource(['differences']);
    for (const name of names) {
      const { data, shape } = weights[name]!;
      // A few entries of each: every kind of parameter takes part.
      for (let tries = 0; tries < 3; tries++) {
        const at = random.integer(data.length);
        const moved = (by: number): number => {
          const changed = Float64Array.from(data);
          changed[at]! += by;
          const tensor = { dtype: 'float32' as const, shape, data: changed };
          return run({ loss }, { ...weights, [name]: tensor })['loss']!.data[0]!;
        };
        const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        expect(Math.abs(found[name]!.data[at]! - difference)).toBeLessThan(
          1e-6 * Math.max(1, Math.abs(difference)),
        );
      }
    }
  });

  it.each([
    ['frozen', 2],
    ['trained', Object.keys(parameterShapes(transformerConfig(config))).length + 2],
  ] as const)('with the trunk %s, training changes %i parameters', async (trunk, count) => {
    const model = valueTransformer(config, { trunk });
    const start = busy({});
    const trainer = await engine.compileTraining(
      {
        name: 'values',
        parameters: model.parameters,
        frozen: model.frozen!,
        inputs: { ...model.inputs, at: { dtype: 'int32', shape: ['n'] } },
        run: (ops, parameters, inputs) => ({
          loss: ops.sum(model.values(ops, parameters, inputs, inputs['at']!), [0]),
          metrics: {},
        }),
      },
      { ...defaultAdamW, weightDecay: 0 },
      start,
    );
    await trainer.step(
      [
        {
          ...model.prepare(Int32Array.from(rows.flat()), 2, 5),
          at: { dtype: 'int32', shape: [3], data: Int32Array.from(positions) },
        },
      ],
      { learningRate: 0.1 },
    );
    const after = (await trainer.snapshot()).parameters;
    const changed = Object.keys(after).filter(
      (name) => after[name]!.data.join() !== start[name]!.data.join(),
    );
    expect(changed).toHaveLength(count);
    expect(changed).toEqual(expect.arrayContaining(['valueHead.weight', 'valueHead.bias']));
  });

  it('begins with the weights of its key, and names what is wrong', () => {
    const start = initializeValueParameters(config, { hiddenWidth: 64 }, ['seed', 1]);
    expect(initializeValueParameters(config, { hiddenWidth: 64 }, ['seed', 1])).toEqual(start);
    const other = initializeValueParameters(config, { hiddenWidth: 64 }, ['seed', 2]);
    expect(other['valueHead.weight']).not.toEqual(start['valueHead.weight']);
    expect(other['valueHead.hidden.weight']).not.toEqual(start['valueHead.hidden.weight']);
    const { data } = start['valueHead.hidden.weight']!;
    const square = Array.from<number>(data).reduce((sum, x) => sum + x * x, 0) / data.length;
    expect(Math.sqrt(square)).toBeCloseTo(1 / Math.sqrt(8), 1);
    expect([...start['valueHead.bias']!.data]).toEqual([0]);
    expect(() => valueTransformer(config, { hiddenWidth: 0 })).toThrow(InvalidInputError);
    expect(() => valueTransformer(config, { hiddenWidth: 0 })).toThrow(/hiddenWidth/);
    expect(() => valueTransformer({ ...config, layers: 0 })).toThrow(/layers/);
    const narrow = initializeParameters({ ...config, width: 4, hiddenWidth: 12 }, ['policy']);
    expect(() => initializeValueParameters(config, {}, ['seed'], narrow)).toThrow(CheckpointError);
  });
});
