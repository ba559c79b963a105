import { configureFrom, presetNamed, presets } from '../src/config/presets.js';

describe('presets', () => {
  const named = Object.entries(presets).flatMap(([name, worlds]) =>
    Object.keys(worlds).map((world) => [name, world] as const),
  );

  it.each(named)('%s of %s is a valid configuration', (name, world) => {
    const preset = presetNamed(name, world);
    expect(preset.environment.id).toBe(world);
    expect(configureFrom(preset, [])).toEqual(preset);
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
    expect(config.environment).toMatchObject({ kinds: ['pick_two_obj_and_place'] });
    expect(presetNamed('quickstart').rollout.leaves).toBe(8);
  });

  it.each([
    [
      'rollout.roots=9',
      /rollout\.roots: the roots M may not be more than the leaves N \(found 9\)/,
    ],
    ['rollout.width=0', /rollout\.width.*found 0/],
    ['rollout.leafs=9', /no field rollout\.leafs\. Did you mean leaves\? Known here: tasksPerStep/],
    ['rollout', /FIELD=VALUE/],
    ['seed.x=1', /seed: .*expected number/],
    ['model.heads=5', /width must be a multiple/],
    ['environment.items="items.json"', /no field environment\.items/],
    ['environment.expert.wastedTurns=2', /environment\.expert\.wastedTurns.*found 2/],
  ])('refuses %s and says why', (setting, message) => {
    expect(() => configureFrom(presetNamed('quickstart'), [setting])).toThrow(message);
  });

  it('names the presets there are', () => {
    expect(() => presetNamed('quick')).toThrow(/no preset quick\. Known here: quickstart, smoke/);
    expect(() => presetNamed('smoke', 'webshp')).toThrow(
      /no env webshp\. Did you mean webshop\? Known here: alfworld, webshop/,
    );
  });
});

describe('the settings of the shop', () => {
  it.each([
    ['environment.items="a.json"', /environment\.instructions.*belong together/],
    ['environment.goals=human', /environment\.goals.*need the real data files/],
    ['environment.kinds=["look"]', /no field environment\.kinds/],
  ])('refuses %s and says why', (setting, message) => {
    expect(() => configureFrom(presetNamed('smoke', 'webshop'), [setting])).toThrow(message);
  });
});
