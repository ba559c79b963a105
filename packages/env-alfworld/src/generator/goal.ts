import type { RandomSource } from '@spark-rl/core';

import { CLEANABLE, COOLABLE, HEATABLE } from './data/abilities.js';
import { ROOMS } from './data/rooms.js';
import { TASK_SENTENCES, type HouseholdKind } from './data/task-sentences.js';
import type { Layout } from './layout.js';
import { canContain, locationWeight } from './location-weight.js';

/** What is to be achieved, in ALFRED's class names. */
export interface HouseholdGoal {
  readonly kind: HouseholdKind;
  readonly object: string;
  /** The receptacle class to put it in; for `look_at_obj_in_light` the lamp class. */
  readonly target: string;
}

/** What a kind does to the object: the class it is done with, the objects it can be done to, and the fact it makes true. */
export interface Treatment {
  readonly verb: 'clean' | 'heat' | 'cool';
  readonly station: string;
  readonly objects: ReadonlySet<string>;
  readonly fact: string;
  readonly adjective: string;
}

const TREATMENTS: Partial<Record<HouseholdKind, Treatment>> = {
  pick_clean_then_place_in_recep: {
    verb: 'clean',
    station: 'SinkBasin',
    objects: CLEANABLE,
    fact: 'isClean',
    adjective: 'clean',
  },
  pick_heat_then_place_in_recep: {
    verb: 'heat',
    station: 'Microwave',
    objects: HEATABLE,
    fact: 'isHot',
    adjective: 'hot',
  },
  pick_cool_then_place_in_recep: {
    verb: 'cool',
    station: 'Fridge',
    objects: COOLABLE,
    fact: 'isCool',
    adjective: 'cool',
  },
};

export const treatmentOf = (kind: HouseholdKind): Treatment | undefined => TREATMENTS[kind];

/** Whether the goal's object may start in or on a receptacle class: anywhere allowed but where the goal would have it. */
export const mayStartIn = (goal: HouseholdGoal, receptacle: string): boolean =>
  receptacle !== goal.target && locationWeight(receptacle, goal.object) > 0;

/** The goals of a kind that can be set, and reached, in a layout. */
export function possibleGoals(layout: Layout, kind: HouseholdKind): readonly HouseholdGoal[] {
  const classes = [...new Set(layout.receptacles.map((receptacle) => receptacle.class))];
  const objects = Object.keys(ROOMS[layout.room].objects);
  const treatment = treatmentOf(kind);
  if (treatment !== undefined && !classes.includes(treatment.station)) return [];
  const targets = (object: string): readonly string[] => {
    if (kind === 'look_at_obj_in_light') return layout.lamp === null ? [] : [layout.lamp.class];
    if (treatment !== undefined && !treatment.objects.has(object)) return [];
    return classes.filter((name) => name !== treatment?.station && canContain(name, object));
  };
  return objects
    .flatMap((object) => targets(object).map((target) => ({ kind, object, target })))
    .filter((goal) => classes.some((name) => mayStartIn(goal, name)));
}

/** The goal in words: one of ALFWorld's two sentences for its kind. */
export const goalSentence = (goal: HouseholdGoal, random: RandomSource): string =>
  random
    .pick(TASK_SENTENCES[goal.kind])
    .replace('{object}', goal.object.toLowerCase())
    .replace('{target}', goal.target.toLowerCase());
