import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  float64Logits,
  relativeDifference,
  removeFolders,
  tinyFolder,
} from './hugging-face/logits.js';
import { loadHuggingFaceModel } from '../src/index.js';
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

  it('has the logits that PyTorch gives', async () => {
    const { config, parameters } = await load();
    expect(recorded.tokens).toEqual(TINY_TOKENS);
    const found = float64Logits(config, parameters, TINY_TOKENS);
    const rows = found.filter((_, i) => i % recorded.every === 0);
    expect(relativeDifference(rows, recorded.logits[name]!)).toBeLessThan(1e-6);
  });
});
