import {
  InvalidInputError,
  observationText,
  parseInput,
  pathTo,
  type Leaf,
  type ParsedResponse,
  type Tree,
} from '@spark-rl/core';
import { z } from 'zod';

/** One turn of a recorded episode. */
export interface EpisodeTurn {
  /** What the agent was shown before it; null where that was not recorded. */
  readonly observation: string | null;
  /** What it wrote; null where only reasoning and action were recorded. */
  readonly response: string | null;
  /** The reasoning mode, such as `explore`; null where none was recognised. */
  readonly mode: string | null;
  readonly reasoning: string;
  /** What the shop received; empty for an invalid response. */
  readonly action: string;
  /** Why the response was invalid; null for a valid one. */
  readonly problem: string | null;
}

/** An agent's visit to the shop, as it was recorded. */
export interface Episode {
  readonly title: string;
  /** The number of the goal in the shop that it was recorded in. */
  readonly goal: number;
  /** The instruction that was recorded, to tell whether another shop is at hand; null where it was not. */
  readonly instruction: string | null;
  readonly turns: readonly EpisodeTurn[];
  /** How it ended: the last observation and the score. */
  readonly end: { readonly observation: string | null; readonly score: number | null };
}

const goalData = z.object({ goal: z.int().min(0) });

const turnSchema = z
  .strictObject({
    observation: z.string().optional(),
    response: z.string().optional(),
    mode: z.string().nullable().optional(),
    reasoning: z.string().optional(),
    action: z.string().optional(),
  })
  .refine(({ response, action }) => response !== undefined || action !== undefined, {
    error: 'a turn needs a response or an action',
  });

const episodeSchema = z
  .strictObject({
    title: z.string().optional(),
    goal: z.int().min(0).optional(),
    task: z.object({ id: z.string().optional(), data: goalData }).optional(),
    instruction: z.string().optional(),
    turns: z.array(turnSchema),
    end: z
      .strictObject({ observation: z.string().optional(), score: z.number().optional() })
      .optional(),
  })
  .refine(({ goal, task }) => (goal === undefined) !== (task === undefined), {
    error: 'an episode needs either goal, a number, or task, as the environment lists it',
  });

const fileSchema = z.union([
  z.strictObject({ episodes: z.array(z.unknown()) }),
  z.array(z.unknown()),
]);

/**
 * Reads recorded episodes from a JSON value: one episode, a list of them, or an object with `episodes`. An episode has `goal` or
 * `task`, `turns` and, where known, `title`, `instruction` and `end` (`observation`, `score`); a turn has `response`, or `action`
 * with `reasoning` and `mode`, and, where known, the `observation` before it.
 *
 * @param parse - takes a response apart; an action that stands beside it wins
 * @param what - what the value is, for messages
 * @throws InvalidInputError naming the wrong field
 */
export function readEpisodes(
  value: unknown,
  parse: (response: string) => ParsedResponse,
  what: string,
): readonly Episode[] {
  const file = fileSchema.safeParse(value);
  const items = !file.success ? [value] : Array.isArray(file.data) ? file.data : file.data.episodes;
  return items.map((item, place): Episode => {
    const { title, goal, task, instruction, turns, end } = parseInput(
      episodeSchema,
      item,
      items.length === 1 ? what : `${what}, episode ${place}`,
      'Write episodes as docs/webshop.md says.',
    );
    return {
      title: title ?? task?.id ?? `Episode ${place + 1}`,
      goal: goal ?? task!.data.goal,
      instruction: instruction ?? null,
      turns: turns.map(({ observation, response, mode, reasoning, action }): EpisodeTurn => {
        const parsed = response === undefined ? undefined : parse(response);
        return {
          observation: observation ?? null,
          response: response ?? null,
          mode: mode ?? parsed?.mode ?? null,
          reasoning: reasoning ?? parsed?.reasoning ?? '',
          action: action ?? parsed?.action ?? '',
          problem: action === undefined ? (parsed?.reason ?? null) : null,
        };
      }),
      end: { observation: end?.observation ?? null, score: end?.score ?? null },
    };
  });
}

const leafTitle = (leaf: Leaf): string => `leaf ${leaf.id}: ${leaf.outcome}, score ${leaf.score}`;

/**
 * The episodes of a recorded tree: one a path that was walked. Copies of paths are left out.
 *
 * @param name - what the tree is called, for titles
 * @throws InvalidInputError when the tree's task is not one of this shop
 */
export function episodesOfTree(tree: Tree, name: string): readonly Episode[] {
  if (tree.task.environment !== 'webshop') {
    throw new InvalidInputError(`tree ${tree.id} was grown in ${tree.task.environment}`, {
      field: 'task.environment',
      value: tree.task.environment,
      remedy: 'Give a run of spark-rl train --env webshop.',
    });
  }
  const { goal } = parseInput(goalData, tree.task.data, `data of task ${tree.task.id}`);
  return tree.leaves
    .filter((leaf) => leaf.copy === undefined && leaf.tail !== null)
    .map((leaf): Episode => {
      const turns = pathTo(tree, leaf.tail!);
      const last = turns.at(-1)!.next;
      return {
        title: `${name}, ${leafTitle(leaf)}`,
        goal,
        instruction: tree.instruction,
        turns: turns.map(({ observation, generation, response, action }): EpisodeTurn => ({
          observation: observationText(observation),
          response: generation.text,
          mode: response.mode,
          reasoning: response.reasoning,
          action,
          problem: response.valid ? null : (response.reason ?? 'invalid response'),
        })),
        end: { observation: observationText(last.observation), score: last.score },
      };
    });
}
