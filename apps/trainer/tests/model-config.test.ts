import { configureFrom, presetNamed } from '../src/config/presets.js';
import { describeFields } from '../src/config/describe-fields.js';
import { trainConfigSchema } from '../src/config/schema.js';

const quickstart = presetNamed('quickstart');
const published = configureFrom(quickstart, ['model.folder=models/tiny']);

describe('the model of a configuration', () => {
  it('is a new one where nothing is said, also in what an earlier version recorded', () => {
    const model: Partial<typeof quickstart.model> = { ...quickstart.model };
    delete model.from;
    const agent = { grammar: 'spark' };
    expect(trainConfigSchema.parse({ ...quickstart, model, agent })).toEqual(quickstart);
    expect(configureFrom(quickstart, ['model.width=128']).model).toMatchObject({
      from: 'scratch',
      width: 128,
      layers: 2,
    });
  });

  it('is a published one as soon as a folder is named, over any preset', () => {
    expect(published.model).toEqual({
      from: 'folder',
      folder: 'models/tiny',
      contextLength: null,
      lora: null,
      chatTemplateVariables: {},
    });
    expect(configureFrom(published, ['model.contextLength=512']).model).toMatchObject({
      from: 'folder',
      contextLength: 512,
    });
  });

  it('has adapters by PEFT’s names, with its defaults', () => {
    const settings = ['model.lora.rank=4', 'model.lora.targetModules=["q_proj"]', 'model.folder=m'];
    expect(configureFrom(quickstart, settings).model).toMatchObject({
      folder: 'm',
      lora: { rank: 4, alpha: 32, targetModules: ['q_proj'], rsLora: false },
    });
  });

  it.each([
    [
      ['model.folder=m', 'model.vocabularySize=500'],
      /vocabularySize contradicts model\.from folder/,
    ],
    [['model.vocabularySize=500', 'model.folder=m'], /a published model has its own/],
    [['model.from=scratch', 'model.lora.rank=4'], /model\.lora contradicts model\.from scratch/],
    [['model.from=folder'], /model\.folder.*give the path of a folder.*found null/],
    [['model.from=hub'], /model\.from.*expected scratch .* or folder/],
    [['model.folder='], /model\.folder/],
    [['model.folder=m', 'model.lora.rank=0'], /model\.lora\.rank.*found 0/],
    [['model.folder=m', 'model.lora.targetModules=["lm_head"]'], /model\.lora\.targetModules/],
    [['model.folder=m', 'model.lora.dropout=0.1'], /model\.lora.*dropout/],
    [['model.folders=m'], /no field model\.folders/],
    [['warmup.tokens=0'], /warmup\.tokens.*a model from scratch knows no words yet/],
  ])('refuses %s and says why', (settings, message) => {
    expect(() => configureFrom(quickstart, settings)).toThrow(message);
  });

  it('of a published one needs no warm-up', () => {
    expect(configureFrom(published, ['warmup.tokens=0']).warmup.tokens).toBe(0);
  });

  it('can be a new one again, when all of it is said', () => {
    expect(() => configureFrom(published, ['model.width=64'])).toThrow(
      /model\.width contradicts model\.from folder.*model\.from scratch/s,
    );
    const { from, ...sizes } = quickstart.model;
    const settings = Object.entries(sizes).map(
      ([field, value]) => `model.${field}=${JSON.stringify(value)}`,
    );
    expect(configureFrom(published, [`model.from=${from}`, ...settings])).toEqual(quickstart);
  });

  it('is described field by field', () => {
    const fields = new Map(describeFields().map(({ field, meaning }) => [field, meaning]));
    for (const field of ['from', 'width', 'folder', 'lora', 'lora.rank', 'chatTemplateVariables'])
      expect(fields.get(`model.${field}`)).toMatch(/\w+.*\./);
  });
});
