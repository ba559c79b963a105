import {
  childId,
  createTreeBuilder,
  leafId,
  randomSource,
  rootId,
  taskId,
  treeId,
  type BranchingContext,
  type BranchingCriterion,
  type BranchingDecision,
  type ExpansionContext,
  type NodeId,
  type RandomKey,
  type TokenLogProb,
  type Tree,
  type Turn,
} from '@spark-rl/core';

/** What differs from turn to turn in a test. */
export interface TurnParts {
  readonly id?: NodeId;
  readonly parent?: NodeId | null;
  readonly index?: number;
  readonly text?: string;
  readonly reasoning?: string;
  readonly mode?: string | null;
  readonly valid?: boolean;
  readonly action?: string;
  readonly admissible?: boolean | null;
  readonly observation?: Turn['observation'];
  readonly nextObservation?: Turn['observation'];
  readonly score?: number;
  readonly status?: Turn['next']['status'];
  readonly logProbs?: readonly number[];
  readonly entropies?: readonly number[];
  /** Probabilities of the alternatives at each position. */
  readonly top?: readonly (readonly number[])[];
  readonly requestedWidth?: number;
  readonly grantedWidth?: number;
}

const alternatives = (probabilities: readonly number[]): readonly TokenLogProb[] =>
  probabilities.map((p, token) => ({ token, logProb: Math.log(p) }));

export function makeTurn(parts: TurnParts = {}): Turn {
  const { entropies, top, logProbs, valid = true, action = 'look' } = parts;
  const length = logProbs?.length ?? entropies?.length ?? top?.length ?? 0;
  return {
    id: parts.id ?? rootId(0),
    parent: parts.parent ?? null,
    index: parts.index ?? 0,
    observation: parts.observation ?? '',
    generation: {
      text: parts.text ?? '',
      policyVersion: 'v',
      finish: 'stop',
      promptTokens: new Int32Array(),
      responseTokens: new Int32Array(length),
      logProbs: Float32Array.from(logProbs ?? new Array<number>(length).fill(0)),
      ...(entropies !== undefined && { entropies: Float32Array.from(entropies) }),
      ...(top !== undefined && { topLogProbs: top.map(alternatives) }),
      cachedPromptTokens: 0,
    },
    response: {
      valid,
      ...(!valid && { reason: 'no grammar here' }),
      mode: parts.mode ?? null,
      reasoning: parts.reasoning ?? '',
      action: valid ? action : '',
    },
    action: valid ? action : '',
    admissible: parts.admissible ?? null,
    next: {
      observation: parts.nextObservation ?? '',
      score: parts.score ?? 0,
      status: parts.status ?? 'running',
    },
    requestedWidth: parts.requestedWidth ?? 1,
    grantedWidth: parts.grantedWidth ?? 1,
  };
}

/** A path from root 0 whose turns continue each other. */
export function makePath(...parts: readonly TurnParts[]): readonly Turn[] {
  const path: Turn[] = [];
  for (const [index, part] of parts.entries()) {
    const parent = path.at(-1)?.id ?? null;
    const id = parent === null ? rootId(0) : childId(parent, 0);
    path.push(makeTurn({ id, parent, index, ...part }));
  }
  return path;
}

/** What a criterion sees at the end of a path. */
export function contextOf(path: readonly Turn[], key: RandomKey = ['test']): BranchingContext {
  const turn = path[path.length - 1]!;
  return {
    turn,
    path,
    turnIndex: turn.index,
    maxTurns: 30,
    status: 'running',
    account: { limit: 8, used: 0, reserved: 4, failed: 0, free: 4 },
    resources: {},
    random: randomSource(key),
  };
}

/** What a criterion asks for at the end of a path. */
export const ask = (
  criterion: BranchingCriterion,
  path: readonly Turn[],
  key?: RandomKey,
): BranchingDecision => criterion.decide(contextOf(path, key));

/** The same, after a single turn. */
export const askAfter = (
  criterion: BranchingCriterion,
  parts: TurnParts,
  key?: RandomKey,
): BranchingDecision => ask(criterion, makePath(parts), key);

/** A tree of turns, given by their ids: every turn without children has a leaf, successful unless its status says else. */
export function makeTree(turns: Readonly<Record<string, TurnParts>>): Tree {
  const builder = createTreeBuilder(treeId('tree'), {
    task: { id: taskId('task'), environment: 'test', split: 'train', data: null },
    instruction: '',
    observation: 'start',
    score: 0,
    settings: {},
  });
  const ids = Object.keys(turns);
  const parents = new Set(ids.map((id) => id.slice(0, Math.max(0, id.lastIndexOf('.')))));
  for (const id of ids) {
    const cut = id.lastIndexOf('.');
    builder.addTurn(
      makeTurn({
        id: id as NodeId,
        parent: cut < 0 ? null : (id.slice(0, cut) as NodeId),
        index: id.split('.').length - 1,
        status: parents.has(id) ? 'running' : 'success',
        ...turns[id],
      }),
    );
    if (!parents.has(id)) {
      const status = turns[id]?.status ?? 'success';
      builder.addLeaf({
        id: leafId(id),
        tail: id as NodeId,
        outcome: status === 'running' ? 'truncated' : status,
        score: 0,
      });
    }
  }
  const used = ids.length - parents.size + 1;
  return builder.build({ limit: 64, used, reserved: 0, failed: 0, free: 64 - used });
}

/** What an expansion sees of a finished tree. */
export function expansionContext(
  tree: Tree,
  {
    key = ['test'],
    round = 0,
    free = tree.account.free,
  }: { key?: RandomKey; round?: number; free?: number } = {},
): ExpansionContext {
  const ended = new Set(tree.leaves.map(({ tail }) => tail));
  return {
    tree,
    round,
    expandable: [...tree.turns.keys()].filter((id) => !ended.has(id)),
    account: { ...tree.account, free },
    random: randomSource(key),
  };
}
