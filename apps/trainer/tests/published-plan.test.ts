import { transformerConfig, type TransformerOptions } from '@spark-rl/transformer-policy';

import { configureFrom, presetNamed } from '../src/config/presets.js';
import { planOf } from '../src/pipeline/plan.js';

/** The sizes in the `config.json` of Qwen2.5: what docs/guides/training-on-a-gpu.md computes its memory table from. */
const sizes = {
  '0.5B': { width: 896, layers: 24, heads: 14, keyValueHeads: 2, hiddenWidth: 4864 },
  '1.5B': { width: 1536, layers: 28, heads: 12, keyValueHeads: 2, hiddenWidth: 8960 },
  '7B': { width: 3584, layers: 28, heads: 28, keyValueHeads: 4, hiddenWidth: 18_944 },
} satisfies Record<string, Partial<TransformerOptions>>;

const architectureOf = (size: keyof typeof sizes) =>
  transformerConfig({
    ...sizes[size],
    vocabularySize: size === '7B' ? 152_064 : 151_936,
    tiedHead: size !== '7B',
    qkvBias: true,
    contextLength: 4096,
  });

const config = (...settings: string[]) =>
  configureFrom(presetNamed('quickstart'), ['model.folder=models/qwen', ...settings]);

describe('the plan of a published model', () => {
  it.each([
    ['0.5B', 494_032_768, 8_798_208],
    ['1.5B', 1_543_714_304, 18_464_768],
    ['7B', 7_615_616_512, 40_370_176],
  ] as const)(
    'of %s counts its weights, and those of adapters of rank 16',
    (size, all, adapters) => {
      const whole = planOf(config(), architectureOf(size));
      expect(whole).toMatchObject({ parameters: all, trained: all, bytes: 12 * all });
      const adapted = planOf(config('model.lora.rank=16'), architectureOf(size));
      expect(adapted.parameters).toBe(all + adapters);
      expect(adapted.trained).toBe(adapters);
      expect(adapted.bytes).toBe(4 * all + 12 * adapters);
      // The frozen weights need no gradient of their own: two thirds of the work.
      expect(adapted.operations.warmup / whole.operations.warmup).toBeCloseTo(2 / 3, 1);
    },
  );

  it('cannot be made without its size', () => {
    expect(() => planOf(config())).toThrow(/size of a published model stands in its folder/);
  });
});
