import { AbortedError, InvalidInputError, leafId, type NodeId, type Tree } from '@spark-rl/core';
import {
  differentiate,
  float64Ops,
  fromHost,
  graphBuilder,
  interpret,
  referenceEngine,
  traceLoss,
  type Named,
  type ParameterSet,
  type TensorSpec,
  type ValueModel,
} from '@spark-rl/tensor';
import fc from 'fast-check';

import {
  holdOut,
  measureValues,
  valueAuroc,
  valueCalibrationError,
  valueExamples,
  valueLoss,
  valueRater,
  valueScorer,
  valueTrainer,
  type ValueProgress,
  type ValueTrainerSettings,
} from '../src/index.js';
import {
  account,
  addTurn,
  builderOf,
  trueValue,
  walkModel,
  walkParameters,
  walkTree,
} from './value-world.js';

const engine = referenceEngine();
const model = walkModel();
const trees = Array.from({ length: 240 }, (_, seed) => walkTree(seed));

/** Below 0.0 success, failure and a failed leaf; below 0.1 a success counted twice, one by a copy; below 0.2 failed leaves alone. */
function smallTree(): Tree {
  const builder = builderOf('small');
  for (const id of ['0', '0.0', '0.0.0', '0.0.1', '0.0.2', '0.1', '0.2'])
    addTurn(builder, id, [1, 2], [3 + id.length]);
  const leaf = (id: string, outcome: 'success' | 'failure' | 'failed', tail = id): void =>
    builder.addLeaf({ id: leafId(id), tail: tail as NodeId, outcome, score: 0 });
  leaf('0.0.0', 'success');
  leaf('0.0.1', 'failure');
  leaf('0.0.2', 'failed');
  leaf('0.1', 'success');
  builder.addLeaf({
    id: leafId('0.3'),
    tail: '0.1' as NodeId,
    outcome: 'success',
    score: 0,
    copy: { of: leafId('0.1'), reason: 'padding' },
  });
  leaf('0.2', 'failed');
  return builder.build(account);
}

const targetsOf = (examples: ReturnType<typeof valueExamples>) =>
  Object.fromEntries(examples.map(({ node, target }) => [node, target]));

describe('valueExamples', () => {
  it('takes the mean outcome of the completed leaves below a turn; failed ones do not count, copies do', () => {
    const examples = valueExamples([smallTree()]);
    expect(targetsOf(examples)).toEqual({
      '0': 3 / 4,
      '0.0': 1 / 2,
      '0.0.0': 1,
      '0.0.1': 0,
      '0.1': 1,
    });
    expect(examples.every(({ weight }) => weight === 1)).toBe(true);
    expect([...examples[1]!.tokens]).toEqual([1, 2, 6]);
    expect(examples[0]).toMatchObject({ tree: 'small', task: 'small', node: '0' });
  });

  it('discounts by the turns to the leaf, and takes other outcomes', () => {
    const discounted = targetsOf(valueExamples([smallTree()], { discount: 0.5 }));
    expect(discounted).toMatchObject({ '0': (0.25 + 0 + 0.5 + 0.5) / 4, '0.0': 0.25, '0.1': 1 });
    const doubt = targetsOf(
      valueExamples([smallTree()], { outcome: (l) => (l.outcome === 'success' ? 0.8 : 0.4) }),
    );
    expect(doubt['0.0']).toBeCloseTo(0.6, 12);
  });

  it('names what is wrong', () => {
    expect(() => valueExamples([smallTree()], { outcome: () => 2 })).toThrow(
      /leaf 0\.0\.0 of tree small is worth 2/,
    );
    expect(() => valueExamples([smallTree()], { discount: 0 })).toThrow(InvalidInputError);
    const builder = builderOf('silent');
    addTurn(builder, '0', [1], []);
    builder.addLeaf({ id: leafId('0'), tail: '0' as NodeId, outcome: 'success', score: 1 });
    expect(() => valueExamples([builder.build(account)])).toThrow(
      /turn 0 of tree silent has no token ids/,
    );
  });
});

describe('metrics', () => {
  it('are what hand computation says', () => {
    const found = measureValues([0.9, 0.2, 0.6, 0.55], [1, 0, 0.5, 0]);
    expect(found.loss).toBeCloseTo(
      -(Math.log(0.9) + Math.log(0.8) + 0.5 * Math.log(0.6 * 0.4) + Math.log(0.45)) / 4,
      12,
    );
    // Bins of a tenth: |0.9 - 1|, |0.2 - 0|, |0.6 - 0.5|, |0.55 - 0|.
    expect(found.calibrationError).toBeCloseTo((0.1 + 0.2 + 0.1 + 0.55) / 4, 12);
    // Successes weigh 1 and 0.5, failures 1, 0.5 and 1.
    expect(found.auroc).toBeCloseTo((2.5 + 0.5 * (2 + 0.25)) / (1.5 * 2.5), 12);
    expect(found.turns).toBe(4);
    expect(valueCalibrationError([0.2, 0.4], [0, 1], 1)).toBeCloseTo(0.2, 12);
    expect(valueAuroc([0.5, 0.5], [0, 1])).toBe(0.5);
    expect(valueAuroc([0.5, 0.5], [1, 1])).toBeNull();
    expect(measureValues([], [])).toEqual({
      turns: 0,
      loss: null,
      calibrationError: null,
      auroc: null,
    });
    expect(measureValues([0], [1]).loss).toBeLessThan(20);
  });

  it('of hard targets are the share of pairs in the right order', () => {
    const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()));
    fc.assert(
      fc.property(cases, (pairs) => {
        const wins = pairs.flatMap(([a, good]) =>
          pairs.flatMap(([b, other]) => (good && !other ? [a > b ? 1 : a === b ? 0.5 : 0] : [])),
        );
        const found = valueAuroc(
          pairs.map(([value]) => value),
          pairs.map(([, good]) => Number(good)),
        );
        if (wins.length === 0) expect(found).toBeNull();
        else expect(found).toBeCloseTo(wins.reduce((a, b) => a + b, 0) / wins.length, 9);
      }),
    );
  });
});

describe('holdOut', () => {
  it('keeps whole tasks, the share that was asked, and never all', () => {
    const examples = valueExamples(trees.slice(0, 10));
    const { trained, heldOut } = holdOut(examples, 0.3, ['k']);
    const tasks = (list: typeof trained) => new Set(list.map(({ task }) => task));
    expect(tasks(heldOut).size).toBe(3);
    expect(tasks(trained).size).toBe(7);
    expect([...tasks(heldOut)].some((task) => tasks(trained).has(task))).toBe(false);
    expect(trained.length + heldOut.length).toBe(examples.length);
    expect(holdOut(examples, 0.3, ['k']).heldOut).toEqual(heldOut);
    expect(holdOut([...examples].reverse(), 0.3, ['k']).heldOut.length).toBe(heldOut.length);
    expect(holdOut(examples, 0, ['k']).heldOut).toEqual([]);
    expect(holdOut(valueExamples(trees.slice(0, 1)), 0.9, ['k']).heldOut).toEqual([]);
  });
});

/** Logits that are parameters: all that is between the loss and its gradient is the loss. */
const logitModel: ValueModel = {
  parameters: { logits: [4] },
  contextLength: 8,
  inputs: { tokens: { dtype: 'int32', shape: ['batch', 'time'] } },
  prepare: (tokens, batch, time) => ({
    tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
  }),
  values: (ops, parameters, _, positions) => ops.gather(parameters['logits']!, positions),
};

describe('valueLoss', () => {
  it('is binary cross-entropy with its gradient weight (sigmoid - target), at 0 and far out too', () => {
    const program = valueLoss(logitModel);
    const [logits, target, weight] = [
      [0, 2, -40, 90],
      [0.75, 0, 1, 1],
      [0.5, 0.25, 0.125, 0.125],
    ];
    const builder = graphBuilder();
    const { loss, parameters } = traceLoss(builder, program);
    const gradient = differentiate(builder, loss, parameters)['logits']!;
    const float = (data: readonly number[]) =>
      ({ dtype: 'float32', shape: [4], data: Float64Array.from(data) }) as const;
    const found = interpret(
      {
        name: 'test',
        inputs: Object.fromEntries<TensorSpec>([
          ['parameters/logits', { dtype: 'float32', shape: [4] }],
          ...Object.entries(program.inputs).map(([name, x]) => [`inputs/${name}`, x] as const),
        ]),
        outputs: { loss, gradient },
      },
      float64Ops,
      {
        'parameters/logits': float(logits),
        'inputs/tokens': fromHost({ dtype: 'int32', shape: [1, 4], data: new Int32Array(4) }),
        'inputs/positions': fromHost({
          dtype: 'int32',
          shape: [4],
          data: Int32Array.of(0, 1, 2, 3),
        }),
        'inputs/target': float(target),
        'inputs/weight': float(weight),
      },
    );
    const byHand = 0.5 * Math.log(2) + 0.25 * Math.log(1 + Math.exp(2)) + 0.125 * 40;
    expect(found['loss']!.data[0]).toBeCloseTo(byHand, 10);
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    for (const [i, z] of logits.entries()) {
      expect(found['gradient']!.data[i]).toBeCloseTo(weight[i]! * (sigmoid(z) - target[i]!), 12);
    }
  });
});

const open = (changes: Partial<ValueTrainerSettings> = {}) =>
  valueTrainer({
    engine,
    model,
    start: walkParameters(1),
    examples: valueExamples(trees),
    ...changes,
    options: {
      learningRate: 0.02,
      epochs: 4,
      batchTurns: 64,
      heldOutShare: 0.25,
      optimizer: { weightDecay: 0 },
      ...changes.options,
    },
  });

async function weightsOf(parameters: ParameterSet): Promise<Named<readonly number[]>> {
  const read = await parameters.read();
  parameters.dispose();
  return Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, [...data]]));
}

const few = valueExamples(trees.slice(0, 12));

describe('valueTrainer', () => {
  it('learns the values of a walk: turns of tasks never seen are ranked right, and the chances are about true', async () => {
    const trainer = await open({ options: { epochs: 4 } });
    const before = await trainer.evaluate();
    const seen: ValueProgress[] = [];
    const last = await trainer.train({ onStep: (progress) => void seen.push(progress) });
    const after = await trainer.evaluate();
    expect(seen).toHaveLength(trainer.totalSteps);
    expect(last).toEqual(seen.at(-1));
    expect(await trainer.train()).toBeNull();
    expect(after.turns).toBe(before.turns);
    expect(after.loss!).toBeLessThan(before.loss!);
    expect(after.calibrationError!).toBeLessThan(before.calibrationError!);
    const { heldOut } = holdOut(valueExamples(trees), 0.25, ['value']);
    const unseen = trees.filter(({ id }) => heldOut.some(({ tree }) => tree === id));
    expect(unseen).toHaveLength(60);
    const parameters = trainer.parameters();
    const scorer = valueScorer({ engine, model, parameters });
    const pairs: [number, number][] = [];
    for (const tree of unseen) {
      const scores = await scorer.score(tree);
      expect(scores.size).toBe(tree.turns.size);
      for (const [id, score] of scores) {
        const { promptTokens, responseTokens } = tree.turns.get(id)!.generation;
        const truth = trueValue(Int32Array.of(...promptTokens, ...responseTokens));
        pairs.push([score, truth]);
      }
    }

    const ranked = valueAuroc(
      pairs.map(([score]) => score),
      pairs.map(([, truth]) => Number(truth > 0.5)),
    );
    expect(ranked).toBeGreaterThan(0.95);
    const error = pairs.reduce((sum, [score, truth]) => sum + Math.abs(score - truth), 0);
    expect(error / pairs.length).toBeLessThan(0.15);
    scorer.dispose();
    parameters.dispose();
    trainer.dispose();
  });

  it('trains the head alone where the trunk is frozen', async () => {
    const start = walkParameters(2);
    const changed = async (trunk: 'frozen' | 'trained'): Promise<string[]> => {
      const frozen = await open({
        start,
        model: walkModel(trunk),
        examples: few,
        options: { epochs: 1 },
      });
      await frozen.train();
      const after = await weightsOf(frozen.parameters());
      return Object.keys(after).filter(
        (name) => after[name]!.join() !== [...start[name]!.data].join(),
      );
    };
    expect(await changed('frozen')).toEqual(['valueHead.weight', 'valueHead.bias']);
    expect(await changed('trained')).toHaveLength(5);
  });

  it('takes the mean over a step, whatever its micro-batches', async () => {
    const losses = async (batchTokens: number): Promise<number[]> => {
      const seen: number[] = [];
      const trainer = await open({ examples: few, options: { batchTokens, epochs: 2 } });
      await trainer.train({ onStep: ({ loss }) => void seen.push(loss) });
      return seen;
    };
    const [whole, split] = [await losses(1e6), await losses(1)];
    expect(whole.length).toBeGreaterThan(2);
    for (const [i, loss] of whole.entries()) expect(split[i]).toBeCloseTo(loss, 5);
  });

  it('counts a turn by its weight', async () => {
    const [first, second] = few as [(typeof few)[0], (typeof few)[0]];
    const lossOf = async (weights: readonly number[]): Promise<number> => {
      const examples = [first, second].map((e, i) => ({ ...e, target: i, weight: weights[i]! }));
      const trainer = await open({ examples, options: { heldOutShare: 0 } });
      return (await trainer.train({ steps: 1 }))!.loss;
    };
    const [one, two] = [await lossOf([1, 1e-9]), await lossOf([1e-9, 1])];
    expect(await lossOf([3, 1])).toBeCloseTo((3 * one + two) / 4, 5);
  });

  it('goes on from a snapshot as if it had never stopped', async () => {
    const settings = { examples: few, options: { batchTurns: 16 } };
    const whole = await open(settings);
    const last = await whole.train();
    const begun = await open(settings);
    expect((await begun.train({ steps: 3 }))!.step).toBe(3);
    const resumed = await open({ ...settings, start: await begun.snapshot() });
    expect(await resumed.train()).toEqual(last);
    expect(await weightsOf(resumed.parameters())).toEqual(await weightsOf(whole.parameters()));
    const told = await open({ ...settings, start: await begun.snapshot(), stepsDone: 5 });
    expect((await told.train({ steps: 1 }))!.step).toBe(6);
  });

  it('stops when asked, with usable weights', async () => {
    const abort = new AbortController();
    const trainer = await open({ examples: few, options: { batchTurns: 16 } });
    const training = trainer.train({
      signal: abort.signal,
      onStep: ({ step }) => {
        if (step === 2) abort.abort();
      },
    });
    await expect(training).rejects.toThrow(AbortedError);
    expect((await trainer.snapshot()).step).toBe(2);
    await expect(trainer.evaluate({ signal: abort.signal })).rejects.toThrow(AbortedError);
    expect((await trainer.train({ steps: 1 }))!.step).toBe(3);
  });

  it('names what is wrong', async () => {
    await expect(open({ options: { batchTurns: 0 } })).rejects.toThrow(/batchTurns/);
    await expect(open({ examples: [] })).rejects.toThrow(InvalidInputError);
    await expect(open({ examples: [{ ...few[0]!, target: NaN }] })).rejects.toThrow(
      /turn 0 of tree tree-0 has target NaN/,
    );
    const long = { ...few[0]!, tokens: new Int32Array(65) };
    await expect((await open({ examples: [long] })).train()).rejects.toThrow(
      /turn 0 of tree tree-0 has 65 tokens, the model of values takes 2 to 64/,
    );
    await expect(open({ examples: few, stepsDone: -1 })).rejects.toThrow(/stepsDone/);
  });
});

describe('valueScorer and valueRater', () => {
  const parameters = engine.parameters(walkParameters(3));
  const tree = trees[0]!;

  it('rate every turn with a chance, the same whatever the batches, finished or just taken', async () => {
    const whole = await valueScorer({ engine, model, parameters }).score(tree);
    expect([...whole.keys()]).toEqual([...tree.turns.keys()]);
    expect(new Set(whole.values()).size).toBeGreaterThan(3);
    for (const value of whole.values()) expect(value > 0 && value < 1).toBe(true);
    const single = valueScorer({ engine, model, parameters, id: 'single', batchTokens: 1 });
    expect(single.id).toBe('single');
    expect(await single.score(tree)).toEqual(whole);

    const rater = valueRater({ engine, model, parameters });
    expect(rater.maxTokens).toBe(0);
    const rated = new Map<NodeId, number>();
    const rate = async (id: NodeId): Promise<void> => {
      const rating = await rater.rate({ turn: tree.turns.get(id)!, path: [] });
      expect(rating.tokens).toBe(0);
      rated.set(id, rating.value);
    };
    const [first, ...others] = tree.turns.keys();
    await rate(first!);
    await Promise.all(others.map(rate));
    expect(new Map([...rated].sort())).toEqual(new Map([...whole].sort()));
    rater.dispose();
  });

  it('reads at the last token of the response', async () => {
    // Of this model the value at a place is the token there.
    const lastToken: ValueModel = {
      ...logitModel,
      parameters: { scale: [1] },
      values: (ops, weights, inputs, positions) =>
        ops.mul(
          ops.toFloat(ops.gather(ops.reshape(inputs['tokens']!, [-1]), positions)),
          weights['scale']!,
        ),
    };
    const scale = engine.parameters({
      scale: { dtype: 'float32', shape: [1], data: Float32Array.of(1) },
    });
    const scores = await valueScorer({ engine, model: lastToken, parameters: scale }).score(
      smallTree(),
    );
    for (const [id, value] of scores)
      expect(value).toBeCloseTo(1 / (1 + Math.exp(-3 - id.length)), 6);
  });

  it('puts turns that wait at the same time through the model together', async () => {
    let runs = 0;
    const counting = {
      ...engine,
      compile: async (program: Parameters<typeof engine.compile>[0]) => {
        const compiled = await engine.compile(program);
        return {
          ...compiled,
          run: (...given: Parameters<typeof compiled.run>) => {
            runs++;
            return compiled.run(...given);
          },
        };
      },
    };
    const rater = valueRater({ engine: counting, model, parameters });
    const turns = [...tree.turns.values()];
    await Promise.all(turns.map((turn) => rater.rate({ turn, path: [] })));
    expect(turns.length).toBeGreaterThan(4);
    expect(runs).toBe(1);
    await rater.rate({ turn: turns[0]!, path: [] });
    expect(runs).toBe(2);
  });

  it('stop when told, and name the turn at fault', async () => {
    const signal = AbortSignal.abort();
    const [turn] = tree.turns.values();
    await expect(
      valueScorer({ engine, model, parameters }).score(tree, { signal }),
    ).rejects.toThrow(AbortedError);
    const rater = valueRater({ engine, model, parameters });
    await expect(rater.rate({ turn: turn!, path: [] }, { signal })).rejects.toThrow(AbortedError);
    const later = new AbortController();
    const asked = rater.rate({ turn: turn!, path: [] }, { signal: later.signal });
    later.abort();
    await expect(asked).rejects.toThrow(AbortedError);

    const long = { ...turn!.generation, promptTokens: new Int32Array(64) };
    await expect(rater.rate({ turn: { ...turn!, generation: long }, path: [] })).rejects.toThrow(
      /turn 0 has 65 tokens/,
    );
    const broken = walkParameters(1);
    broken['valueHead.bias']!.data[0] = NaN;
    const nowhere = { engine, model, parameters: engine.parameters(broken) };
    await expect(valueScorer(nowhere).score(tree)).rejects.toThrow(
      /turn 0[.\d]* of tree tree-0 has the value NaN/,
    );
    await expect(valueRater(nowhere).rate({ turn: turn!, path: [] })).rejects.toThrow(
      /turn 0 has the value NaN/,
    );
    expect(() => valueScorer({ engine, model, parameters, batchTokens: 0 })).toThrow(/batchTokens/);
    expect(() => valueRater({ engine, model, parameters, id: '' })).toThrow(/id/);
  });
});
