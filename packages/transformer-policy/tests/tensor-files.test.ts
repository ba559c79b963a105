import type { HostTensor, Named } from '@spark-rl/tensor';

import { decodeTensorFiles, encodeTensorFiles, loadModel, saveModel } from '../src/index.js';
import { config, tokenizer, weights } from './support.js';

const tensor = (...data: number[]): HostTensor => ({
  dtype: 'float32',
  shape: [data.length],
  data: Float32Array.from(data),
});
const tensors: Named<HostTensor> = { a: tensor(1, 2), b: tensor(3), c: tensor(4, 5, 6, 7) };

describe('files of tensors', () => {
  it('are one where it holds all, and several that are never torn otherwise', () => {
    expect([...encodeTensorFiles('moments', tensors).keys()]).toEqual(['moments.safetensors']);
    // 8, 4 and 16 bytes: the first two fit one file of 12.
    const files = encodeTensorFiles('moments', tensors, 12);
    expect([...files.keys()]).toEqual([
      'moments-00001-of-00002.safetensors',
      'moments-00002-of-00002.safetensors',
    ]);
    expect(decodeTensorFiles(files, 'moments')).toEqual(tensors);
    expect(decodeTensorFiles(encodeTensorFiles('m', tensors), 'm')).toEqual(tensors);
    expect(decodeTensorFiles(encodeTensorFiles('none', {}), 'none')).toEqual({});
  });

  it('that are missing are named', () => {
    const files = new Map(encodeTensorFiles('moments', tensors, 12));
    files.delete('moments-00001-of-00002.safetensors');
    expect(() => decodeTensorFiles(files, 'moments')).toThrow(/no moments-00001-of-00002/);
    expect(() => decodeTensorFiles(files, 'other')).toThrow(/no other\.safetensors/);
  });

  it('hold a model too', () => {
    const model = { config, parameters: weights(1), tokenizer };
    const whole = saveModel(model);
    const torn = new Map([...whole].filter(([name]) => name !== 'model.safetensors'));
    for (const [name, bytes] of encodeTensorFiles('model', model.parameters, 4000))
      torn.set(name, bytes);
    expect(torn.size).toBeGreaterThan(whole.size);
    expect(loadModel(torn).parameters).toEqual(loadModel(whole).parameters);
  });
});
