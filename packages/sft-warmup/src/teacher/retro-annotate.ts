import {
  canonicalJson,
  EndpointError,
  hashText,
  InvalidInputError,
  parseInput,
  type AgentProtocol,
  type ExpertTurn,
  type JsonValue,
  type RandomKey,
  type Task,
} from '@spark-rl/core';
import { z } from 'zod';

import { concurrently } from '../concurrently.js';
import type { ExpertEpisode } from '../expert-episode.js';
import type { ActionPath } from './action-path.js';
import type { AnnotationCache } from './annotation-cache.js';
import { annotationPrompt, sparkAnnotationModes, type ModeMeanings } from './annotation-prompt.js';
import type { Teacher } from './chat-teacher.js';
import { checkAnnotations, readAnnotations } from './read-annotations.js';

/** What {@link retroAnnotate} works with. */
export interface RetroAnnotationSettings {
  readonly paths: Iterable<ActionPath> | AsyncIterable<ActionPath>;
  readonly teacher: Teacher;
  /** The reasoning modes and when an agent is in each. Default: explore and think, as in SPARK. */
  readonly modes?: ModeMeanings;
  /** Given, turns that it cannot write as a valid response are asked for again. */
  readonly render?: AgentProtocol['render'];
  /** Where answers are kept; asked first. Without it nothing is kept. */
  readonly cache?: AnnotationCache;
  /** How often a teacher is asked for one path when its answers cannot be used. Default 3. */
  readonly answers?: number;
  /** How many paths are worked on at once. Default 8; the teacher's own limit of calls counts besides. */
  readonly concurrency?: number;
  readonly key: RandomKey;
  readonly onPath?: (progress: { readonly done: number; readonly refused: number }) => void;
  readonly signal?: AbortSignal;
}

/** Annotated episodes, and what could not be annotated. */
export interface RetroAnnotation {
  /** In the order of the paths; ready for `expertExamples`. */
  readonly episodes: readonly ExpertEpisode[];
  /** Paths that are left out, and why. */
  readonly refused: readonly { readonly task: Task; readonly reason: string }[];
  /** How many answers were asked for, and how many paths came from the cache. */
  readonly asked: number;
  readonly cached: number;
}

const numbersSchema = z.object({
  answers: z.int().min(1).default(3),
  concurrency: z.int().min(1).default(8),
});

/** Changes with what is asked or how it is read, so that answers to an older form are not taken for new ones. */
const FORM = 1;

const cutOff = (): InvalidInputError =>
  new InvalidInputError('the answer was cut off', {
    field: 'answer',
    remedy: 'Raise maxTokens of the teacher.',
  });

/** Whether calls for other paths may fare better: the server was busy, or it refused what was asked, not who asked or where. */
const isOfThisPath = ({ retryable, status }: EndpointError): boolean =>
  retryable || (status !== undefined && [400, 413, 422].includes(status));

/** Asks until an answer can be used. Gives the turns, or as a text why there are none. */
async function annotate(
  path: ActionPath,
  settings: RetroAnnotationSettings,
  answers: number,
  signal: AbortSignal,
  onAsked: () => void,
): Promise<readonly ExpertTurn[] | string> {
  const { teacher, modes = sparkAnnotationModes, render, key } = settings;
  let messages = annotationPrompt(path, modes);
  for (let answer = 1; ; answer++) {
    onAsked();
    let text: string;
    try {
      const asked = [...key, path.task.id, answer];
      const said = await teacher.ask(messages, { key: asked, signal });
      text = said.text;
      if (said.cut) throw cutOff();
      const turns = readAnnotations(text, path, modes);
      for (const turn of turns) render?.(turn);
      return turns;
    } catch (cause) {
      if (cause instanceof EndpointError && isOfThisPath(cause)) return cause.message;
      if (!(cause instanceof InvalidInputError)) throw cause;
      if (answer >= answers) return cause.message;
      const complaint = `That cannot be used: ${cause.message} Give the whole list again, as JSON and nothing else.`;
      messages = [
        ...messages.slice(0, 2),
        { role: 'assistant', content: text! },
        { role: 'user', content: complaint },
      ];
    }
  }
}

/** What is kept of a path, when it is still an annotation of it. */
async function recall(
  cache: AnnotationCache | undefined,
  name: string,
  path: ActionPath,
  modes: ModeMeanings,
  render: AgentProtocol['render'] | undefined,
): Promise<readonly ExpertTurn[] | undefined> {
  const value = await cache?.get(name);
  if (value === undefined) return undefined;
  try {
    const turns = checkAnnotations(value, path, modes);
    for (const turn of turns) render?.(turn);
    return turns;
  } catch (cause) {
    if (cause instanceof InvalidInputError) return undefined;
    throw cause;
  }
}

const annotated = (
  { task, instruction, steps }: ActionPath,
  turns: readonly ExpertTurn[],
): ExpertEpisode => ({
  task,
  instruction,
  steps: steps.map(({ observation, admissible }, i) => ({
    observation,
    turn: turns[i]!,
    ...(admissible === undefined ? {} : { admissible }),
  })),
});

/**
 * Writes the reasoning of paths that somebody solved without saying why: a teacher sees the whole path and says, for every turn, the mode
 * and the reasoning (SPARK, arXiv 2601.20209, appendix B: 90 % of its warm-up comes about so). Its answer must be a JSON list as long as
 * the path with exactly its actions; one that is not goes back with what is wrong. A path whose answers are all of no use, whose calls
 * fail until there are no tries left, or whose request is refused as it is (400, 413, 422: too long for the model) is left out and named; a
 * call that can never succeed (a wrong key, an unknown address or model) ends the whole.
 * With a cache, an interrupted or repeated run asks only for what is missing.
 *
 * @throws EndpointError when the endpoint refuses; AbortedError; InvalidInputError naming a wrong option
 */
export async function retroAnnotate(settings: RetroAnnotationSettings): Promise<RetroAnnotation> {
  const { teacher, modes = sparkAnnotationModes, cache, render } = settings;
  const { answers, concurrency } = parseInput(
    numbersSchema,
    { answers: settings.answers, concurrency: settings.concurrency },
    'options of retroAnnotate',
  );
  const episodes: (ExpertEpisode | undefined)[] = [];
  const refused: ({ readonly task: Task; readonly reason: string } | undefined)[] = [];
  let asked = 0;
  let cached = 0;
  let done = 0;
  let lost = 0;

  const work = async (path: ActionPath, at: number, signal: AbortSignal): Promise<void> => {
    const messages = annotationPrompt(path, modes);
    const name = hashText(canonicalJson({ form: FORM, teacher: teacher.identity, messages }));
    let turns: readonly ExpertTurn[] | string | undefined = await recall(
      cache,
      name,
      path,
      modes,
      render,
    );
    if (turns !== undefined) cached++;
    else {
      turns = await annotate(path, settings, answers, signal, () => asked++);
      if (typeof turns !== 'string') await cache?.set(name, turns as unknown as JsonValue);
    }
    if (typeof turns !== 'string') episodes[at] = annotated(path, turns);
    else {
      refused[at] = { task: path.task, reason: turns };
      lost++;
    }
    settings.onPath?.({ done: ++done, refused: lost });
  };

  await concurrently(settings.paths, concurrency, work, settings.signal);
  return {
    episodes: episodes.filter((episode) => episode !== undefined),
    refused: refused.filter((each) => each !== undefined),
    asked,
    cached,
  };
}
