import { InvalidInputError } from '@spark-rl/core';

import {
  HOUSEHOLD_KINDS,
  TASK_SENTENCES,
  type HouseholdKind,
} from '../generator/data/task-sentences.js';
import { treatmentOf, type Treatment } from '../generator/goal.js';

/** A task as an agent reads it, in the game's lower-case class names. */
export interface TaskReading {
  readonly kind: HouseholdKind;
  readonly object: string;
  /** The receptacle class to put it in, or the lamp class to look at it under. */
  readonly target: string;
}

const FORMS = HOUSEHOLD_KINDS.flatMap((kind) =>
  TASK_SENTENCES[kind].map((sentence) => ({
    kind,
    form: new RegExp(
      `^${sentence.replace('{object}', '(?<object>\\w+)').replace('{target}', '(?<target>\\w+)')}$`,
    ),
  })),
);

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
  for (const { kind, form } of FORMS) {
    const found = form.exec(sentence)?.groups;
    if (found !== undefined) return { kind, object: found['object']!, target: found['target']! };
  }
  throw new InvalidInputError(`instruction: not a task sentence of ALFWorld: "${sentence}"`, {
    field: 'instruction',
    value: instruction,
    remedy: `Give the sentence that the game itself states, for one of ${HOUSEHOLD_KINDS.join(', ')}.`,
  });
}

/** What has to be done to the object before it is put down, where the kind asks for something. */
export const treatmentFor = (task: TaskReading): Treatment | undefined => treatmentOf(task.kind);
