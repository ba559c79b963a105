import { referenceEngine, type HostTensor, type Named } from '@spark-rl/tensor';

import {
  ADAPTER_FILES,
  decodeAdapter,
  encodeAdapter,
  initializeAdapters,
  mergeAdapters,
  type LoraOptions,
} from '../src/index.js';
import { config, makePolicy, request, TEXTS, weights } from './support.js';

/** Adapters that change something: fresh ones have B = 0. */
const busy = (lora: LoraOptions): Named<HostTensor> =>
  Object.fromEntries(
    Object.entries(initializeAdapters(config, lora, ['adapters'])).map(([name, tensor], index) => [
      name,
      {
        ...tensor,
        data: Float32Array.from(tensor.data, (_, i) => Math.sin(3 * i + index) / 2),
      } as HostTensor,
    ]),
  );

const all: LoraOptions = { rank: 3, alpha: 6 };
const few: LoraOptions = { rank: 1, alpha: 4, targets: ['v', 'down'], rankStabilized: true };

describe('a policy with adapters', () => {
  it.each([
    ['everywhere', all],
    ['in two places', few],
  ])('%s samples as the merged weights do', async (_, lora) => {
    const adapters = busy(lora);
    const engine = referenceEngine();
    const adapted = makePolicy({
      engine,
      lora,
      parameters: engine.parameters({ ...weights(1), ...adapters }),
    }).policy;
    const merged = makePolicy({
      engine,
      parameters: engine.parameters(mergeAdapters(config, lora, weights(1), adapters)),
    }).policy;
    const plain = makePolicy({ engine }).policy;
    const answers = await Promise.all(
      [adapted, merged, plain].map((policy) => policy.generate(request(TEXTS[0]!, 'one'))),
    );
    const [own, expected, base] = answers;
    expect(own!.responseTokens).toEqual(expected!.responseTokens);
    expected!.logProbs.forEach((value, i) => expect(own!.logProbs[i]).toBeCloseTo(value, 4));
    expect(own!.logProbs[0]).not.toBeCloseTo(base!.logProbs[0]!, 3);
    for (const policy of [adapted, merged, plain]) await policy.close();
  });

  it('that are fresh samples as the base does, to the bit', async () => {
    const engine = referenceEngine();
    const fresh = makePolicy({
      engine,
      lora: all,
      parameters: engine.parameters({
        ...weights(1),
        ...initializeAdapters(config, all, ['fresh']),
      }),
    }).policy;
    const plain = makePolicy({ engine }).policy;
    const [own, base] = await Promise.all(
      [fresh, plain].map((policy) => policy.generate(request(TEXTS[0]!, 'one'))),
    );
    expect(own).toEqual(base);
    await fresh.close();
    await plain.close();
  });

  it('refuses adapters that make no sense', () => {
    expect(() => makePolicy({ lora: { rank: 0, alpha: 1 } })).toThrow(/rank/);
  });
});

describe('the files of adapters', () => {
  it('say the same again, to the bit', () => {
    const adapters = busy(few);
    const files = encodeAdapter({ config, lora: few, adapters }, { baseModel: 'models/base' });
    expect([...files.keys()]).toEqual(Object.values(ADAPTER_FILES));
    const decoded = decodeAdapter(files, config);
    expect(decoded.adapters).toEqual(adapters);
    expect(decoded.lora).toEqual({
      rank: 1,
      alpha: 4,
      targets: ['v', 'down'],
      rankStabilized: true,
    });
    expect(encodeAdapter({ config, lora: few, adapters }, { baseModel: 'models/base' })).toEqual(
      files,
    );
  });

  it('name the one that is missing', () => {
    expect(() => decodeAdapter(new Map(), config, 'here')).toThrow(/here.*has no adapter_config/);
  });
});
