import { configureFrom, presetNamed } from '../src/config/presets.js';

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
