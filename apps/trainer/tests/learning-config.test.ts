import { configureFrom, presetNamed } from '../src/config/presets.js';
import { learnerOptions } from '../src/pipeline/learner-options.js';

const refusal = /learning\.weights: with rollout\.method tree-grpo only mean or sum.*found "reach"/;

describe('learning.weights', () => {
  const grown = ['rollout.method=tree-grpo', 'rollout.roots=2', 'rollout.leaves=8'];
  const configure = (...settings: string[]) => configureFrom(presetNamed('quickstart'), settings);

  it('is refused as reach before trees are grown that have none', () => {
    expect(() => configure(...grown, 'learning.weights=reach')).toThrow(refusal);
  });

  it('is taken where trees have it', () => {
    expect(configure(...grown, 'learning.weights=sum').learning.weights).toBe('sum');
    expect(configure('learning.weights=reach').learning.weights).toBe('reach');
    // Every tree is one path: none grows on.
    const paths = configure(...grown, 'rollout.roots=8', 'learning.weights=reach');
    expect(paths.learning.weights).toBe('reach');
  });
});

describe('what other packages name', () => {
  const configure = (...settings: string[]) => configureFrom(presetNamed('quickstart'), settings);

  it('goes to the learner, after what has a field of its own', () => {
    const config = configure(
      'learning.objective.ratio=sequence',
      'learning.objective.clipHigh=0.28',
    );
    expect(learnerOptions(config)).toMatchObject({
      ratio: 'sequence',
      clipLow: 0.2,
      clipHigh: 0.28,
      klCoefficient: 0.03,
    });
    expect(presetNamed('quickstart').learning.objective).toEqual({});
  });

  it.each([
    ['learning.objective.rato=sequence', /learning\.objective.*rato/],
    ['learning.objective.objective=ppp', /learning\.objective\.objective/],
    ['learning.objective={"objective":"cispo","ratio":"sequence"}', /learning\.objective\.ratio/],
    ['learning.objective={"objective":"reinforce","epochs":2}', /learning\.objective\.epochs/],
    ['learning.objective={"klIn":"reward","klCoefficient":0}', /learning\.objective\.klIn/],
    ['learning.estimatorOptions.gama=0.9', /learning\.estimatorOptions.*gama/],
    ['learning.estimatorOptions={"ddof":7}', /learning\.estimatorOptions.*ddof/],
    ['learning.objectiv.ratio=token', /no field learning\.objectiv/],
  ])('refuses %s before anything is trained', (setting, message) => {
    expect(() => configure(setting)).toThrow(message);
  });

  it('goes to the estimator that it belongs to', () => {
    expect(() => configure('learning.estimatorOptions.gamma=0.9')).toThrow(/gamma/);
    const config = configure('learning.estimator=gigpo', 'learning.estimatorOptions.gamma=0.9');
    expect(config.learning.estimatorOptions).toEqual({ gamma: 0.9 });
  });
});

describe('rollouts and groups', () => {
  const configure = (...settings: string[]) => configureFrom(presetNamed('quickstart'), settings);

  it('are strictly on-policy and unfiltered unless they are told otherwise', () => {
    const config = configure();
    expect([config.rollout.stepsAhead, config.learning.groupFilter]).toEqual([0, 'none']);
    expect(learnerOptions(config)).toMatchObject({ maxStaleness: 0 });
  });

  it('one step ahead learn from turns of one version before', () => {
    expect(learnerOptions(configure('rollout.stepsAhead=1'))).toMatchObject({ maxStaleness: 1 });
  });

  it.each([
    [['rollout.stepsAhead=2'], /rollout\.stepsAhead/],
    [
      ['rollout.stepsAhead=1', 'learning.objective.maxStaleness=0'],
      /objective\.maxStaleness: with rollout\.stepsAhead 1 every turn .* would be withheld: at least 1/,
    ],
    [
      ['rollout.stepsAhead=1', 'learning.objective.objective=reinforce'],
      /no ratio that corrects for turns of older weights: take ppo or cispo/,
    ],
    [
      ['learning.groupFilter=drop', 'learning.estimator=reinforce'],
      /groupFilter: the estimator reinforce compares no paths of a task/,
    ],
    [['learning.maxGenerationBatches=1'], /maxGenerationBatches/],
  ])('refuse %j', (settings, message) => {
    expect(() => configure(...settings)).toThrow(message);
  });

  it('take a correction for what has no ratio of its own', () => {
    const corrected = 'learning.objective={"objective":"reinforce","importanceCorrection":{}}';
    expect(() => configure('rollout.stepsAhead=1', corrected)).not.toThrow();
  });
});
