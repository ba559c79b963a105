import { forEachAtom, type Formula } from '../pddl/formula.js';

/** What a goal in ALFWorld's vocabulary of facts asks for. Type names are in lower case, as in the facts. */
export interface GoalReading {
  readonly objectType: string;
  /** The receptacle type to put it in; null when it is to be looked at under a lamp. */
  readonly receptacleType: string | null;
  /** The type of the lamp; null when it is to be put somewhere. */
  readonly lampType: string | null;
  readonly treatment: Treatment | null;
  /** How many objects must lie in the same receptacle. */
  readonly count: 1 | 2;
}

/** What is to be done to an object before it counts. */
export interface Treatment {
  readonly verb: 'clean' | 'heat' | 'cool';
  /** The fact that the treatment makes true. */
  readonly fact: string;
  /** The fact that allows it. */
  readonly ability: string;
  /** The type of the receptacle that it is done with. */
  readonly station: string;
}

const TREATMENTS: readonly Treatment[] = [
  { verb: 'clean', fact: 'isclean', ability: 'cleanable', station: 'sinkbasintype' },
  { verb: 'heat', fact: 'ishot', ability: 'heatable', station: 'microwavetype' },
  { verb: 'cool', fact: 'iscool', ability: 'coolable', station: 'fridgetype' },
];

/** Reads a goal of one of ALFWorld's six forms; null for any other. */
export function readGoal(goal: Formula): GoalReading | null {
  const objectTypes: string[] = [];
  const receptacleTypes = new Set<string>();
  const others = new Set<string>();
  forEachAtom(goal, ({ predicate, terms }) => {
    const type = terms[1] ?? '';
    if (predicate === 'objecttype') objectTypes.push(type);
    else if (predicate === 'receptacletype') receptacleTypes.add(type);
    else others.add(predicate);
  });
  const types = new Set(objectTypes);
  const [receptacleType] = receptacleTypes;
  const treatments = TREATMENTS.filter(({ fact }) => others.has(fact));
  if (others.has('istoggled')) {
    const lampType = [...types].find((type) => type.includes('lamp'));
    const objectType = [...types].find((type) => type !== lampType);
    if (lampType === undefined || objectType === undefined) return null;
    return { objectType, receptacleType: null, lampType, treatment: null, count: 1 };
  }
  const [objectType] = types;
  if (types.size !== 1 || receptacleTypes.size !== 1 || treatments.length > 1) return null;
  if (objectType === undefined || receptacleType === undefined || objectTypes.length > 2)
    return null;
  return {
    objectType,
    receptacleType,
    lampType: null,
    treatment: treatments[0] ?? null,
    count: objectTypes.length === 2 ? 2 : 1,
  };
}
