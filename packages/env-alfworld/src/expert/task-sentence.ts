import { InvalidInputError } from '@spark-rl/core';

import {
  HOUSEHOLD_KINDS,
  treatmentOf,
  type HouseholdKind,
  type Treatment,
} from '../generator/goal.js';

/** A task as an agent reads it, in the game's lower-case class names. */
export interface TaskReading {
  readonly kind: HouseholdKind;
  readonly object: string;
  /** The receptacle class to put it in, or the lamp class to look at it under. */
  readonly target: string;
}

const FORMS: readonly (readonly [RegExp, HouseholdKind])[] = [
  [/^put a clean (\w+) in (\w+)$/, 'pick_clean_then_place_in_recep'],
  [/^clean some (\w+) and put it in (\w+)$/, 'pick_clean_then_place_in_recep'],
  [/^put a hot (\w+) in (\w+)$/, 'pick_heat_then_place_in_recep'],
  [/^heat some (\w+) and put it in (\w+)$/, 'pick_heat_then_place_in_recep'],
  [/^put a cool (\w+) in (\w+)$/, 'pick_cool_then_place_in_recep'],
  [/^cool some (\w+) and put it in (\w+)$/, 'pick_cool_then_place_in_recep'],
  [/^put two (\w+) in (\w+)$/, 'pick_two_obj_and_place'],
  [/^find two (\w+) and put them in (\w+)$/, 'pick_two_obj_and_place'],
  [/^put (?:an?|some) (\w+) (?:in|on) (\w+)$/, 'pick_and_place_simple'],
  [/^look at (?:an? |the )?(\w+) under the (\w+)$/, 'look_at_obj_in_light'],
  [/^examine the (\w+) with the (\w+)$/, 'look_at_obj_in_light'],
];

/**
 * Reads one of ALFWorld's task sentences, with or without "Your task is to:" and the full stop.
 *
 * @throws InvalidInputError when the sentence has none of the known forms, as human-written task descriptions have not
 */
export function readTask(instruction: string): TaskReading {
  const sentence = instruction
    .replace(/^[^]*Your task is to:?/, '')
    .trim()
    .replace(/\.$/, '');
  for (const [form, kind] of FORMS) {
    const found = form.exec(sentence);
    if (found !== null) return { kind, object: found[1]!, target: found[2]! };
  }
  throw new InvalidInputError(`instruction: not a task sentence of ALFWorld: "${sentence}"`, {
    field: 'instruction',
    value: instruction,
    remedy: `Give the sentence that the game itself states, for one of ${HOUSEHOLD_KINDS.join(', ')}.`,
  });
}

/** What has to be done to the object before it is put down, where the kind asks for something. */
export const treatmentFor = (task: TaskReading): Treatment | undefined => treatmentOf(task.kind);
