import { SparkError } from '../errors.js';
import { showValue } from '../validation.js';
import type { AnswerPrint } from './replay-state.js';

/** Where an episode came out differently the second time. */
export interface ReplayMismatch {
  readonly task: string;
  /** The turn whose action was taken again; 0 also when it was the reset. */
  readonly turn: number;
  /** The action of that turn; null when it was the reset. */
  readonly action: string | null;
  /** What the first time gave. */
  readonly expected: AnswerPrint;
  /** What this time gave. */
  readonly actual: AnswerPrint;
}

const show = ({ observationHash, score, status }: AnswerPrint): string =>
  `observation ${observationHash}, score ${score}, ${status}`;

/**
 * The same actions gave another answer than before: the world is not deterministic, so the state that was wanted cannot be
 * reached again. Going on would train on a tree whose branches do not start where they claim to.
 */
export class ReplayMismatchError extends SparkError {
  readonly task: string;
  readonly turn: number;
  readonly action: string | null;
  readonly expected: AnswerPrint;
  readonly actual: AnswerPrint;

  constructor({ task, turn, action, expected, actual }: ReplayMismatch) {
    const what = action === null ? 'the reset' : `action ${showValue(action)}`;
    super(
      'replay-mismatch',
      `task ${task}, turn ${turn}: ${what} gave (${show(actual)}), the first time (${show(expected)})`,
      {
        field: 'observation',
        value: actual.observationHash,
        remedy:
          'Make the world deterministic: let reset set every seed from the task, and keep clocks and random ids out of observations.',
      },
    );
    this.name = 'ReplayMismatchError';
    this.task = task;
    this.turn = turn;
    this.action = action;
    this.expected = expected;
    this.actual = actual;
  }
}
