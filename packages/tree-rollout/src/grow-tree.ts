import { onAbort, rootId, type Ledger, type Tree } from '@spark-rl/core';

import { advance, pay, type Advance } from './advance.js';
import { viewOf, type LedgerView } from './decide.js';
import { expand } from './expand.js';
import { lostLeaf, openGrowth, type Growth } from './growth.js';
import { LostError } from './lost.js';
import { openTask } from './open-task.js';
import { treeIdOf, type ResolvedOptions, type TreeRequest } from './options.js';
import { paddingOf } from './padding.js';
import { rootPaths, type Path } from './path.js';
import { checkSettings, treeRecord } from './record.js';
import { openRecorder, type Recorder } from './recorder.js';
import { checkStart, replayFailed } from './replay-turn.js';
import { settingsRecord } from './settings-record.js';
import { settle } from './settle.js';
import type { TurnContext } from './take-turn.js';
import { wave } from './wave.js';

/** Whether what one path gets may still depend on the others: then they take their turns together. */
function mustWait<State>(growth: Growth<State>, paths: readonly Path<State>[]): boolean {
  const { ledger, options } = growth;
  if (options.criterion.maxWidth > 1 && ledger.account().free > 0) return true;
  if (ledger.turns?.reproducible !== true) return false;
  const { maxTurns } = options.settings;
  return ledger.turns.mayRefuse(paths.reduce((sum, { index }) => sum + maxTurns - index - 1, 0));
}

async function runAlone<State>(
  growth: Growth<State>,
  path: Path<State>,
  view: LedgerView,
): Promise<void> {
  for (let next: Path<State> | undefined = path; next !== undefined;) {
    const advanced: Advance<State> = await advance(growth, next, view);
    next.from.done();
    const goesOn: boolean = pay(growth, [advanced])[0] === true;
    [next] = await settle(growth, advanced, { granted: 1, goesOn });
  }
}

/** Runs paths to their ends: together while they compete for what is left, then each by itself. */
async function runToEnd<State>(
  growth: Growth<State>,
  begun: readonly Path<State>[],
  round: number | null,
): Promise<void> {
  const { key, ledger, options } = growth;
  const streams = round === null ? key : [...key, 'round', round];
  let paths = begun;
  const spends = round === null && options.spending !== undefined;
  for (let t = 0; paths.length > 0 && ((spends && t === 0) || mustWait(growth, paths)); t++)
    paths = await wave(growth, paths, [...streams, 'turn', t], spends && t === 0);
  const view = viewOf(ledger);
  await Promise.all(paths.map((path) => runAlone(growth, path, view)));
}

/** Grows the tree of a task that was reset: its roots to their ends, then round after round where the expansion chooses. */
async function growFrom<State>(growth: Growth<State>, roots: number): Promise<Tree> {
  const { options, recorder, ledger, start, root, states, key, context } = growth;
  // When all is stopped nobody waits for calls that do not heed it, and neither do the states.
  const forget = onAbort(context.signal, () => {
    try {
      states.releaseAll();
    } catch {
      // The rollout rejects because it was stopped; an error here would keep others from being stopped too.
    }
  });
  try {
    const { expansion, spending } = options;
    root.retain(roots);
    // Only these may open further roots later.
    if (expansion === undefined && spending === undefined) root.done();
    await runToEnd(growth, rootPaths(growth.allot(null, roots), start, root), null);
    for (let round = 0; round < (expansion?.rounds ?? 0) && ledger.account().free > 0; round++) {
      // A task that was given up, or would be, does not grow further.
      if (growth.lostToEnvironment >= options.settings.poisonAfter) break;
      const paths = await expand(growth, expansion!, round);
      if (paths.length === 0) break;
      await runToEnd(growth, paths, round);
    }
  } finally {
    forget();
    states.releaseAll();
  }
  if (options.profile.padding)
    for (const copy of paddingOf(recorder.snapshot(), key)) await recorder.leaf(copy);
  return recorder.end();
}

/**
 * Grows one tree. While a fork is still possible, or turns compete for a budget, the running paths of the task take turn t
 * together, and what turn t asks for is granted in the arbiter's order before anyone starts t + 1; after that every path runs
 * by itself. What the journal has of the tree is taken up.
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
  const { environment, journal, onEvent: tell, settings, spending, calls } = options;
  const { task, seed } = request;
  const id = treeIdOf(request);
  const key = [...seed, 'task', task.id];
  const onRetry: TurnContext<State>['onRetry'] = (node, callee, retry, error) =>
    tell?.({ type: 'retry', tree: id, node, callee, retry, error });

  const record = treeRecord(id, (await journal?.recorded?.(id)) ?? []);
  const known = { task, settings: settingsRecord(options, ledger, seed) };
  if (record.opening !== undefined) checkSettings(id, record.opening, known);
  if (record.finished !== undefined) {
    await tell?.({ type: 'tree', tree: id, result: record.finished });
    return record.finished;
  }

  const roots = Math.min(spending?.probes ?? Infinity, settings.roots);
  ledger.openRoots(roots);
  const lost = record.opening?.lost;
  const start =
    lost !== undefined
      ? new LostError('task', lost)
      : await openTask(environment, task, calls.environment, signal, (retry, error) =>
          onRetry(null, 'environment', retry, error),
        );
  if (start instanceof LostError && record.opening !== undefined && lost === undefined)
    throw replayFailed(id, null, start);
  const { instruction, observation, score } =
    start instanceof LostError ? { instruction: '', observation: '', score: 0 } : start;
  const opening = {
    ...known,
    instruction,
    observation,
    score,
    ...(start instanceof LostError && { lost: start.message }),
  };
  let recorder: Recorder;
  try {
    if (record.opening !== undefined) checkStart(id, record.opening, opening);
    recorder = await openRecorder(id, opening, ledger, record, { journal, tell, signal });
  } catch (error) {
    if (!(start instanceof LostError)) environment.release?.(start.state);
    throw error;
  }
  if (start instanceof LostError) {
    await tell?.({ type: 'poison', tree: id, task: task.id, reason: start.message });
    for (let i = 0; i < roots; i++) {
      ledger.turns?.settle({ tokens: 0, steps: 0 }, true);
      await recorder.leaf(lostLeaf(rootId(i), null, score, start));
    }
    return recorder.end();
  }
  const context = { options, affinity: id, instruction, key, signal, onRetry };
  return growFrom(
    openGrowth({ id, task, options, key, ledger, record, recorder, context, start }),
    roots,
  );
}
