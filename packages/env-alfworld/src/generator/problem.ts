import { CLEANABLE, COOLABLE, HEATABLE, HOLLOW, SLICEABLE, TOGGLEABLE } from './data/abilities.js';
import { treatmentOf, type HouseholdGoal } from './goal.js';
import type { Layout } from './layout.js';
import { canContain } from './location-weight.js';
import type { PlacedObject } from './placement.js';

const type = (className: string): string => `${className}Type`;
const locationId = (location: number): string => `loc_bar_${location}`;
const unique = (items: readonly string[]): string[] => [...new Set(items)].sort();

/** The goal as a PDDL condition; nested, so that an evaluator can rule out whole classes early. */
export function goalCondition(goal: HouseholdGoal): string {
  const isObject = (name: string): string => `(objectType ${name} ${type(goal.object)})`;
  if (goal.kind === 'look_at_obj_in_light') {
    return `(exists (?who - agent ?spot - location) (and (atLocation ?who ?spot)
      (exists (?thing - object) (and (holds ?who ?thing) ${isObject('?thing')}))
      (exists (?lamp - object ?place - receptacle) (and
        (isToggled ?lamp) (objectType ?lamp ${type(goal.target)})
        (inReceptacle ?lamp ?place) (receptacleAtLocation ?place ?spot)))))`;
  }
  const treatment = treatmentOf(goal.kind);
  const state = treatment === undefined ? '' : ` (${treatment.fact} ?thing)`;
  const another =
    goal.kind === 'pick_two_obj_and_place'
      ? `
        (exists (?other - object) (and
          ${isObject('?other')} (inReceptacle ?other ?place) (not (= ?thing ?other))))`
      : '';
  return `(exists (?place - receptacle) (and (receptacleType ?place ${type(goal.target)})
      (exists (?thing - object) (and
        ${isObject('?thing')} (inReceptacle ?thing ?place)${state}${another}))))`;
}

const ABILITIES: readonly (readonly [predicate: string, classes: ReadonlySet<string>])[] = [
  ['cleanable', CLEANABLE],
  ['heatable', HEATABLE],
  ['coolable', COOLABLE],
  ['sliceable', SLICEABLE],
  ['toggleable', TOGGLEABLE],
  ['isReceptacleObject', HOLLOW],
];

/** Classes that the domain's actions name; a problem declares their types even where the room has none. */
const NAMED_BY_DOMAIN = {
  receptacles: ['Fridge', 'Microwave', 'SinkBasin'],
  objects: ['ButterKnife', 'Knife'],
};

/** The PDDL problem of a game: its room, its objects, and the goal. */
export function householdProblem(
  name: string,
  layout: Layout,
  objects: readonly PlacedObject[],
  goal: HouseholdGoal,
): string {
  const { receptacles } = layout;
  const outer = unique(receptacles.map((receptacle) => receptacle.class));
  const inner = unique(objects.map((object) => object.class));
  const locations = [0, ...new Set(receptacles.map((receptacle) => receptacle.location))];
  const facts = [
    `(atLocation agent1 ${locationId(0)})`,
    ...receptacles.flatMap(({ id, class: kind, openable, location }) => [
      `(receptacleType ${id} ${type(kind)})`,
      `(receptacleAtLocation ${id} ${locationId(location)})`,
      ...(openable ? [`(openable ${id})`] : []),
    ]),
    ...objects.flatMap(({ id, class: kind, place }) => [
      `(objectType ${id} ${type(kind)})`,
      `(inReceptacle ${id} ${place.id})`,
      `(objectAtLocation ${id} ${locationId(place.location)})`,
      ...(TOGGLEABLE.has(kind) ? [] : [`(pickupable ${id})`]),
      ...ABILITIES.filter(([, classes]) => classes.has(kind)).map(([fact]) => `(${fact} ${id})`),
    ]),
    ...outer.flatMap((receptacle) =>
      inner
        .filter((object) => canContain(receptacle, object))
        .map((object) => `(canContain ${type(receptacle)} ${type(object)})`),
    ),
  ];
  return `(define (problem ${name})
  (:domain household)
  (:objects
    agent1 - agent
    ${locations.map(locationId).join(' ')} - location
    ${receptacles.map(({ id }) => id).join(' ')} - receptacle
    ${objects.map(({ id }) => id).join(' ')} - object
    ${unique([...outer, ...NAMED_BY_DOMAIN.receptacles])
      .map(type)
      .join(' ')} - rtype
    ${unique([...inner, ...NAMED_BY_DOMAIN.objects])
      .map(type)
      .join(' ')} - otype
  )
  (:init
    ${facts.join('\n    ')}
  )
  (:goal
    ${goalCondition(goal)}
  )
)
`;
}
