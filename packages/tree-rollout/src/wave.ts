import type { RandomKey } from '@spark-rl/core';

import { advance, pay, type Advance } from './advance.js';
import { lazySource, viewOf } from './decide.js';
import { grant, type Grant } from './grant.js';
import type { Growth } from './growth.js';
import { LostError } from './lost.js';
import type { Path } from './path.js';
import { settle } from './settle.js';
import { spend } from './spend.js';

/** Serves the requests to fork of one turn of all paths. */
async function arbitrate<State>(
  growth: Growth<State>,
  advances: readonly Advance<State>[],
  goesOn: readonly boolean[],
  key: RandomKey,
): Promise<readonly Grant[]> {
  const { options, ledger, record, id, widest } = growth;
  const requests = advances.flatMap((advanced, i) => {
    if ('lost' in advanced || advanced.decision.width <= 1) return [];
    // A path that ends may only ask where copies of finished leaves are wanted.
    if (goesOn[i] !== true && !options.profile.terminalForks) return [];
    const { width, priority = 0 } = advanced.decision;
    return [{ node: advanced.path.id, width, priority }];
  });
  if (requests.length === 0) return [];
  const grants = grant(
    options.arbiter,
    requests,
    ledger,
    lazySource([...key, 'arbiter']),
    widest,
    (node) => record.turn(node)?.grantedWidth,
  );
  await options.onEvent?.({ type: 'grant', tree: id, grants, account: ledger.account() });
  return grants;
}

/** Forks at the same turn: siblings of a granted turn respond anew to what it responded to. They may not fork there. */
async function resample<State>(
  growth: Growth<State>,
  advances: readonly Advance<State>[],
  widths: ReadonlyMap<string, number>,
): Promise<readonly Advance<State>[]> {
  const { options, id } = growth;
  const siblings: Path<State>[] = [];
  for (const { path } of advances) {
    const further = (widths.get(path.id) ?? 1) - 1;
    if (further === 0) continue;
    path.from.retain(further);
    const ids = growth.allot(path.parent, further);
    for (const sibling of ids) siblings.push({ ...path, id: sibling });
    await options.onEvent?.({ type: 'fork', tree: id, node: path.id, children: [path.id, ...ids] });
  }
  return Promise.all(siblings.map((path) => advance(growth, path, undefined)));
}

/** Gives up the running paths of a task whose environment keeps failing. */
async function giveUp<State>(growth: Growth<State>, paths: readonly Path<State>[]): Promise<void> {
  const { options, id, task, lostToEnvironment } = growth;
  const reason = `${lostToEnvironment} paths of task ${task.id} were lost to the environment, so it was given up`;
  await options.onEvent?.({ type: 'poison', tree: id, task: task.id, reason });
  for (const path of paths) {
    path.from.done();
    const lost = { path, lost: new LostError('task', reason) };
    pay(growth, [lost]);
    await settle(growth, lost, { granted: 1, goesOn: false });
  }
}

/**
 * One turn of all paths together: everyone responds and steps; then turns are paid, then requests to fork are granted in the
 * arbiter's order, then, in the order of the paths, the turns count.
 *
 * @param key - names the random stream of this turn
 * @param first - whether it is the first turn of the task, after which a spending rule is asked
 * @returns the paths that go on
 */
export async function wave<State>(
  growth: Growth<State>,
  paths: readonly Path<State>[],
  key: RandomKey,
  first: boolean,
): Promise<readonly Path<State>[]> {
  const { ledger, options } = growth;
  const { forkAt, poisonAfter } = options.settings;
  if (growth.lostToEnvironment >= poisonAfter) {
    await giveUp(growth, paths);
    return [];
  }
  const view = viewOf(ledger);
  let advances = await Promise.all(paths.map((path) => advance(growth, path, view)));
  if (first) advances = [...advances, ...(await spend(growth, advances, view))];
  const goesOn = [...pay(growth, advances)];
  const grants = await arbitrate(growth, advances, goesOn, key);
  const widths = new Map<string, number>(grants.map(({ node, granted }) => [node, granted]));

  if (forkAt === 'same-turn' && widths.size > 0) {
    const siblings = await resample(growth, advances, widths);
    advances = [...advances, ...siblings];
    goesOn.push(...pay(growth, siblings));
  }
  const next: Path<State>[] = [];
  for (const [i, advanced] of advances.entries()) {
    advanced.path.from.done();
    const granted = widths.get(advanced.path.id) ?? 1;
    next.push(...(await settle(growth, advanced, { granted, goesOn: goesOn[i] === true })));
  }
  return next;
}
