import { InvalidInputError, parseInput, showValue } from '@spark-rl/core';
import { z } from 'zod';

/** An ALFWorld game as its `game.tw-pddl` file holds it. */
export interface GameFile {
  /** Names the game in errors and task ids; usually its path. */
  readonly name: string;
  /** The PDDL domain text (`pddl_domain`). */
  readonly domain: string;
  /** The TWL2 text grammar (`grammar`). */
  readonly grammar: string;
  /** The PDDL problem text (`pddl_problem`). */
  readonly problem: string;
  /** Commands that solve the game, in the wording of its grammar; null or absent when unknown. */
  readonly walkthrough?: readonly string[] | null;
  /** Whether the authors of the file found it solvable; null or absent when unknown. */
  readonly solvable?: boolean | null;
}

const remedy = 'Download the game again, or leave it out.';

const schema = z.object({
  pddl_domain: z.string().min(1),
  grammar: z.string().min(1),
  pddl_problem: z.string().min(1),
  walkthrough: z.array(z.string()).nullable().optional(),
  solvable: z.boolean().nullable().optional(),
});

/**
 * Reads the text of a `game.tw-pddl` file: a JSON object with the keys `pddl_domain`, `grammar` and `pddl_problem`, and
 * optionally `walkthrough` and `solvable`. Further keys are ignored.
 *
 * @param text - the content of the file
 * @param name - what to call the game, usually the path of the file
 * @throws InvalidInputError naming the file and the first wrong field
 */
export function parseGameFile(text: string, name: string): GameFile {
  let json: unknown;
  try {
    json = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (cause) {
    throw new InvalidInputError(
      `${name}: not JSON (${(cause as Error).message}; begins with ${showValue(text.slice(0, 40))})`,
      { field: name, value: text.slice(0, 80), remedy, cause },
    );
  }
  const raw = parseInput(schema, json, name, remedy);
  return {
    name,
    domain: raw.pddl_domain,
    grammar: raw.grammar,
    problem: raw.pddl_problem,
    ...(raw.walkthrough === undefined ? {} : { walkthrough: raw.walkthrough }),
    ...(raw.solvable === undefined ? {} : { solvable: raw.solvable }),
  };
}

/** The text of a `game.tw-pddl` file that holds this game; the inverse of {@link parseGameFile}, but for the name. */
export function formatGameFile(file: GameFile): string {
  return JSON.stringify({
    pddl_domain: file.domain,
    grammar: file.grammar,
    pddl_problem: file.problem,
    ...(file.walkthrough === undefined ? {} : { walkthrough: file.walkthrough }),
    ...(file.solvable === undefined ? {} : { solvable: file.solvable }),
  });
}
