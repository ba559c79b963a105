import { InvalidInputError } from '@spark-rl/core';

import { knownNames } from '../config/nearest-name.js';

/** One way to train, as settings over the configuration that is compared. */
export interface Variant {
  /** Names its runs: letters, digits, dots and dashes. */
  readonly name: string;
  readonly label: string;
  readonly settings: readonly string[];
}

/** The methods that SPARK is held against; every other setting is the same for all. */
export const METHODS: Readonly<Record<string, Omit<Variant, 'name'>>> = {
  spark: { label: 'SPARK', settings: ['rollout.method=spark', 'rollout.criterion=explore-tag'] },
  chain: { label: 'chain GRPO', settings: ['rollout.method=chain'] },
  random: { label: 'fixed probability', settings: ['rollout.method=random'] },
  entropy: {
    label: 'entropy',
    settings: ['rollout.method=spark', 'rollout.criterion=mean-entropy'],
  },
  'uniform-tree': { label: 'uniform tree', settings: ['rollout.method=uniform-tree'] },
  gigpo: {
    label: 'GiGPO on chains',
    settings: ['rollout.method=chain', 'learning.estimator=gigpo'],
  },
};

/** The methods of a list such as `spark,chain`. @throws InvalidInputError for one that there is not */
export function methodVariants(list: string): readonly Variant[] {
  return [...new Set(list.split(',').map((name) => name.trim()))].map((name) => {
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method !== undefined) return { name, ...method };
    throw new InvalidInputError(`there is no method ${name}`, {
      field: '--methods',
      value: name,
      remedy: knownNames(name, Object.keys(METHODS)),
    });
  });
}

/** `rollout.leaves=4,16`: SPARK once with each value. @throws InvalidInputError where there is no field or no value */
export function ablations(text: string): readonly Variant[] {
  const [field = '', values = ''] = text.split('=');
  const each = values.split(',').filter((value) => value !== '');
  if (field === '' || each.length === 0) {
    throw new InvalidInputError(`--vary ${text} names no values`, {
      field: '--vary',
      value: text,
      remedy: 'Write it as FIELD=VALUE,VALUE, for example --vary rollout.leaves=4,16.',
    });
  }
  const short = field.split('.').at(-1)!;
  return each.map((value) => ({
    name: `spark-${short}-${value.replace(/[^\w.-]/g, '_')}`,
    label: `SPARK, ${short} ${value}`,
    settings: [...METHODS['spark']!.settings, `${field}=${value}`],
  }));
}

/** Each method with a share of the training tasks, gone through again and again. */
export function withShares(
  methods: readonly Variant[],
  shares: readonly number[],
  pool: number,
): readonly Variant[] {
  return methods.flatMap((method) =>
    shares.map((share) => ({
      name: `${method.name}-tasks-${share}`,
      label: `${method.label}, ${share} % of ${pool} tasks`,
      settings: [
        ...method.settings,
        `reinforcement.taskPool=${Math.max(1, Math.round((pool * share) / 100))}`,
      ],
    })),
  );
}
