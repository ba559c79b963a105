export { always, type AlwaysOptions } from './always.js';
export { exploreTag, type ExploreTagOptions } from './explore-tag.js';
export { fixedProbability, type FixedProbabilityOptions } from './fixed-probability.js';
export { never } from './never.js';
