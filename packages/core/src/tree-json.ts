import { canonical } from './canonical-json.js';
import type { Account, TurnAccounts } from './budget.js';
import type { Observation, Task } from './environment.js';
import { InvalidInputError } from './errors.js';
import type { TreeEvent } from './journal.js';
import { encodeArray, type EncodedArray, type JsonValue } from './json.js';
import type { Generation } from './policy.js';
import { eventSchema, leafSchema, treeSchema, turnSchema } from './tree-schema.js';
import { createTreeBuilder, type Leaf, type Tree, type TreeOpening, type Turn } from './tree.js';
import { parseInput } from './validation.js';

// Every object below is written key by key, in one order, so that equal trees give equal bytes after JSON.stringify.

const array = (values: Int32Array | Float32Array): JsonValue => {
  const { type, base64 }: EncodedArray = encodeArray(values);
  return { type, base64 };
};

const observationToJson = (observation: Observation): JsonValue =>
  typeof observation === 'string'
    ? observation
    : observation.map((part) =>
        part.type === 'text'
          ? { type: part.type, text: part.text }
          : { type: part.type, mediaType: part.mediaType, base64: part.base64 },
      );

const taskToJson = (task: Task): JsonValue => ({
  id: task.id,
  environment: task.environment,
  split: task.split,
  ...(task.kind !== undefined && { kind: task.kind }),
  data: canonical(task.data),
});

// `cachedPromptTokens` is left out: it tells who asked first, not what was sampled, and equal trees must be equal bytes.
const generationToJson = (generation: Generation): JsonValue => ({
  text: generation.text,
  policyVersion: generation.policyVersion,
  finish: generation.finish,
  promptTokens: array(generation.promptTokens),
  responseTokens: array(generation.responseTokens),
  logProbs: array(generation.logProbs),
  ...(generation.logKept !== undefined && { logKept: array(generation.logKept) }),
  ...(generation.entropies !== undefined && { entropies: array(generation.entropies) }),
  ...(generation.topLogProbs !== undefined && {
    topLogProbs: generation.topLogProbs.map((position) =>
      // JSON has no infinity; a token that could not be drawn has log-probability -Infinity.
      position.map(({ token, logProb }) => [token, logProb === -Infinity ? null : logProb]),
    ),
  }),
});

const openingToJson = (opening: TreeOpening): Readonly<Record<string, JsonValue>> => ({
  task: taskToJson(opening.task),
  instruction: opening.instruction,
  observation: observationToJson(opening.observation),
  score: opening.score,
  settings: canonical(opening.settings),
  ...(opening.lost !== undefined && { lost: opening.lost }),
});

const accountToJson = (account: Account): JsonValue => ({
  limit: account.limit,
  used: account.used,
  reserved: account.reserved,
  failed: account.failed,
  free: account.free,
});

const resourcesToJson = ({ tokens, steps, milliseconds }: TurnAccounts): JsonValue => ({
  ...(tokens !== undefined && { tokens: accountToJson(tokens) }),
  ...(steps !== undefined && { steps: accountToJson(steps) }),
  ...(milliseconds !== undefined && { milliseconds: accountToJson(milliseconds) }),
});

/**
 * A turn as JSON: typed arrays as base64 of their little-endian bytes, keys in one order. `generation.cachedPromptTokens` is
 * not written (it depends on timing) and reads back as 0.
 */
export const turnToJson = (turn: Turn): JsonValue => ({
  id: turn.id,
  parent: turn.parent,
  index: turn.index,
  observation: observationToJson(turn.observation),
  generation: generationToJson(turn.generation),
  response: {
    valid: turn.response.valid,
    ...(turn.response.reason !== undefined && { reason: turn.response.reason }),
    mode: turn.response.mode,
    reasoning: turn.response.reasoning,
    action: turn.response.action,
  },
  action: turn.action,
  admissible: turn.admissible,
  next: {
    observation: observationToJson(turn.next.observation),
    score: turn.next.score,
    status: turn.next.status,
  },
  ...(turn.rating !== undefined && {
    rating: { value: turn.rating.value, tokens: turn.rating.tokens },
  }),
  requestedWidth: turn.requestedWidth,
  grantedWidth: turn.grantedWidth,
});

/** A leaf as JSON, keys in one order. */
export const leafToJson = (leaf: Leaf): JsonValue => ({
  id: leaf.id,
  tail: leaf.tail,
  outcome: leaf.outcome,
  score: leaf.score,
  ...(leaf.error !== undefined && { error: leaf.error }),
  ...(leaf.lostTo !== undefined && { lostTo: leaf.lostTo }),
  ...(leaf.copy !== undefined && { copy: { of: leaf.copy.of, reason: leaf.copy.reason } }),
});

/** A journal event as JSON: one line of a journal. */
export function eventToJson(event: TreeEvent): JsonValue {
  const { type, tree } = event;
  switch (event.type) {
    case 'tree':
      return { type, tree, opening: openingToJson(event.opening) };
    case 'turn':
      return { type, tree, turn: turnToJson(event.turn) };
    case 'leaf':
      return { type, tree, leaf: leafToJson(event.leaf) };
    case 'expand':
      return { type, tree, node: event.node, round: event.round, children: event.children };
    case 'end':
      return {
        type,
        tree,
        account: accountToJson(event.account),
        ...(event.resources !== undefined && { resources: resourcesToJson(event.resources) }),
      };
  }
}

/** A whole tree as JSON. Equal trees give equal bytes: keys in one order, turns and leaves in the order of their paths. */
export const treeToJson = (tree: Tree): JsonValue => ({
  version: 1,
  id: tree.id,
  ...openingToJson(tree),
  turns: [...tree.turns.values()].map(turnToJson),
  leaves: tree.leaves.map(leafToJson),
  account: accountToJson(tree.account),
  ...(tree.resources !== undefined && { resources: resourcesToJson(tree.resources) }),
});

type ReadTurn = ReturnType<(typeof turnSchema)['parse']>;

/** Checks what a schema cannot say of a turn alone: its id tells its parent and its depth. */
function toTurn(read: ReadTurn, what: string): Turn {
  const end = read.id.lastIndexOf('.');
  const parent = end < 0 ? null : read.id.slice(0, end);
  if (read.parent !== parent || read.index !== read.id.split('.').length - 1) {
    throw new InvalidInputError(
      `${what}: turn ${read.id} has parent ${String(read.parent)} and index ${read.index}, which its id denies`,
      { field: 'parent', value: read.parent, remedy: 'Use the file as it was written.' },
    );
  }
  return { ...read, generation: { ...read.generation, cachedPromptTokens: 0 } };
}

/**
 * Undoes {@link turnToJson}.
 *
 * @param what - what the value is, for error messages
 * @throws InvalidInputError naming the first wrong field
 */
export const turnFromJson = (value: unknown, what: string): Turn =>
  toTurn(parseInput(turnSchema, value, what), what);

/** Undoes {@link leafToJson}. Throws an InvalidInputError naming the first wrong field. */
export const leafFromJson = (value: unknown, what: string): Leaf =>
  parseInput(leafSchema, value, what);

/** Undoes {@link eventToJson}. Throws an InvalidInputError naming the first wrong field. */
export function eventFromJson(value: unknown, what: string): TreeEvent {
  const event = parseInput(eventSchema, value, what);
  return event.type === 'turn' ? { ...event, turn: toTurn(event.turn, what) } : event;
}

/**
 * Undoes {@link treeToJson}, and refuses a tree whose parts do not fit together: a turn without its parent, an id used twice,
 * a leaf at no turn, an account that does not balance.
 *
 * @param what - what the value is, such as a file name, for error messages
 * @throws InvalidInputError naming what is wrong
 */
export function treeFromJson(value: unknown, what: string): Tree {
  const read = parseInput(treeSchema, value, what);
  const { id, turns, leaves, account, resources } = read;
  const { task, instruction, observation, score, settings, lost } = read;
  const builder = createTreeBuilder(id, {
    ...{ task, instruction, observation, score, settings },
    ...(lost !== undefined && { lost }),
  });
  try {
    for (const turn of turns) builder.addTurn(toTurn(turn, what));
    for (const leaf of leaves) builder.addLeaf(leaf);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidInputError(`${what}: ${error.message}`, { field: 'turns', cause: error });
  }
  return builder.build(account, resources);
}
