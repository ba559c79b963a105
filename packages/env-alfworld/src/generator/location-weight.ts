import { CAN_CONTAIN } from './data/containment.js';
import { LOCATION_PRIORS } from './data/location-priors.js';

/** What every allowed place gets beside its counted share, so that nothing allowed is impossible. */
const SMOOTHING = 3;

const allowed: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(CAN_CONTAIN).map(([name, objects]) => [name, new Set(objects)]),
);

/** Whether a receptacle class may hold an object class. */
export const canContain = (receptacle: string, object: string): boolean =>
  allowed.get(receptacle)?.has(object) ?? false;

/**
 * How likely an object class is to lie in or on some receptacle of a class, up to a common factor; 0 where it may not. Where a
 * room has several receptacles of the class, the weight is that of all of them together.
 */
export const locationWeight = (receptacle: string, object: string): number =>
  canContain(receptacle, object) ? SMOOTHING + (LOCATION_PRIORS[object]?.[receptacle] ?? 0) : 0;
