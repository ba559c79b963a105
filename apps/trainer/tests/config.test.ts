import { configureFrom, presetNamed, presets } from '../src/config/presets.js';

describe('presets', () => {
  it.each(Object.keys(presets))('%s is a valid configuration', (name) => {
    expect(configureFrom(presetNamed(name), [])).toEqual(presetNamed(name));
  });

  it('takes settings of any depth and type', () => {
    const config = configureFrom(presetNamed('quickstart'), [
      'seed=5',
      'engine=onnx-cpu',
      'rollout.leaves=16',
      'learning.learningRate=1e-4',
      'environment.kinds=["pick_two_obj_and_place"]',
    ]);
    expect(config.seed).toBe(5);
    expect(config.engine).toBe('onnx-cpu');
    expect(config.rollout.leaves).toBe(16);
    expect(config.learning.learningRate).toBe(1e-4);
    expect(config.environment.kinds).toEqual(['pick_two_obj_and_place']);
    expect(presetNamed('quickstart').rollout.leaves).toBe(8);
  });

  it.each([
    [
      'rollout.roots=9',
      /rollout\.roots: the roots M may not be more than the leaves N \(found 9\)/,
    ],
    ['rollout.width=0', /rollout\.width.*found 0/],
    ['rollout.leafs=9', /no field rollout\.leafs\. Known here: .*leaves/],
    ['rollout', /FIELD=VALUE/],
    ['seed.x=1', /no field seed\.x/],
    ['model.heads=5', /width must be a multiple/],
    ['warmup.wastedTurns=2', /warmup\.wastedTurns.*found 2/],
  ])('refuses %s and says why', (setting, message) => {
    expect(() => configureFrom(presetNamed('quickstart'), [setting])).toThrow(message);
  });

  it('names the presets there are', () => {
    expect(() => presetNamed('quick')).toThrow(
      /no preset quick\. Choose one of: quickstart, smoke/,
    );
  });
});
