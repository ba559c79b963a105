import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  comparePaths,
  RunStoreError,
  type Journal,
  type NodeId,
  type TreeEvent,
  type TreeId,
  type TreeOpening,
  type Turn,
} from '@spark-rl/core';

import { createFolder, onPath, writeFileAtomically } from './files.js';
import { openLines, type LinesWriter } from './lines.js';
import { lineOf, readTreeFile, type EventLine } from './tree-file.js';

const fileOf = (folder: string, tree: TreeId): string =>
  join(folder, `${tree.replace(/[^\w.=-]/g, '_')}.jsonl`);

/** A tree that is being journalled. */
interface GrowingTree {
  readonly lines: EventLine[];
  readonly turns: Map<NodeId, Turn>;
  readonly writer: Promise<LinesWriter>;
  /** Present from the tree's end on. */
  finished?: Promise<void>;
}

const RANK = { tree: 0, turn: 1, expand: 2, leaf: 3, end: 4 } as const;
const pathOf = ({ event }: EventLine): string =>
  event.type === 'turn' ? event.turn.id : event.type === 'leaf' ? event.leaf.id : '0';

/**
 * Events in the order of their paths, so that equal trees are equal files whatever the order things happened in. Expansions come one
 * after another and keep their order.
 */
const canonicalOrder = (lines: readonly EventLine[]): EventLine[] =>
  [...lines].sort(
    (a, b) => RANK[a.event.type] - RANK[b.event.type] || comparePaths(pathOf(a), pathOf(b)),
  );

/** A journal that keeps one file for each tree. */
export interface TreeJournal extends Journal {
  /** Resolves when the end of this process cannot lose the event any more; at the end of a tree, nor a power cut. */
  readonly append: (event: TreeEvent) => Promise<void>;
  /**
   * What an interrupted run recorded of a tree; nothing unless the journal resumes. Appending goes on behind it. A finished tree
   * comes back whole, and its file is left as it is.
   *
   * @throws InvalidInputError naming the line of a damaged file and what to do, RunStoreError when it cannot be read or is of
   *   another tree
   */
  readonly recorded: (tree: TreeId) => Promise<readonly TreeEvent[]>;
  /** Closes the files of trees that did not end; what they hold stays readable. */
  readonly close: () => Promise<void>;
}

export interface TreeJournalOptions {
  /**
   * Whether trees that an interrupted run left are gone on with; false by default: they are begun anew. A function chooses, by how a
   * tree was opened, such as by the policy that its settings name.
   */
  readonly resume?: boolean | ((opening: TreeOpening, tree: TreeId) => boolean) | undefined;
}

/**
 * Journals trees into `folder`, one JSON Lines file each. While a tree grows its events are appended as they happen; when it ends
 * the file is replaced, durably, by the same events in the order of their paths, so that the same seed gives the same bytes.
 *
 * The end of the process at any moment loses at most the lines that were not yet handed to the operating system: no `append` that
 * resolved. The file then holds the tree so far, perhaps with a torn last line, which reading drops and resuming cuts off; or,
 * when it came after the replacement, the finished tree. Nothing lies between the two.
 */
export function openTreeJournal(folder: string, options: TreeJournalOptions = {}): TreeJournal {
  const { resume = false } = options;
  const growing = new Map<TreeId, GrowingTree>();
  const owners = new Map<string, TreeId>();
  let made: Promise<void> | undefined;
  let closed = false;

  /** The file of a tree, which no other tree may have. */
  const claim = (tree: TreeId): string => {
    const path = fileOf(folder, tree);
    const owner = owners.get(path) ?? tree;
    owners.set(path, owner);
    if (owner === tree) return path;
    throw new RunStoreError(`the trees ${owner} and ${tree} would both be written to ${path}`, {
      field: 'tree',
      value: tree,
      remedy: 'Name trees so that they differ in letters, digits or any of . = - _.',
    });
  };
  const refuse = (tree: TreeId, what: string, remedy: string): never => {
    throw new RunStoreError(`tree ${tree}: ${what}`, { field: tree, remedy });
  };
  const begin = async (path: string): Promise<LinesWriter> => {
    await (made ??= createFolder(folder));
    await onPath('replace', path, () => rm(path, { force: true }));
    return openLines(path);
  };
  /** The entry that an event belongs to; opened by a `tree` event. */
  const entryFor = ({ type, tree }: TreeEvent): GrowingTree => {
    if (closed) refuse(tree, `a ${type} event came after the journal was closed`, 'Close it last.');
    const entry = growing.get(tree);
    if (type === 'tree') {
      if (entry !== undefined)
        refuse(tree, 'it was opened a second time', 'Append only what is not recorded yet.');
      const writer = begin(claim(tree));
      const opened: GrowingTree = { lines: [], turns: new Map(), writer };
      growing.set(tree, opened);
      return opened;
    }
    if (entry === undefined)
      return refuse(
        tree,
        `a ${type} event came before the tree was opened`,
        'Append the tree event first.',
      );
    if (entry.finished !== undefined)
      refuse(tree, `a ${type} event came after its end`, 'Append the end last.');
    return entry;
  };
  /** Replaces the file by the finished one, when all that it says was written: a tree never ends with a gap. */
  const finish = async (tree: TreeId, entry: GrowingTree): Promise<void> => {
    const writer = await entry.writer;
    await writer.flushed();
    await writer.close();
    const lines = canonicalOrder(entry.lines).map(({ text }) => `${text}\n`);
    await writeFileAtomically(fileOf(folder, tree), lines.join(''));
    growing.delete(tree);
  };

  return {
    append: async (event) => {
      const entry = entryFor(event);
      const text = lineOf(event, entry.turns);
      entry.lines.push({ event, text });
      if (event.type === 'turn') entry.turns.set(event.turn.id, event.turn);
      if (event.type !== 'end') return (await entry.writer).append(text);
      entry.finished = finish(event.tree, entry);
      await entry.finished;
    },
    recorded: async (tree) => {
      if (resume === false) return [];
      if (growing.has(tree))
        refuse(tree, 'its record was asked for while it grows', 'Ask once, before it is opened.');
      const path = claim(tree);
      const file = await readTreeFile(path);
      // An opening alone is worth nothing, and it may tell of a reset that failed: begun anew.
      if (file === undefined || file.lines.length === 1) return [];
      if (file.tree.id !== tree) {
        throw new RunStoreError(`${path} is the file of tree ${file.tree.id}, not of ${tree}`, {
          field: path,
          value: file.tree.id,
          remedy: 'Resume with the tree names that the run was begun with, or begin a new run.',
        });
      }
      if (typeof resume === 'function' && !resume(file.tree, tree)) return [];
      if (!file.finished) {
        const writer = await openLines(path);
        const turns = new Map(file.tree.turns);
        growing.set(tree, {
          lines: [...file.lines],
          turns,
          writer: Promise.resolve(writer),
        });
      }
      return file.lines.map(({ event }) => event);
    },
    close: async () => {
      closed = true;
      const entries = [...growing.values()];
      growing.clear();
      // What fails here was reported to whoever appended.
      await Promise.allSettled(entries.map(async ({ finished }) => finished));
      const writers = await Promise.allSettled(entries.map(({ writer }) => writer));
      await Promise.all(
        writers.map(async (each) => each.status === 'fulfilled' && (await each.value.close())),
      );
    },
  };
}
