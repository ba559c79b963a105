import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { contrast } from './contrast.js';
import type { Game } from './game.js';
import { admissibleCommands, startGame, stepGame } from './play.js';

const schema = z.object({
  /** The file of the game, for the reader. */
  game: z.string().optional(),
  seed: z.number().optional(),
  intro: z.string(),
  admissible0: z.array(z.string()).optional(),
  steps: z.array(
    z.object({
      cmd: z.string(),
      obs: z.string(),
      score: z.number(),
      done: z.boolean(),
      admissible: z.array(z.string()).optional(),
    }),
  ),
});

/**
 * What an engine answered on a game: the intro and first commands, then every command with all that followed from it. Lists
 * of commands may be left out; they are then not compared.
 */
export type Transcript = z.output<typeof schema>;

/** One place where a replay gives something else. */
export interface TranscriptDifference {
  /** 0 for the start, n after the n-th command. */
  readonly step: number;
  readonly field: 'observation' | 'score' | 'done' | 'admissible';
  /** What was recorded, about where the two differ. */
  readonly expected: string;
  readonly found: string;
}

/** What a replay found. */
export interface TranscriptReport {
  /** The commands that were replayed. */
  readonly steps: number;
  readonly differences: readonly TranscriptDifference[];
}

/**
 * Checks that a value is a transcript.
 *
 * @param what - what the value is, for errors; usually the path of its file
 * @throws InvalidInputError naming the first wrong field
 */
export const parseTranscript = (value: unknown, what: string): Transcript =>
  parseInput(schema, value, what, 'Record the transcript again.');

/** Replays a transcript and compares every observation, score, end and list of admissible commands. */
export function verifyTranscript(game: Game, transcript: Transcript): TranscriptReport {
  const differences: TranscriptDifference[] = [];
  const compare = (
    step: number,
    field: TranscriptDifference['field'],
    expected: unknown,
    found: unknown,
  ): void => {
    if (expected === undefined || JSON.stringify(expected) === JSON.stringify(found)) return;
    differences.push({ step, field, ...contrast(expected, found) });
  };
  let now = startGame(game);
  compare(0, 'observation', transcript.intro, now.observation);
  compare(0, 'admissible', transcript.admissible0, admissibleCommands(now.state));
  transcript.steps.forEach((record, i) => {
    now = stepGame(now.state, record.cmd);
    compare(i + 1, 'observation', record.obs, now.observation);
    compare(i + 1, 'score', record.score, now.score);
    compare(i + 1, 'done', record.done, now.done);
    compare(i + 1, 'admissible', record.admissible, admissibleCommands(now.state));
  });
  return { steps: transcript.steps.length, differences };
}
