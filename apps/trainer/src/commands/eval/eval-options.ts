import { InvalidInputError } from '@spark-rl/core';

import {
  testTimeBranching,
  type LeafRuleName,
  type TestTimeBranching,
} from '../../pipeline/evaluate-branching.js';

export interface EvalOptions {
  readonly checkpoint: string;
  readonly episodes: number;
  readonly split?: string;
  readonly seed?: number;
  readonly temperature: readonly string[];
  readonly engine: string;
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
  readonly maxTokens: number;
  readonly concurrency: number;
  readonly cassette?: string;
  readonly record: boolean;
}

/** Reads temperatures from `1,0.4`, or from the option given again and again. */
export function temperaturesOf(texts: readonly string[]): readonly number[] {
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

/** How trees branch at test time; undefined without `--leaves`. */
export function branchingOf(options: EvalOptions): TestTimeBranching | undefined {
  const { leaves, roots, width, choose } = options;
  if (leaves > 1) {
    return testTimeBranching({
      leaves,
      roots,
      width,
      choose: choose as LeafRuleName | undefined,
    });
  }
  const [useless] = Object.entries({ roots, width, choose }).filter(
    ([, value]) => value !== undefined,
  );
  if (useless === undefined) return undefined;
  throw new InvalidInputError(`--${useless[0]} needs --leaves: one leaf leaves no choice`, {
    field: '--leaves',
    value: leaves,
    remedy: 'Give --leaves 8, say, for test-time branching.',
  });
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
    remedy: `Choose one of: ${names.join(', ')}.`,
  });
}
