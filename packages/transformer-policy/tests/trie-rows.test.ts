import { randomSource } from '@spark-rl/core';
import {
  batchSequences,
  batchTries,
  referenceEngine,
  type HostTensor,
  type LanguageModel,
  type Named,
  type SequenceBatch,
  type TensorProgram,
} from '@spark-rl/tensor';

import { decoderTransformer, initializeParameters } from '../src/index.js';

const config = { contextLength: 40, vocabularySize: 5, layers: 2, width: 16, heads: 2 };
const model = decoderTransformer({ ...config, keyValueHeads: 1 });
const engine = referenceEngine();
const parameters = engine.parameters(
  initializeParameters({ ...config, keyValueHeads: 1 }, ['trie rows']),
);

const program = ({ parameters: shapes, inputs, logits }: LanguageModel): TensorProgram => ({
  name: 'logits',
  parameters: shapes,
  inputs: { ...inputs, positions: { dtype: 'int32', shape: ['target'] } },
  run: (ops, weights, given) => ({ logits: logits(ops, weights, given, given['positions']!) }),
});

/** The logits at every target of a batch, by row. */
async function logitsByRow(
  { rows, positions }: SequenceBatch,
  inputs: Named<HostTensor>,
  targetsOf: (row: number) => number,
): Promise<Map<number, number[]>> {
  const compiled = await engine.compile(program(model));
  const at: HostTensor = { dtype: 'int32', shape: [positions.length], data: positions };
  const { logits } = await compiled.run(parameters, { ...inputs, positions: at });
  let start = 0;
  return new Map(
    rows.map((row) => {
      const end = start + targetsOf(row) * config.vocabularySize;
      const found = [...logits!.data.slice(start, end)];
      start = end;
      return [row, found];
    }),
  );
}

it('a token of a forest has the logits of its own row', async () => {
  const random = randomSource(['trie rows']);
  const rows = Array.from({ length: 9 }, () => {
    const tokens = Array.from({ length: 4 + random.integer(8) }, (_, i) =>
      i < 3 ? 1 : random.integer(config.vocabularySize),
    );
    return {
      tokens: Int32Array.from(tokens),
      targets: Int32Array.from(tokens.slice(2).keys(), (i) => i + 2),
    };
  });
  const targetsOf = (row: number): number => rows[row]!.targets.length;
  const [padded] = batchSequences(rows, { tokenBudget: 1e6, contextLength: 40 });
  const [trie, ...others] = batchTries(rows, { trieTokens: 1e6, contextLength: 40 });
  expect(others).toEqual([]);
  expect(trie!.time).toBeLessThan(padded!.batch * padded!.time);
  const expected = await logitsByRow(
    padded!,
    model.prepare(padded!.tokens, padded!.batch, padded!.time),
    targetsOf,
  );
  const found = await logitsByRow(
    trie!,
    model.prepareTrie!(trie!.tokens, trie!.parents),
    targetsOf,
  );
  for (const [row, logits] of expected) {
    expect(logits.length).toBeGreaterThan(0);
    for (const [i, value] of logits.entries()) expect(found.get(row)![i]).toBeCloseTo(value, 5);
  }
});

it('a forest that is out of order, or deeper than the context, is refused', () => {
  const tokens = new Int32Array(41);
  const chain = Int32Array.from(tokens, (_, i) => i - 1);
  expect(() => model.prepareTrie!(tokens, chain)).toThrow(/token 40 has parent 39 and depth 40/);
  expect(() => model.prepareTrie!(new Int32Array(2), Int32Array.of(1, -1))).toThrow(
    /token 0 has parent 1/,
  );
});
