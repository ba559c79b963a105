import { basename } from 'node:path';

import {
  transformerConfig,
  type TransformerConfig,
  type TransformerOptions,
} from '@spark-rl/transformer-policy';

const qwen25 = { qkvBias: true, ropeBase: 1e6, normEpsilon: 1e-6, contextLength: 32_768 } as const;

/** Sizes as the models' own config.json give them, for plans that are made before a model is there. */
const PUBLISHED: Readonly<Record<string, TransformerOptions>> = {
  'Qwen2.5-0.5B': {
    ...{ ...qwen25, width: 896, layers: 24, heads: 14, keyValueHeads: 2 },
    ...{ hiddenWidth: 4864, vocabularySize: 151_936 },
  },
  'Qwen2.5-1.5B': {
    ...{ ...qwen25, width: 1536, layers: 28, heads: 12, keyValueHeads: 2 },
    ...{ hiddenWidth: 8960, vocabularySize: 151_936 },
  },
  'Qwen2.5-3B': {
    ...{ ...qwen25, width: 2048, layers: 36, heads: 16, keyValueHeads: 2 },
    ...{ hiddenWidth: 11_008, vocabularySize: 151_936 },
  },
  'Qwen2.5-7B': {
    ...{ ...qwen25, width: 3584, layers: 28, heads: 28, keyValueHeads: 4 },
    ...{ hiddenWidth: 18_944, vocabularySize: 152_064, tiedHead: false },
  },
};

/** The architecture of a published model by the name of its folder, such as `Qwen2.5-1.5B-Instruct`; undefined where that is not known. */
export function publishedArchitecture(folder: string): TransformerConfig | undefined {
  const options = PUBLISHED[basename(folder).replace(/-Instruct$/, '')];
  return options === undefined ? undefined : transformerConfig(options);
}
