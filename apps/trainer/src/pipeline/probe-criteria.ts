import { calibrate, calibratedQuantile, measure, type Signal } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import {
  PolicyError,
  treeId,
  withEnvironment,
  type BranchingCriterion,
  type Policy,
  type RandomKey,
  type Task,
  type Tree,
} from '@spark-rl/core';
import { basePath, observer, probeExpansion, probeLeaves } from '@spark-rl/criteria-lab';
import { openTreeJournal } from '@spark-rl/run-store';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import type { CriterionName } from '../config/rollout-schema.js';
import type { TrainConfig } from '../config/schema.js';
import { calibratedSignal, rolloutMethod, type MethodConfig } from './method.js';
import type { World } from '../worlds/world.js';

/** Trees that grow at once: a probe has a hundred paths and more. */
const CONCURRENCY = 4;

/** A configuration, and how many tokens the probed model has. */
type ProbedConfig = TrainConfig & Pick<MethodConfig, 'vocabulary'>;

const configOf = (config: ProbedConfig, criterion: CriterionName): ProbedConfig => ({
  ...config,
  rollout: { ...config.rollout, method: 'spark', criterion },
});

/** A signal as criterion: its top share of the base paths asks for forks, and every turn has it as priority, so that all can be ranked. */
function criterionOfSignal(
  signal: Signal,
  { rollout: { signalShare: share, width } }: TrainConfig,
  probes: readonly Tree[],
): BranchingCriterion {
  const basePaths = probes.map((tree) => ({
    ...tree,
    turns: new Map(basePath(tree).map((turn) => [turn.id, turn])),
  }));
  const calibration = calibrate(basePaths, signal, undefined, { window: Number.MAX_SAFE_INTEGER });
  const criterion = calibratedQuantile({ signal, share, width, minimumSamples: 1, calibration });
  return {
    ...criterion,
    decide: (context) => {
      const priority = measure(signal, context.path);
      return { ...criterion.decide(context), ...(priority !== null && { priority }) };
    },
  };
}

/**
 * A criterion by its name in the configuration.
 *
 * @param probes - where those that compare a signal with recent values take these from; without probes they never fork
 */
export function criterionNamed(
  name: CriterionName,
  config: ProbedConfig,
  probes: readonly Tree[] = [],
): BranchingCriterion {
  const configured = configOf(config, name);
  const signal = calibratedSignal(configured.rollout);
  const criterion =
    signal === undefined
      ? rolloutMethod(configured).growth.criterion
      : criterionOfSignal(signal, config, probes);
  return { ...criterion, id: name };
}

/**
 * A policy that reports what criteria read on the base path alone: nobody asks them about continuations, and what they read is most
 * of what would be stored.
 */
const reportingOnBasePath = (policy: Policy): Policy => ({
  id: policy.id,
  generate: (request) => {
    const node = request.key[request.key.lastIndexOf('node') + 1];
    return policy.generate(/^0(\.0)*$/.test(String(node)) ? request : { ...request, want: {} });
  },
});

export interface ProbeOptions {
  readonly world: World;
  /** Its id names the engine and the weights: recorded probes of another are grown anew. */
  readonly policy: Policy;
  readonly tasks: readonly Task[];
  readonly config: ProbedConfig;
  /** The criteria that will be run on the probes. */
  readonly criteria: readonly CriterionName[];
  readonly continuations: number;
  readonly temperature: number;
  readonly seed: RandomKey;
  /** Where the probes are journalled; what is there is gone on with. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProbe: (finished: number) => void;
}

/** Grows a probe for each task: one path, and from every turn of it further continuations. */
export async function growProbes(options: ProbeOptions): Promise<readonly Tree[]> {
  const { world, tasks, config, continuations, temperature, seed, folder, signal } = options;
  const { maxTurns } = config.environment;
  const criterion = observer(options.criteria.map((name) => criterionNamed(name, config)));
  const policy = reportingOnBasePath(options.policy);
  const expansion = probeExpansion({ continuations });
  const same = { policy: policy.id, criterion: criterion.id, expansion: expansion.id, temperature };
  const journal = openTreeJournal(folder, {
    resume: ({ settings }) =>
      Object.entries(same).every(([name, value]) => settings[name] === value) &&
      JSON.stringify(settings['seed']) === JSON.stringify(seed),
  });
  let finished = 0;
  try {
    const trees = await withEnvironment(world.environment, (environment) =>
      rolloutTrees({
        environment,
        policy,
        protocol: world.protocol,
        brief: world.brief,
        roots: 1,
        maxTurns,
        budget: leafBudget({ leaves: probeLeaves({ maxTurns, continuations }) }),
        criterion,
        expansion,
        sampling: { temperature, maxTokens: config.rollout.maxResponseTokens },
        recordAdmissible: options.criteria.includes('inadmissible-action'),
        trees: tasks.map((task, index) => ({ task, treeId: treeId(`probe-${index}`), seed })),
        concurrency: CONCURRENCY,
        journal,
        signal,
        onEvent: ({ type }) => {
          if (type === 'tree') options.onProbe(++finished);
        },
      }),
    );
    const lost = trees.flatMap(({ leaves }) =>
      leaves.filter(({ outcome }) => outcome === 'failed'),
    );
    if (lost.length > 0 && lost.length === trees.flatMap(({ leaves }) => leaves).length) {
      throw new PolicyError(`every episode was lost; the first: ${lost[0]?.error ?? 'unknown'}`, {
        remedy: 'That is no result: mend the cause, then measure again.',
      });
    }
    return trees;
  } finally {
    await journal.close();
  }
}
