import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import {
  createTreeBuilder,
  eventFromJson,
  eventToJson,
  InvalidInputError,
  SparkError,
  type LeafAccount,
  type NodeId,
  type Tree,
  type TreeEvent,
  type Turn,
} from '@spark-rl/core';

import { onPath } from './files.js';
import { parseJsonLine } from './json-lines.js';
import { readLines } from './lines.js';
import { restorePrompt, shortenPrompt } from './prompt-delta.js';

const REMEDY =
  'The file was changed or damaged: restore it from a copy, or delete it, and a resumed run grows that tree anew.';

/** An event, and the line that says it. */
export interface EventLine {
  readonly event: TreeEvent;
  readonly text: string;
}

/** An event as a line; prompts are written as what they add to their parents, which always stand before them. */
export function lineOf(event: TreeEvent, turns: ReadonlyMap<NodeId, Turn>): string {
  const line = eventToJson(event);
  return JSON.stringify(
    event.type !== 'turn' || event.turn.parent === null
      ? line
      : shortenPrompt(line, event.turn, turns.get(event.turn.parent)),
  );
}

/** The reason of an error without its remedy, which is another one where a file is at fault. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { message } = cause;
  if (!(cause instanceof SparkError) || cause.remedy === undefined) return message;
  return message.slice(0, message.length - cause.remedy.length - '. '.length);
}

/** What a tree file holds: the whole tree, or what there was when the run was cut off. */
export interface JournalledTree {
  readonly tree: Tree;
  /** False when the file ends before the tree did. */
  readonly finished: boolean;
}

/** A tree file, with the lines that it was read from. */
export interface TreeFile extends JournalledTree {
  /** Complete lines, in the order of the file; at least the opening. */
  readonly lines: readonly EventLine[];
}

const NOTHING: LeafAccount = { limit: 0, used: 0, reserved: 0, failed: 0, free: 0 };

/** Puts the events of a file together, one by one. Refuses what does not fit to what came before it. */
export function treeAssembler(first: TreeEvent): {
  readonly add: (event: TreeEvent) => void;
  readonly build: () => JournalledTree;
} {
  if (first.type !== 'tree')
    throw new RangeError(`the first line is a ${first.type} event; the beginning is missing`);
  const { tree, opening } = first;
  const builder = createTreeBuilder(tree, opening);
  let end: Extract<TreeEvent, { type: 'end' }> | undefined;
  return {
    add: (event) => {
      if (event.tree !== tree)
        throw new RangeError(`a ${event.type} event of tree ${event.tree} in the file of ${tree}`);
      if (end !== undefined)
        throw new RangeError(`a ${event.type} event after the end of the tree`);
      switch (event.type) {
        case 'tree':
          throw new RangeError('the tree is opened a second time');
        case 'turn':
          return builder.addTurn(event.turn);
        case 'expand':
          return event.node === null ? undefined : builder.expand(event.node, event.children);
        case 'leaf':
          return builder.addLeaf(event.leaf);
        case 'end':
          end = event;
      }
    },
    build: () => ({
      tree: builder.build(end?.account ?? NOTHING, end?.resources),
      finished: end !== undefined,
    }),
  };
}

/** {@link readTree}, with the lines of the file. */
export async function readTreeFile(path: string): Promise<TreeFile | undefined> {
  const turns = new Map<NodeId, Turn>();
  let assembler: ReturnType<typeof treeAssembler> | undefined;
  const lines = (await readLines(path)).map((text, index): EventLine => {
    const place = `${path}:${index + 1}`;
    try {
      const line = restorePrompt(parseJsonLine(text, path, index + 1), (id) => turns.get(id));
      const event = eventFromJson(line, place);
      if (assembler === undefined) assembler = treeAssembler(event);
      else assembler.add(event);
      if (event.type === 'turn') turns.set(event.turn.id, event.turn);
      return { event, text };
    } catch (cause) {
      const reason = reasonOf(cause);
      throw new InvalidInputError(reason.startsWith(path) ? reason : `${place}: ${reason}`, {
        field: place,
        value: text.slice(0, 80),
        remedy: REMEDY,
        cause,
      });
    }
  });
  return assembler && { lines, ...assembler.build() };
}

/**
 * Reads one tree file; undefined when it is absent or empty (cut off before its first line was complete).
 *
 * @throws InvalidInputError naming the line at fault, RunStoreError when the file cannot be read
 */
export async function readTree(path: string): Promise<JournalledTree | undefined> {
  const file = await readTreeFile(path);
  return file && { tree: file.tree, finished: file.finished };
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
