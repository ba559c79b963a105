import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  comparePaths,
  createTreeBuilder,
  eventFromJson,
  eventToJson,
  InvalidInputError,
  RunStoreError,
  type Journal,
  type JsonValue,
  type NodeId,
  type Tree,
  type TreeEvent,
  type TreeId,
  type TurnAccounts,
  type Turn,
} from '@spark-rl/core';

import { onPath, writeFileAtomically } from './files.js';
import { openJsonLines, readJsonLines, type JsonLinesWriter } from './json-lines.js';
import { restorePrompt, shortenPrompt } from './prompt-delta.js';

const fileOf = (folder: string, tree: TreeId): string =>
  join(folder, `${tree.replace(/[^\w.=-]/g, '_')}.jsonl`);

/** An event, and the line that says it. */
interface EventLine {
  readonly event: TreeEvent;
  readonly line: JsonValue;
}

/** A tree that is being journalled. */
interface OpenTree {
  readonly lines: EventLine[];
  readonly turns: Map<NodeId, Turn>;
  readonly writer: Promise<JsonLinesWriter>;
}

/** An event as a line; prompts are written as what they add to their parents, which always stand before them. */
function lineOf(event: TreeEvent, turns: ReadonlyMap<NodeId, Turn>): JsonValue {
  const line = eventToJson(event);
  if (event.type !== 'turn' || event.turn.parent === null) return line;
  return shortenPrompt(line, event.turn, turns.get(event.turn.parent));
}

const RANK = { tree: 0, turn: 1, expand: 2, leaf: 3, end: 4 } as const;
const pathOf = ({ event }: EventLine): string =>
  event.type === 'turn' ? event.turn.id : event.type === 'leaf' ? event.leaf.id : '0';

/** Events in the order of their paths, so that equal trees are equal files whatever the order things happened in. */
const canonicalOrder = (lines: readonly EventLine[]): EventLine[] =>
  [...lines].sort(
    (a, b) => RANK[a.event.type] - RANK[b.event.type] || comparePaths(pathOf(a), pathOf(b)),
  );

/** A journal that keeps one file for each tree. */
export interface TreeJournal extends Journal {
  /** Closes the files of trees that did not end; what they hold stays readable. */
  readonly close: () => Promise<void>;
}

/**
 * Journals trees into `folder`, one JSON Lines file each. While a tree grows its events are appended as they happen; when it ends
 * the file is replaced, durably, by the same events in the order of their paths, so that the same seed gives the same bytes.
 * A file that an interrupted run left for the same tree is begun anew.
 */
export function openTreeJournal(folder: string): TreeJournal {
  const open = new Map<TreeId, OpenTree>();
  const owners = new Map<string, TreeId>();
  const begin = async (tree: TreeId): Promise<JsonLinesWriter> => {
    const path = fileOf(folder, tree);
    const owner = owners.get(path) ?? tree;
    owners.set(path, owner);
    if (owner !== tree) {
      throw new RunStoreError(`the trees ${owner} and ${tree} would both be written to ${path}`, {
        field: 'tree',
        value: tree,
        remedy: 'Name trees so that they differ in letters, digits or any of . = - _.',
      });
    }
    await onPath('create', folder, () => mkdir(folder, { recursive: true }));
    await onPath('replace', path, () => rm(path, { force: true }));
    return openJsonLines(path);
  };
  return {
    append: async (event) => {
      let entry = open.get(event.tree);
      if (entry === undefined) {
        if (event.type !== 'tree') {
          throw new RunStoreError(
            `tree ${event.tree}: a ${event.type} event came before the tree was opened`,
            {
              field: event.tree,
              remedy: 'Append the tree event first.',
            },
          );
        }
        entry = { lines: [], turns: new Map(), writer: begin(event.tree) };
        open.set(event.tree, entry);
      }
      const line = lineOf(event, entry.turns);
      entry.lines.push({ event, line });
      if (event.type === 'turn') entry.turns.set(event.turn.id, event.turn);
      const writer = await entry.writer;
      if (event.type !== 'end') return writer.append(line);
      await writer.close();
      open.delete(event.tree);
      const lines = canonicalOrder(entry.lines).map(
        (each) => `${JSON.stringify(each.line)}
`,
      );
      await writeFileAtomically(fileOf(folder, event.tree), lines.join(''));
    },
    close: async () => {
      await Promise.all([...open.values()].map(async (entry) => (await entry.writer).close()));
      open.clear();
    },
  };
}

/** What a tree file holds: the whole tree, or what there was when the run was cut off. */
export interface JournalledTree {
  readonly tree: Tree;
  /** False when the file ends before the tree did. */
  readonly finished: boolean;
}

/** Reads the lines of a tree file one by one; what is wrong with one names it. */
function readEvents(path: string, lines: readonly JsonValue[]): TreeEvent[] {
  const turns = new Map<NodeId, Turn>();
  return lines.map((line, index) => {
    const place = `${path}:${index + 1}`;
    const event = eventFromJson(
      restorePrompt(line, (id) => turns.get(id)),
      place,
    );
    if (event.type === 'turn') turns.set(event.turn.id, event.turn);
    return event;
  });
}

/**
 * Reads one tree file; undefined when it is empty (cut off before its first line was complete).
 *
 * @throws InvalidInputError or RunStoreError naming the file, and the line where one is at fault
 */
export async function readTree(path: string): Promise<JournalledTree | undefined> {
  const events = readEvents(path, await readJsonLines(path));
  const [opening] = events;
  if (opening === undefined) return undefined;
  if (opening.type !== 'tree') {
    throw new RunStoreError(`${path}: the first line is a ${opening.type} event`, {
      field: path,
      remedy: 'The beginning of the file is missing: restore it from a copy, or delete the file.',
    });
  }
  const builder = createTreeBuilder(opening.tree, opening.opening);
  let account = { limit: 0, used: 0, reserved: 0, failed: 0, free: 0 };
  let resources: TurnAccounts | undefined;
  let finished = false;
  for (const [index, event] of events.entries()) {
    try {
      if (event.type === 'turn') builder.addTurn(event.turn);
      if (event.type === 'expand' && event.node !== null)
        builder.expand(event.node, event.children);
      if (event.type === 'leaf') builder.addLeaf(event.leaf);
    } catch (cause) {
      // The builder refuses what does not fit together, such as a turn whose parent's line is gone.
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InvalidInputError(`${path}:${index + 1}: ${reason}`, {
        field: `${path}:${index + 1}`,
        remedy: 'The file was changed or damaged: restore it from a copy, or delete it.',
        cause,
      });
    }
    if (event.type === 'end') {
      account = event.account;
      resources = event.resources;
      finished = true;
    }
  }
  return { tree: builder.build(account, resources), finished };
}

/** Reads all trees of a folder, in the order of their file names; unfinished ones too. */
export async function readTrees(folder: string): Promise<JournalledTree[]> {
  const names = await onPath('read', folder, () => readdir(folder));
  const trees: JournalledTree[] = [];
  for (const name of names.filter((each) => each.endsWith('.jsonl')).sort()) {
    const tree = await readTree(join(folder, name));
    if (tree !== undefined) trees.push(tree);
  }
  return trees;
}
