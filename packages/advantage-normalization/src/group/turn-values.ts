import type { Turn } from '@spark-rl/core';

import { meanOf } from '../statistics/mean.js';
import { waysOn } from './copy-weights.js';
import type { GroupLeaf } from './group.js';

/**
 * How the value of a turn is read off the rewards below it: `leaves` is the mean over its leaves; `children` the mean over the values of
 * its ways on, so that a way that was forked further counts no more than one that was not.
 */
export type TurnValueRule = 'leaves' | 'children';

/** What turns are worth, as far as the rewards below them tell. */
export interface TurnValues {
  /** V of every turn with a completed leaf below it. */
  readonly values: ReadonlyMap<Turn, number>;
  /** V of the task's initial state. */
  readonly initial: number;
}

/** Values every turn of a group by the rewards of the completed leaves below it. */
export function turnValues(group: readonly GroupLeaf[], rule: TurnValueRule): TurnValues {
  if (rule === 'leaves') {
    const below = new Map<Turn, number[]>();
    for (const { path, reward } of group) {
      for (const turn of path) {
        const rewards = below.get(turn);
        if (rewards === undefined) below.set(turn, [reward]);
        else rewards.push(reward);
      }
    }
    return {
      values: new Map([...below].map(([turn, rewards]) => [turn, meanOf(rewards)])),
      initial: meanOf(group.map(({ reward }) => reward)),
    };
  }
  const ways = waysOn(group);
  const values = new Map<Turn, number>();
  const valueOf = (way: Turn | GroupLeaf): number =>
    'reward' in way ? way.reward : values.get(way)!;
  // Children stand after their parents on every path, so from the ends of the paths to the roots every way on is known before its turn.
  const deepestFirst = [...ways.keys()].sort((a, b) => b.index - a.index);
  for (const turn of deepestFirst) values.set(turn, meanOf([...ways.get(turn)!].map(valueOf)));
  const starts = new Set(group.map((member) => member.path[0] ?? member));
  return { values, initial: meanOf([...starts].map(valueOf)) };
}
