import {
  observationText,
  parseInput,
  randomSource,
  type Expert,
  type ExpertSession,
  type ExpertTurn,
  type RandomSource,
} from '@spark-rl/core';
import { z } from 'zod';

import type { Wording } from '../wording.js';
import { emptyMemory, remember, type Memory } from './memory.js';
import { plan, type Intent } from './plan.js';
import { readTask, type TaskReading } from './task-sentence.js';
import { wastedTurn } from './wasted-turn.js';

const share = z.number().min(0).max(1);

const schema = z.strictObject({
  reasoning: z.enum(['brief', 'tracking']).default('tracking'),
  listed: z.number().int().min(1).default(3),
  exploreAfterMiss: z.boolean().default(true),
  searchNoise: share.default(0),
  wastedTurns: share.default(0),
  wording: z.enum(['2.1.1', '2.1.2']).default('2.1.2'),
});

/** How the expert reasons and how well it works. */
export interface HouseholdExpertOptions {
  /** `tracking` (default) names what is wanted and the places not seen yet; `brief` names only what is next. */
  readonly reasoning?: 'brief' | 'tracking';
  /** How many unseen places `tracking` lists at most; default 3. */
  readonly listed?: number;
  /** Whether only the search after a miss is marked `explore` (default), or every search. */
  readonly exploreAfterMiss?: boolean;
  /** The share of search choices made at random instead of by what is likely; 0 to 1, default 0. */
  readonly searchNoise?: number;
  /** The share of turns spent on something useless and harmless; 0 to 1, default 0. */
  readonly wastedTurns?: number;
  /** How the game words its commands: `2.1.1` says `put x in/on y`, later data versions (default) `move x to y`. */
  readonly wording?: Wording;
}

type Settings = z.output<typeof schema>;

/** Puts an intent into words. The names that the action needs stand at the end, next to where it will be written. */
function reasonFor(intent: Intent, mode: string, surprised: boolean, settings: Settings): string {
  const { aim, note, search } = intent;
  const tracking = settings.reasoning === 'tracking';
  const opening = surprised ? 'nothing happened. ' : '';
  if (search === null) return `${opening}${tracking ? `${aim}. ` : ''}${note}`;
  const list = tracking
    ? `not seen: ${search.places.slice(0, settings.listed).join(', ')}`
    : `try ${search.places[0]!}`;
  const missed = mode === 'explore' && !surprised;
  return `${opening}${missed ? `no ${search.object} yet` : aim}. ${list}`;
}

function beginSession(
  settings: Settings,
  instruction: string,
  random: RandomSource,
): ExpertSession {
  const memory: Memory = emptyMemory();
  let task: TaskReading | null = null;
  let lastAction: string | null = null;
  let searching: Intent['search'] = null;
  let missed = false;

  const known = (): number =>
    [...memory.places.values()].filter((place) => place.state === 'seen').length;

  return {
    act: (observation): ExpertTurn => {
      const before = known();
      remember(memory, lastAction, observationText(observation));
      task ??= readTask(instruction);
      const looked = known() > before;
      const intent = plan({
        memory,
        task,
        wording: settings.wording,
        choose: (places) =>
          random.uniform() < settings.searchNoise ? random.pick(places) : places[0]!,
      });
      // A miss: a search has shown a new place, and the search must go on.
      if (searching !== null && looked) missed = intent.search !== null;
      const wasted = random.uniform() < settings.wastedTurns ? wastedTurn(memory, random) : null;
      if (wasted !== null) {
        lastAction = wasted.action;
        return { mode: 'think', ...wasted };
      }
      const surprised = memory.surprised;
      const uncertain = intent.search !== null && (missed || !settings.exploreAfterMiss);
      const mode = uncertain || surprised ? 'explore' : 'think';
      if (intent.search !== null) {
        searching = intent.search;
        missed = false;
      }
      lastAction = intent.action;
      return {
        mode,
        reasoning: reasonFor(intent, mode, surprised, settings),
        action: intent.action,
      };
    },
  };
}

/**
 * An expert for ALFWorld's six kinds of tasks, in generated and in real games. It sees what any agent sees: it remembers what it
 * observed, searches the likeliest place first, and does the obvious next thing. Its turns say `explore` where it searches on
 * after a miss or is surprised, and `think` where it knows. Deterministic in the options and the session's key.
 *
 * @throws InvalidInputError when an option is wrong; a session throws it for a task sentence that is not ALFWorld's
 */
export function householdExpert(options: HouseholdExpertOptions = {}): Expert {
  const settings = parseInput(schema, options, 'options of householdExpert');
  return {
    id: 'household-expert',
    begin: ({ instruction, key }) =>
      beginSession(settings, instruction, randomSource([...key, 'household expert'])),
  };
}
