import { treatmentOf, type HouseholdGoal } from './goal.js';
import type { Layout, Receptacle } from './layout.js';
import type { PlacedObject } from './placement.js';

/**
 * Commands that solve a game, found with full knowledge of where everything is: fetch, treat, bring. Not always the shortest
 * way, but without detours, and open objects are preferred to those behind doors.
 */
export function solveGame(
  layout: Layout,
  objects: readonly PlacedObject[],
  goal: HouseholdGoal,
): readonly string[] {
  const commands: string[] = [];
  const opened = new Set<Receptacle>();
  let location = 0;
  const goTo = (place: Receptacle): void => {
    if (place.location === location) return;
    commands.push(`go to ${place.name}`);
    location = place.location;
  };
  const reachInto = (place: Receptacle): void => {
    goTo(place);
    if (!place.openable || opened.has(place)) return;
    commands.push(`open ${place.name}`);
    opened.add(place);
  };
  const take = (object: PlacedObject): void => {
    reachInto(object.place);
    commands.push(`take ${object.name} from ${object.place.name}`);
  };
  const firstOf = (className: string): Receptacle =>
    layout.receptacles.findLast((receptacle) => receptacle.class === className)!;
  const wanted = objects
    .filter((object) => object.class === goal.object)
    .sort((a, b) => Number(a.place.openable) - Number(b.place.openable));

  if (goal.kind === 'look_at_obj_in_light') {
    take(wanted[0]!);
    goTo(layout.lamp!.on);
    commands.push(`use ${goal.target.toLowerCase()} 1`);
    return commands;
  }
  const treatment = treatmentOf(goal.kind);
  const destination = firstOf(goal.target);
  for (const object of wanted.slice(0, goal.kind === 'pick_two_obj_and_place' ? 2 : 1)) {
    take(object);
    if (treatment !== undefined) {
      const station = firstOf(treatment.station);
      goTo(station);
      commands.push(`${treatment.verb} ${object.name} with ${station.name}`);
    }
    reachInto(destination);
    commands.push(`move ${object.name} to ${destination.name}`);
  }
  return commands;
}
