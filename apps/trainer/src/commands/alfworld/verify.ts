import { readFileSync } from 'node:fs';

import { InvalidInputError } from '@spark-rl/core';
import {
  compileGame,
  parseTranscript,
  verifyTranscript,
  type Transcript,
} from '@spark-rl/env-alfworld';

import type { Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { gameAt } from './game-at.js';

function readTranscript(path: string): Transcript {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InvalidInputError(`${path}: cannot be read (${(cause as Error).message})`, {
      field: path,
      value: path,
      remedy: 'Give a transcript: JSON with intro, admissible0 and steps.',
      cause,
    });
  }
  return parseTranscript(json, path);
}

/**
 * Replays recordings of the original engine on a game, and says how many answers differ; with several, for each and in all.
 *
 * @returns 1 when there is a difference, else 0
 */
export async function verifyCommand(
  gamePath: string,
  transcripts: readonly string[],
  output: Output,
): Promise<number> {
  const game = compileGame(await gameAt(gamePath));
  let steps = 0;
  let differences = 0;
  let first = '';
  let text = '';
  const facts: object[] = [];
  for (const path of transcripts) {
    const transcript = readTranscript(path);
    const report = verifyTranscript(game, transcript);
    steps += report.steps;
    differences += report.differences.length;
    facts.push({ path, ...report });
    if (transcripts.length > 1)
      text += `${path}: ${report.steps} steps, ${report.differences.length} differences\n`;
    const [difference] = report.differences;
    if (first === '' && difference !== undefined) {
      const { step, field, expected, found } = difference;
      const command = step === 0 ? 'at the start' : `after "${transcript.steps[step - 1]!.cmd}"`;
      first = `first difference: ${path}, step ${step} (${command}), ${field}\n  expected ${expected}\n  found    ${found}\n`;
    }
  }
  text += `${steps} steps, ${differences} differences\n${first}`;
  showResult(output, { steps, differences, transcripts: facts }, text);
  return differences === 0 ? 0 : 1;
}
