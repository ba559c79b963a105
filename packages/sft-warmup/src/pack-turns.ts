import { continuesTokens, type SequenceRow } from '@spark-rl/tensor';

/** A turn in tokens. */
export interface TokenTurn {
  readonly promptTokens: Int32Array;
  /** What was written, end of sequence included. */
  readonly responseTokens: Int32Array;
}

/** Token ids one after the other. */
export function joinTokens(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Turns that go on from one another, token by token, stand in one group. */
export function groupContinued<Turn extends TokenTurn>(turns: readonly Turn[]): Turn[][] {
  const groups: Turn[][] = [];
  for (const turn of turns) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const continues =
      last !== undefined &&
      continuesTokens(turn.promptTokens, last.promptTokens, last.responseTokens);
    if (continues) group!.push(turn);
    else groups.push([turn]);
  }
  return groups;
}

/** A group as one row, whose targets are the response tokens of the turns that are trained. */
export function packGroup<Turn extends TokenTurn>(
  group: readonly Turn[],
  trained: (turn: Turn) => boolean = () => true,
): SequenceRow {
  const last = group.at(-1)!;
  const targets = group
    .filter(trained)
    .flatMap(({ promptTokens, responseTokens }) =>
      Array.from(responseTokens, (_, i) => promptTokens.length + i),
    );
  return {
    tokens: joinTokens([last.promptTokens, last.responseTokens]),
    targets: Int32Array.from(targets),
  };
}

/** A path as rows: one where its prompts only ever append, one a turn where they are windows. Rows without a target are left out. */
export const packPath = <Turn extends TokenTurn>(
  path: readonly Turn[],
  trained: (turn: Turn) => boolean = () => true,
): SequenceRow[] =>
  groupContinued(path)
    .map((group) => packGroup(group, trained))
    .filter(({ targets }) => targets.length > 0);
