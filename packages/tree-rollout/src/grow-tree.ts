import {
  leafId,
  rootId,
  type BranchingRequest,
  type LeafAccount,
  type LeafOutcome,
  type Ledger,
  type NodeId,
  type Tree,
  type Turn,
} from '@spark-rl/core';

import { LostError } from './attempt.js';
import { decide, lazySource } from './decide.js';
import { grant } from './grant.js';
import { openTask } from './open-task.js';
import { treeIdOf, type ResolvedOptions, type TreeRequest } from './options.js';
import { childPaths, rootPaths, type Path } from './path.js';
import { openRecorder } from './recorder.js';
import { settingsRecord } from './settings-record.js';
import { stateKeeper } from './shared-state.js';
import { takeTurn, type TakenTurn } from './take-turn.js';

/** How the next turn of one path went: taken, with what the criterion asks for after it, or lost. */
type Advance<State> =
  | {
      readonly path: Path<State>;
      readonly taken: TakenTurn<State>;
      readonly request: BranchingRequest;
    }
  | { readonly path: Path<State>; readonly lost: LostError };

/**
 * Grows one tree. While a fork is still possible the running paths of the task take turn t together, and the requests of turn t
 * are granted in the arbiter's order before anyone starts t + 1; after that every path runs by itself.
 *
 * @param ledger - the task's own, nothing opened yet
 * @param signal - stops everything
 */
export async function growTree<State>(
  options: ResolvedOptions<State>,
  request: TreeRequest,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<Tree> {
  const { environment, criterion, arbiter, journal, hooks, settings } = options;
  const { roots, maxTurns, retries } = settings;
  const { task, seed } = request;
  const id = treeIdOf(request);
  const key = [...seed, 'task', task.id];
  const onRetry = (node: NodeId | null, retry: number, error: unknown): void =>
    hooks.onRetry?.({ tree: id, node, retry, error });

  ledger.openRoots(roots);
  const start = await openTask(environment, task, {
    retries,
    signal,
    onRetry: (retry, error) => onRetry(null, retry, error),
  });
  const { instruction, observation, score } =
    start instanceof LostError ? { instruction: '', observation: '', score: 0 } : start;
  const opening = {
    task,
    instruction,
    observation,
    score,
    settings: settingsRecord(options, ledger.account().limit, seed),
  };
  const record = await openRecorder(id, opening, ledger, { journal, hooks, signal });
  const states = stateKeeper(environment);
  const context = { options, affinity: id, instruction, key, signal, onRetry };

  const lose = (leaf: NodeId, tail: NodeId | null, lastScore: number, error: LostError) =>
    record.leaf({
      id: leafId(leaf),
      tail,
      outcome: 'failed',
      score: lastScore,
      error: error.message,
    });

  /** Takes a path's next turn and asks the criterion. Nothing counts yet. */
  const advance = async (path: Path<State>, account: LeafAccount): Promise<Advance<State>> => {
    try {
      const taken = await takeTurn(context, path);
      const { turn } = taken;
      const turns = [...path.turns, turn];
      const { width, priority = 0 } = decide(criterion, turn, turns, maxTurns, account, key);
      return { path, taken, request: { node: turn.id, width, priority } };
    } catch (error) {
      if (error instanceof LostError) return { path, lost: error };
      throw error;
    } finally {
      path.from.done();
    }
  };

  /** Makes a turn count; ends its path, or gives the paths that go on from it. */
  const settle = async (
    advanced: Advance<State>,
    grantedWidth: number,
  ): Promise<readonly Path<State>[]> => {
    const { path } = advanced;
    if ('lost' in advanced) {
      await lose(path.id, path.parent, path.score, advanced.lost);
      return [];
    }
    const { taken } = advanced;
    const turn: Turn = { ...taken.turn, requestedWidth: advanced.request.width, grantedWidth };
    await record.turn(turn);
    const { status } = turn.next;
    if (status !== 'running' || turn.index + 1 >= maxTurns) {
      states.drop(taken.state);
      const outcome: LeafOutcome = status === 'running' ? 'truncated' : status;
      await record.leaf({ id: leafId(turn.id), tail: turn.id, outcome, score: turn.next.score });
      return [];
    }
    return childPaths(path, turn, states.share(taken.state, grantedWidth));
  };

  /** All paths take turn t; then the requests are granted; then, in the order of the paths, the turns count. */
  const takeTogether = async (
    paths: readonly Path<State>[],
    t: number,
  ): Promise<readonly Path<State>[]> => {
    const account = ledger.account();
    const advances = await Promise.all(paths.map((path) => advance(path, account)));
    const requests = advances.flatMap((advanced) =>
      'request' in advanced && advanced.request.width > 1 ? [advanced.request] : [],
    );
    const widths = grant(arbiter, requests, ledger, lazySource([...key, 'turn', t, 'arbiter']));
    const next: Path<State>[] = [];
    for (const advanced of advances)
      next.push(...(await settle(advanced, widths.get(advanced.path.id) ?? 1)));
    return next;
  };

  const runAlone = async (path: Path<State>, account: LeafAccount): Promise<void> => {
    for (let next: Path<State> | undefined = path; next !== undefined;)
      [next] = await settle(await advance(next, account), 1);
  };

  if (start instanceof LostError) {
    for (let i = 0; i < roots; i++) await lose(rootId(i), null, score, start);
    return record.end();
  }
  try {
    let paths = rootPaths(roots, start, states.share(start.state, roots));
    for (let t = 0; criterion.maxWidth > 1 && paths.length > 0 && ledger.account().free > 0; t++)
      paths = await takeTogether(paths, t);
    const account = ledger.account();
    await Promise.all(paths.map((path) => runAlone(path, account)));
  } finally {
    states.releaseAll();
  }
  return record.end();
}
