import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { referenceEngine } from '@spark-rl/tensor';

import {
  float64Logits,
  relativeDifference,
  removeFolders,
  tinyFolder,
} from './hugging-face/logits.js';
import { loadHuggingFaceModel, transformerPolicy } from '../src/index.js';
import { plainLogits, readTensors } from './hugging-face/plain-transformer.js';
import { TINY_FOLDERS, TINY_NAMES, TINY_TOKENS } from './hugging-face/tiny-folders.js';

afterAll(removeFolders);

/** Recorded by `tools/models/record_logits.py`: every so many rows of logits of every folder. */
const recorded = JSON.parse(
  readFileSync(join(__dirname, 'hugging-face', 'torch-logits.json'), 'utf8'),
) as { every: number; tokens: number[]; logits: Record<string, number[][]> };

describe.each(TINY_NAMES)('the folder %s', (name) => {
  const load = async () => {
    const { path, weightFiles } = tinyFolder(name);
    // So many ends that random weights find several.
    const ends = { eos_token_id: Array.from({ length: 60 }, (_, id) => 5 * id) };
    writeFileSync(join(path, 'generation_config.json'), JSON.stringify(ends));
    return { ...(await loadHuggingFaceModel(path)), path, weightFiles };
  };

  it('has the logits of the same model written out in loops, to rounding', async () => {
    const { config, parameters, path, weightFiles } = await load();
    const tensors = readTensors(path, weightFiles);
    const json = TINY_FOLDERS[name].config;
    const expected = plainLogits(json, tensors, TINY_TOKENS, Math.fround);
    const found = float64Logits(config, parameters, TINY_TOKENS);
    expect(relativeDifference(found, expected)).toBeLessThan(1e-12);
  });

  it('is sampled from by those logits, and stops at any of its ends', async () => {
    const { config, parameters, tokenizer, path, weightFiles } = await load();
    const engine = referenceEngine();
    const policy = transformerPolicy({
      engine,
      config,
      tokenizer,
      parameters: engine.parameters(parameters),
      version: 'published',
      prefillChunk: 5,
    });
    const tensors = readTensors(path, weightFiles);
    const ends = new Set<number>();
    for (let seed = 0; seed < 8; seed++) {
      const { promptTokens, responseTokens, logProbs, finish } = await policy.generate({
        prompt: { kind: 'messages', messages: [{ role: 'user', content: 'take the mug 1' }] },
        sampling: { temperature: 1, maxTokens: 6 },
        key: ['published', seed],
        affinity: 'tree',
      });
      const tokens = [...promptTokens, ...responseTokens];
      const logits = plainLogits(TINY_FOLDERS[name].config, tensors, tokens, Math.fround);
      responseTokens.forEach((token, i) => {
        const row = logits[promptTokens.length + i - 1]!;
        const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
        expect(logProbs[i]).toBeCloseTo(row[token]! - total, 4);
      });
      expect(responseTokens.slice(0, -1).some((token) => tokenizer.endTokens.has(token))).toBe(
        false,
      );
      if (finish === 'stop') ends.add(responseTokens.at(-1)!);
      else expect(responseTokens).toHaveLength(6);
    }
    expect(ends.size).toBeGreaterThan(1);
    for (const end of ends) expect(end % 5).toBe(0);
    await policy.close();
  });

  it('has the logits that PyTorch gives', async () => {
    const { config, parameters } = await load();
    expect(recorded.tokens).toEqual(TINY_TOKENS);
    const found = float64Logits(config, parameters, TINY_TOKENS);
    const rows = found.filter((_, i) => i % recorded.every === 0);
    expect(relativeDifference(rows, recorded.logits[name]!)).toBeLessThan(1e-6);
  });
});
