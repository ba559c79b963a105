import {
  parseInput,
  pathTo,
  randomSource,
  type NodeId,
  type RandomKey,
  type TaskId,
  type Tree,
  type Turn,
} from '@spark-rl/core';
import type { SequenceRow } from '@spark-rl/tensor';
import { z } from 'zod';

import { packPath } from './pack-turns.js';
import { ownLeaves } from './preference/preference-pair.js';

const optionsSchema = z.strictObject({
  perTask: z.int().min(1).default(4),
  prefer: z.enum(['shortest', 'random']).default('shortest'),
  sameActions: z.enum(['once', 'keep']).default('once'),
  invalidTurns: z.enum(['untrained', 'drop-path', 'keep']).default('untrained'),
  contextLength: z.number().min(1).default(Infinity),
});

/**
 * Which successful paths become examples. `perTask`: at most so many of a task. `prefer`: the shortest, or any by lot. `sameActions`: whether of
 * paths that do the same (`once`) only the first is taken. `invalidTurns`: turns that broke the grammar are context but no target
 * (`untrained`), take their path with them (`drop-path`), or are learned like others (`keep`). `contextLength`: paths with longer rows are left out.
 */
export type SuccessfulExampleOptions = z.input<typeof optionsSchema>;

/** Examples that an agent made itself. */
export interface SuccessfulExamples {
  /** Rows whose targets are response tokens, as `sftTrainer` takes them. A turn that several paths share is a target in one row only. */
  readonly rows: readonly SequenceRow[];
  readonly paths: number;
  readonly tasks: number;
  /** How many successful paths were left out: they held an invalid turn, exceed the context, did the same as another one, or were over the cap. */
  readonly leftOut: {
    readonly invalid: number;
    readonly tooLong: number;
    readonly same: number;
    readonly overCap: number;
  };
}

interface Candidate {
  readonly tree: Tree;
  readonly path: readonly Turn[];
}

const actionsOf = ({ path }: Candidate): string => JSON.stringify(path.map(({ action }) => action));

/** All successful paths, by task. */
function successfulPaths(trees: readonly Tree[]): ReadonlyMap<TaskId, readonly Candidate[]> {
  const byTask = new Map<TaskId, Candidate[]>();
  for (const tree of trees) {
    const found = ownLeaves(tree)
      .filter(({ outcome }) => outcome === 'success')
      .map(({ tail }) => ({ tree, path: pathTo(tree, tail!) }));
    byTask.set(tree.task.id, [...(byTask.get(tree.task.id) ?? []), ...found]);
  }
  return byTask;
}

/** The first of those that do the same. */
function distinctPaths(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return candidates.filter((candidate) => {
    const actions = actionsOf(candidate);
    return seen.has(actions) ? false : seen.add(actions);
  });
}

/** Paths as rows; a turn that several of them share is trained in the first alone. */
function rowsOf(taken: readonly Candidate[], trainsInvalid: boolean): readonly SequenceRow[] {
  const trained = new Map<Tree, Set<NodeId>>();
  return taken.flatMap(({ tree, path }) => {
    const done = trained.get(tree) ?? new Set();
    trained.set(tree, done);
    const rows = packPath(
      path.map(({ id, generation, response }) => ({ ...generation, id, response })),
      ({ id, response }) => !done.has(id) && (response.valid || trainsInvalid),
    );
    for (const { id } of path) done.add(id);
    return rows;
  });
}

/**
 * Rejection-sampling fine-tuning (such as STaR, arXiv 2203.14465, or RFT, arXiv 2308.01825): the agent's own successful paths as examples
 * for `sftTrainer`, exactly the tokens it was shown and wrote. Deterministic in the trees and the key.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function successfulExamples(
  trees: readonly Tree[],
  options: SuccessfulExampleOptions = {},
  key: RandomKey = ['successful-examples'],
): SuccessfulExamples {
  const settings = parseInput(optionsSchema, options, 'options of successfulExamples');
  const fits = ({ path }: Candidate): boolean =>
    path.every(
      ({ generation: { promptTokens, responseTokens } }) =>
        promptTokens.length + responseTokens.length <= settings.contextLength,
    );
  const keepsGrammar = ({ path }: Candidate): boolean =>
    settings.invalidTurns !== 'drop-path' || path.every(({ response }) => response.valid);
  const leftOut = { invalid: 0, tooLong: 0, same: 0, overCap: 0 };
  const taken = [...successfulPaths(trees)].map(([task, all]) => {
    const valid = all.filter(keepsGrammar);
    const fitting = valid.filter(fits);
    const distinct = settings.sameActions === 'keep' ? fitting : distinctPaths(fitting);
    const ordered =
      settings.prefer === 'shortest'
        ? [...distinct].sort((a, b) => a.path.length - b.path.length)
        : randomSource([...key, task]).shuffle(distinct);
    leftOut.invalid += all.length - valid.length;
    leftOut.tooLong += valid.length - fitting.length;
    leftOut.same += fitting.length - distinct.length;
    leftOut.overCap += Math.max(0, distinct.length - settings.perTask);
    return ordered.slice(0, settings.perTask);
  });
  return {
    rows: taken.flatMap((paths) => rowsOf(paths, settings.invalidTurns !== 'untrained')),
    paths: taken.reduce((sum, paths) => sum + paths.length, 0),
    tasks: taken.filter((paths) => paths.length > 0).length,
    leftOut,
  };
}
