import type { RandomSource } from '@spark-rl/core';
import { z } from 'zod';

import type { GameFile } from '../game-file.js';

const schema = z.object({
  turk_annotations: z.object({ anns: z.array(z.object({ task_desc: z.string().min(1) })) }),
});

/**
 * A game whose task is stated as a person described it: one of the descriptions in a `traj_data.json`, drawn at random. The game
 * itself where there are none. The rest of the game, its goal included, stays what it was.
 */
export async function withHumanTask(
  file: GameFile,
  trajectoryFile: string,
  random: RandomSource,
): Promise<GameFile> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(trajectoryFile, 'utf8').catch(() => 'null');
  const found = schema.safeParse(JSON.parse(text));
  const descriptions = found.success ? found.data.turk_annotations.anns : [];
  if (descriptions.length === 0) return file;
  return withTask(file, random.pick(descriptions).task_desc);
}

/** The same game with another sentence after "Your task is to: ". Marks that a grammar cannot say become commas or vanish. */
export function withTask(file: GameFile, sentence: string): GameFile {
  const spoken = sentence
    .replace(/[;|]/g, ',')
    .replace(/["<>[\]{}#\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '');
  return {
    ...file,
    grammar: file.grammar.replace(
      /(Your task is to:? )[^"]*?(\.?")/,
      (_all, before: string, after: string) => `${before}${spoken}${after}`,
    ),
  };
}
