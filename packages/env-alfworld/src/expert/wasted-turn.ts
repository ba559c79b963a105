import type { RandomSource } from '@spark-rl/core';

import type { Memory } from './memory.js';

/** A turn that changes nothing that matters: a look around, the inventory, a second look at a place, a way back to one. */
export function wastedTurn(
  memory: Memory,
  random: RandomSource,
): { readonly reasoning: string; readonly action: string } {
  const seen = [...memory.places.values()].filter((place) => place.state === 'seen');
  const here = seen.filter((place) => memory.here.has(place.name));
  const away = seen.filter((place) => !memory.here.has(place.name));
  const ways = [
    () => ({ reasoning: 'look around', action: 'look' }),
    () => ({ reasoning: 'check what i carry', action: 'inventory' }),
    ...(here.length === 0
      ? []
      : [
          () => {
            const { name } = random.pick(here);
            return { reasoning: `check ${name} again`, action: `examine ${name}` };
          },
        ]),
    ...(away.length === 0
      ? []
      : [
          () => {
            const { name } = random.pick(away);
            return { reasoning: `go back to ${name}`, action: `go to ${name}` };
          },
        ]),
  ];
  return random.pick(ways)();
}
