import { CheckpointError } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';
import fc from 'fast-check';

import {
  decodeSafetensors,
  encodeSafetensors,
  loadModel,
  MODEL_FILES,
  saveModel,
  transformerConfig,
} from '../src/index.js';
import { config, tokenizer, weights } from './support.js';

/** The bytes of a file with this header and this much data. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('safetensors', () => {
  it('is the published format, byte for byte', () => {
    const bytes = encodeSafetensors({
      a: { dtype: 'int32', shape: [2], data: Int32Array.of(1, -1) },
    });
    const header = '{"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}';
    const padded = header.padEnd(56, ' ');
    expect([...bytes]).toEqual([
      56,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...new TextEncoder().encode(padded),
      1,
      0,
      0,
      0,
      255,
      255,
      255,
      255,
    ]);
  });

  it('gives tensors and notes back to the bit', () => {
    const tensor = fc.oneof(
      fc
        .float32Array({ maxLength: 6 })
        .map((data): HostTensor => ({ dtype: 'float32', shape: [data.length], data })),
      fc
        .int32Array({ minLength: 4, maxLength: 4 })
        .map((data): HostTensor => ({ dtype: 'int32', shape: [2, 2], data })),
    );
    const names = fc.string().filter((name) => name !== '__metadata__' && name !== '__proto__');
    fc.assert(
      fc.property(
        fc.dictionary(names, tensor),
        fc.dictionary(names, fc.string()),
        (tensors, metadata) => {
          const bytes = encodeSafetensors(tensors, metadata);
          // Read from the middle of a buffer: a file often is a view.
          const view = new Uint8Array(bytes.length + 3);
          view.set(bytes, 3);
          const decoded = decodeSafetensors(view.subarray(3));
          expect(decoded.tensors).toEqual({ ...tensors });
          expect(decoded.metadata).toEqual({ ...metadata });
        },
      ),
    );
  });

  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  it.each([
    ['an empty file', new Uint8Array(3), /has 3 bytes/],
    [
      'a header longer than the file',
      file('{}', 0).fill(9, 0, 1),
      /says that its header has 9 bytes/,
    ],
    ['a header that is not JSON', file('{"a"', 8), /not JSON/],
    ['a header that is a list', file([1], 8), /not JSON/],
    ['a dtype that is not known', file({ w: { ...entry, dtype: 'Q4' } }, 8), /w\.dtype/],
    ['a shape that is not one', file({ w: { ...entry, shape: [-1] } }, 8), /w\.shape/],
    [
      'a shape that does not fit its bytes',
      file({ w: { ...entry, shape: [3] } }, 8),
      /tensor w of shape \[3\]/,
    ],
    ['data that is cut off', file({ w: entry }, 5), /tensor w .* holds 5/],
    ['notes that are not text', file({ __metadata__: { a: 1 }, w: entry }, 8), /notes/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(CheckpointError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });
});

describe('a model folder', () => {
  const model = { config, parameters: weights(1), tokenizer };
  const files = saveModel(model);
  const without = (name: string) => new Map([...files].filter(([file]) => file !== name));
  const withText = (name: string, text: string) =>
    new Map([...files, [name, new TextEncoder().encode(text)]]);

  it('holds the whole model', () => {
    const loaded = loadModel(files, config);
    expect(loaded.config).toEqual(transformerConfig(config));
    expect(loaded.parameters).toEqual(model.parameters);
    expect(loaded.tokenizer.encode('the mug 1<|end|>')).toEqual(
      tokenizer.encode('the mug 1<|end|>'),
    );
    expect(saveModel(loaded)).toEqual(files);
  });

  it('is loaded as it was saved before there were grouped queries, biases and scaled positions', () => {
    const { vocabularySize, contextLength, layers, width, heads, hiddenWidth } = config;
    const old = {
      ...{ vocabularySize, contextLength, layers, width, heads, hiddenWidth },
      ...{ tiedHead: true, ropeBase: 10_000, normEpsilon: 1e-5 },
    };
    const loaded = loadModel(withText('config.json', JSON.stringify(old)), config);
    expect(loaded.config).toEqual(transformerConfig(config));
    expect(loaded.parameters).toEqual(model.parameters);
  });

  it.each(Object.values(MODEL_FILES))('is refused without %s', (name) => {
    expect(() => loadModel(without(name))).toThrow(CheckpointError);
    expect(() => loadModel(without(name))).toThrow(`has no ${name}`);
  });

  it('is refused when a file is damaged, with the name of the file', () => {
    expect(() => loadModel(withText('config.json', '{"layers":'))).toThrow(
      /config\.json .* cannot be used/,
    );
    expect(() => loadModel(withText('config.json', '{"layers":2}'))).toThrow(
      /config\.json .*vocabularySize/,
    );
    expect(() => loadModel(withText('tokenizer.json', '{}'))).toThrow(/tokenizer\.json/);
    expect(() => loadModel(withText('tokenizer_config.json', '{}'))).toThrow(/eos_token/);
  });

  it('is refused when it is another model', () => {
    expect(() => loadModel(files, { ...config, width: 16 })).toThrow(/width is 8, 16 is asked for/);
    const deeper = JSON.stringify({ ...transformerConfig(config), layers: 3 });
    expect(() => loadModel(withText('config.json', deeper))).toThrow(
      /tensor layers\.2\.attentionNorm is none, the config asks for \[8\]/,
    );
    const wider: Named<HostTensor> = {
      ...model.parameters,
      finalNorm: { dtype: 'float32', shape: [9], data: new Float32Array(9) },
    };
    expect(() => saveModel({ ...model, parameters: wider })).toThrow(
      /tensor finalNorm is \[9\], the config asks for \[8\]/,
    );
    const more = { ...model.parameters, extra: wider['finalNorm']! };
    expect(() => saveModel({ ...model, parameters: more })).toThrow(/tensor extra/);
  });
});
