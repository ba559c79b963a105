import { manifestSchema } from '../src/index.js';

const manifest = {
  format: 1,
  id: 'first',
  createdAt: '2026-01-02T03:04:05.000Z',
  command: ['train'],
  seed: 7,
  config: {},
  configHash: '0'.repeat(64),
  engine: 'onnx-cpu',
  device: 'test',
  versions: {},
};

describe('a manifest', () => {
  it('names the model that a run trains further, by the hashes of its files', () => {
    const baseModel = { folder: '/models/tiny', files: { 'config.json': 'a'.repeat(64) } };
    expect(manifestSchema.parse({ ...manifest, baseModel })).toEqual({ ...manifest, baseModel });
    expect(manifestSchema.parse(manifest)).toEqual(manifest);
    const wrong = { ...baseModel, files: { 'config.json': 'abc' } };
    expect(manifestSchema.safeParse({ ...manifest, baseModel: wrong }).success).toBe(false);
  });
});
