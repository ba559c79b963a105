import { eventFromJson, type JsonValue, type NodeId, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { parseJsonLine } from './json-lines.js';
import { readLines } from './lines.js';
import { restorePrompt } from './prompt-delta.js';
import { reasonOf, treeAssembler, type JournalledTree } from './tree-file.js';

/** A line that could not be used. */
export interface LineProblem {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** What could be read of a tree file. */
export interface SalvagedTree {
  /** Undefined when the opening is missing or damaged: then nothing says what the other lines belong to. */
  readonly found: JournalledTree | undefined;
  /** Empty when the file is sound. */
  readonly problems: readonly LineProblem[];
}

const childSchema = z.looseObject({ turn: z.looseObject({ parent: z.string() }) });

/** Refuses a turn whose parent was lost: by itself it cannot be read, since its prompt is stored as what it adds to its parent's. */
function checkParent(line: JsonValue, turns: ReadonlyMap<string, Turn>): void {
  const { success, data } = childSchema.safeParse(line);
  if (success && !turns.has(data.turn.parent))
    throw new RangeError(`its parent ${data.turn.parent} is not in the tree`);
}

/**
 * Reads what is left of a tree file, for looking at it: a damaged line is named and left out, and so are the turns and leaves that
 * came after it on its path. For training and for resuming use `readTree`, which refuses such a file: half a tree has other
 * statistics than the one that was grown.
 *
 * @returns undefined when the file is absent or empty (cut off before its first line was complete)
 * @throws RunStoreError when the file cannot be read at all
 */
export async function salvageTree(path: string): Promise<SalvagedTree | undefined> {
  const lines = await readLines(path);
  if (lines.length === 0) return undefined;
  const turns = new Map<NodeId, Turn>();
  const problems: LineProblem[] = [];
  let assembler: ReturnType<typeof treeAssembler> | undefined;
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    const place = `line ${line}`;
    try {
      const json = parseJsonLine(text, path, line);
      checkParent(json, turns);
      const restored = restorePrompt(json, (id) => turns.get(id));
      const event = eventFromJson(restored, place);
      if (assembler === undefined) assembler = treeAssembler(event);
      else assembler.add(event);
      if (event.type === 'turn') turns.set(event.turn.id, event.turn);
    } catch (cause) {
      const reason = reasonOf(cause).replace(`${path}: ${place} `, '').replace(`${place}: `, '');
      problems.push({ line, reason });
    }
  }
  return { found: assembler?.build(), problems };
}
