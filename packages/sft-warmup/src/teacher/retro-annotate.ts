import {
  canonicalJson,
  EndpointError,
  hashText,
  InvalidInputError,
  parseInput,
  throwIfAborted,
  type AgentProtocol,
  type ExpertTurn,
  type JsonValue,
  type Message,
  type RandomKey,
  type Task,
} from '@spark-rl/core';
import { z } from 'zod';

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

/** Annotates one path; throws an InvalidInputError when no answer can be used. */
async function annotate(
  path: ActionPath,
  settings: RetroAnnotationSettings,
  answers: number,
  signal: AbortSignal,
  onAsked: () => void,
): Promise<readonly ExpertTurn[]> {
  const { teacher, modes = sparkAnnotationModes, render, key } = settings;
  const check = (turns: readonly ExpertTurn[]): readonly ExpertTurn[] => {
    for (const turn of turns) render?.(turn);
    return turns;
  };
  let messages: readonly Message[] = annotationPrompt(path, modes);
  for (let answer = 1; ; answer++) {
    onAsked();
    const asked = [...key, path.task.id, answer];
    const { text, cut } = await teacher.ask(messages, { key: asked, signal });
    try {
      if (cut) throw cutOff();
      return check(readAnnotations(text, path, modes));
    } catch (cause) {
      if (!(cause instanceof InvalidInputError) || answer >= answers) throw cause;
      const complaint = `That cannot be used: ${cause.message} Give the whole list again, as JSON and nothing else.`;
      messages = [
        ...messages.slice(0, 2),
        { role: 'assistant', content: text },
        { role: 'user', content: complaint },
      ];
    }
  }
}

/**
 * Writes the reasoning of paths that somebody solved without saying why: a teacher sees the whole path and says, for every turn, the mode
 * and the reasoning (SPARK, arXiv 2601.20209, appendix B: 90 % of its warm-up comes about so). Its answer must be a JSON list as long as
 * the path with exactly its actions; one that is not goes back with what is wrong. A path whose answers are all of no use, or whose calls
 * fail until there are no tries left, is left out and named; a call that can never succeed (a wrong key, an unknown model) ends the whole.
 * With a cache, an interrupted or repeated run asks only for what is missing.
 *
 * @throws EndpointError when the endpoint refuses; AbortedError; InvalidInputError naming a wrong option
 */
export async function retroAnnotate(settings: RetroAnnotationSettings): Promise<RetroAnnotation> {
  const { teacher, modes = sparkAnnotationModes, cache, signal } = settings;
  const { answers, concurrency } = parseInput(
    numbersSchema,
    { answers: settings.answers, concurrency: settings.concurrency },
    'options of retroAnnotate',
  );
  const stop = new AbortController();
  const inner = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const episodes: (ExpertEpisode | undefined)[] = [];
  const refused: { at: number; task: Task; reason: string }[] = [];
  let asked = 0;
  let cached = 0;
  let done = 0;

  const known = async (
    name: string,
    path: ActionPath,
  ): Promise<readonly ExpertTurn[] | undefined> => {
    const value = await cache?.get(name);
    if (value === undefined) return undefined;
    try {
      const turns = checkAnnotations(value, path, modes);
      for (const turn of turns) settings.render?.(turn);
      cached++;
      return turns;
    } catch (cause) {
      if (cause instanceof InvalidInputError) return undefined;
      throw cause;
    }
  };
  const turnsOf = async (path: ActionPath): Promise<readonly ExpertTurn[]> => {
    const messages = annotationPrompt(path, modes);
    const name = hashText(canonicalJson({ form: FORM, teacher: teacher.identity, messages }));
    const found = await known(name, path);
    if (found !== undefined) return found;
    const turns = await annotate(path, settings, answers, inner, () => asked++);
    await cache?.set(name, turns as unknown as JsonValue);
    return turns;
  };
  const work = async (path: ActionPath, at: number): Promise<void> => {
    const { task, instruction, steps } = path;
    try {
      const turns = await turnsOf(path);
      episodes[at] = {
        task,
        instruction,
        steps: steps.map(({ observation, admissible }, i) => ({
          observation,
          turn: turns[i]!,
          ...(admissible === undefined ? {} : { admissible }),
        })),
      };
    } catch (cause) {
      const lost =
        cause instanceof InvalidInputError || (cause instanceof EndpointError && cause.retryable);
      if (!lost) throw cause;
      refused.push({ at, task, reason: cause.message });
    }
    done++;
    settings.onPath?.({ done, refused: refused.length });
  };

  let next = 0;
  const source =
    Symbol.asyncIterator in settings.paths
      ? settings.paths[Symbol.asyncIterator]()
      : settings.paths[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (;;) {
      throwIfAborted(inner);
      const at = next++;
      const item = await source.next();
      if (item.done === true) return;
      await work(item.value, at);
    }
  };
  const workers = Array.from({ length: concurrency }, () =>
    worker().catch((cause: unknown) => {
      stop.abort();
      throw cause;
    }),
  );
  const ends = await Promise.allSettled(workers);
  // The first cause, not the stop that it brought upon the others.
  throwIfAborted(signal);
  const failures = ends.flatMap((end) =>
    end.status === 'rejected' ? [end.reason as unknown] : [],
  );
  const [first] = [
    ...failures.filter((cause) => (cause as { code?: unknown } | null)?.code !== 'aborted'),
    ...failures,
  ];
  if (first !== undefined) throw first;
  return {
    episodes: episodes.filter((episode) => episode !== undefined),
    refused: refused.sort((a, b) => a.at - b.at).map(({ task, reason }) => ({ task, reason })),
    asked,
    cached,
  };
}
