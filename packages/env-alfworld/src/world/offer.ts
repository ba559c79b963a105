import { derive, type TextScope } from '../text/derive.js';
import type { GroundAction } from './action.js';
import type { Facts } from './fact-table.js';
import type { World, WorldAction } from './world.js';

/** A command, and the ground action that it stands for. */
export interface Offer {
  readonly command: string;
  readonly ground: GroundAction;
}

/** What an action offers where `facts` hold, sorted by command. */
export function offersOf(action: WorldAction, facts: Facts, world: World): readonly Offer[] {
  return action.action
    .applicable(facts)
    .map((ground) => offerOf(action, ground, facts, world))
    .sort((a, b) => (a.command < b.command ? -1 : a.command > b.command ? 1 : 0));
}

function offerOf(
  { texts, fixedOffers }: WorldAction,
  ground: GroundAction,
  facts: Facts,
  world: World,
): Offer {
  const known = fixedOffers?.get(ground);
  if (known !== undefined) return known;
  const offer = { ground, command: derive(texts.command, scopeOf(ground), world.text, facts) };
  fixedOffers?.set(ground, offer);
  return offer;
}

/** The variables of a ground action's texts: its parameters without their question marks. */
export function scopeOf(ground: GroundAction): TextScope | null {
  return ground.action.schema.parameters.reduce<TextScope | null>(
    (outer, { name, type }, i) => ({
      name: name.slice(1),
      type,
      object: ground.arguments[i]!,
      knownAs: type,
      outer,
    }),
    null,
  );
}

/** The commands of several sorted lists as one sorted list without repetitions. */
export function mergeCommands(lists: readonly (readonly Offer[])[]): readonly string[] {
  // The lists of different actions seldom interleave, so nearly all of this is concatenation.
  const sorted = lists
    .filter((list) => list.length > 0)
    .sort((a, b) => (a[0]!.command < b[0]!.command ? -1 : 1));
  const commands: string[] = [];
  let isSorted = true;
  for (const list of sorted) {
    for (const { command } of list) {
      const last = commands.at(-1);
      if (command === last) continue;
      if (last !== undefined && command < last) isSorted = false;
      commands.push(command);
    }
  }
  return isSorted ? commands : [...new Set(commands.sort())];
}
