import { InvalidInputError } from '@spark-rl/core';

import { knownNames } from '../../config/nearest-name.js';
import { leafRules, type LeafRuleName } from '../../pipeline/answer-trees.js';
import { testTimeBranching, type TestTimeBranching } from '../../pipeline/evaluate-branching.js';
import { samplingOf, type Sampling } from '../../pipeline/evaluate-samples.js';

export interface EvalOptions {
  readonly checkpoint: string;
  readonly episodes: number;
  readonly split?: string;
  /** Measures L0, L1 and L2 in place of one split. */
  readonly levels?: boolean;
  readonly seed?: number;
  readonly temperature: readonly string[];
  readonly engine: string;
  /** Separate episodes of each game. */
  readonly samples?: number;
  /** The k of pass@k, with commas. */
  readonly passAt?: string;
  readonly leaves: number;
  readonly roots?: number;
  readonly width?: number;
  readonly choose?: string;
  /** Addresses of servers of one model; without them a checkpoint of the run is measured. */
  readonly policy?: readonly string[];
  readonly model?: string;
  readonly server: string;
  /** The environment variable that holds the key. */
  readonly keyEnv: string;
  readonly grammar: string;
  readonly size: string;
  readonly games?: string;
  /** With a served model and without a run: the kinds of task that count as unseen. */
  readonly heldOut?: string;
  readonly maxTokens: number;
  readonly concurrency: number;
  readonly cassette?: string;
  readonly record: boolean;
}

/** Reads temperatures from `1,0.4`, or from the option given again and again. */
function temperaturesOf(texts: readonly string[]): readonly number[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const value = Number(text);
      if (text.trim() !== '' && value >= 0 && value <= 2) return value;
      throw new InvalidInputError(`--temperature ${text} is not a number from 0 to 2`, {
        field: '--temperature',
        value: text,
        remedy: 'Give numbers such as 1 or 0.4, or several with commas: 1,0.4.',
      });
    });
}

/** What is done with every game, and with what it gave. */
export interface EvalPlan {
  readonly temperatures: readonly number[];
  /** Several separate episodes of each game; undefined for one. */
  readonly sampling: Sampling | undefined;
  /** Undefined without `--leaves`. */
  readonly branching: TestTimeBranching | undefined;
  /** Who chooses among several paths. */
  readonly rules: readonly LeafRuleName[];
}

/** Whole numbers with commas, such as `1,2,4`. */
function numbersOf(option: string, text: string): readonly number[] {
  return text.split(',').map((part) => {
    const value = Number(part);
    if (/^\s*\d+\s*$/.test(part) && Number.isSafeInteger(value) && value > 0) return value;
    throw new InvalidInputError(`${option} ${part} is not a whole number from 1`, {
      field: option,
      value: text,
      remedy: 'Give whole numbers with commas, such as 1,2,4,8.',
    });
  });
}

const RULES = Object.keys(leafRules) as LeafRuleName[];

/** Refuses what would change nothing. */
function refuseUseless(
  needs: string,
  options: Readonly<Record<string, unknown>>,
  remedy: string,
): void {
  const [useless] = Object.entries(options).filter(([, value]) => value !== undefined);
  if (useless === undefined) return;
  throw new InvalidInputError(`--${useless[0]} needs ${needs}`, {
    field: `--${useless[0]}`,
    value: useless[1],
    remedy,
  });
}

/**
 * What the options ask for, checked before anything is opened.
 *
 * @throws InvalidInputError for what cannot be, or would change nothing
 */
export function planOf(options: EvalOptions): EvalPlan {
  const { leaves, roots, width, choose, samples, passAt } = options;
  const temperatures = temperaturesOf(options.temperature);
  const sampling = samplingOf({
    episodes: samples,
    passAt: passAt === undefined ? undefined : numbersOf('--pass-at', passAt),
  });
  if (leaves === 1) {
    refuseUseless(
      '--leaves: one leaf leaves nothing to branch',
      { roots, width },
      'Give --leaves 8, say, for test-time branching.',
    );
  }
  if (leaves === 1 && sampling === undefined) {
    refuseUseless(
      '--leaves or --samples: one path leaves no choice',
      { choose },
      'Give --leaves 8, say, for test-time branching, or --samples 8 for separate episodes.',
    );
  }
  const rules = (choose ?? 'majority,likeliest')
    .split(',')
    .map((name) => oneOf('--choose', name.trim(), RULES));
  return {
    temperatures,
    sampling,
    branching: leaves > 1 ? testTimeBranching({ leaves, roots, width }) : undefined,
    rules: [...new Set(rules)],
  };
}

/** The name of an option as it is written, among those that it may be. */
export function oneOf<Name extends string>(
  option: string,
  value: string,
  names: readonly Name[],
): Name {
  if ((names as readonly string[]).includes(value)) return value as Name;
  throw new InvalidInputError(`${option} ${value} is none of ${names.join(', ')}`, {
    field: option,
    value,
    remedy: knownNames(value, names),
  });
}
