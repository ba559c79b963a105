import { z } from 'zod';

import { InvalidInputError } from '../errors.js';
import type { TaskId } from '../ids.js';
import type { JsonValue } from '../json.js';
import { treeSchema, turnSchema } from '../tree-schema.js';
import { parseInput, showValue } from '../validation.js';
import { canonical } from '../canonical-json.js';
import {
  emptyRecording,
  noteQuery,
  type RecordedEpisode,
  type RecordedMoment,
  type Recording,
} from './recording.js';

const FORMAT = 'spark-rl recording';
const VERSION = 1;
const REMEDY = 'Record again with recordEnvironment.';

const moment = turnSchema.shape.next.extend({
  admissible: z.array(z.string()).exactOptional(),
});
const taskIdSchema = treeSchema.shape.task.shape.id;

const recordingSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  environment: z.string(),
  tellsAdmissible: z.boolean(),
  queries: z.array(
    z.object({
      query: z.object({
        split: z.string(),
        count: z.number().exactOptional(),
        seed: z.number().exactOptional(),
        kinds: z.array(z.string()).exactOptional(),
      }),
      tasks: z.array(taskIdSchema),
      complete: z.boolean(),
    }),
  ),
  tasks: z.array(treeSchema.shape.task),
  episodes: z.array(
    z.object({
      task: taskIdSchema,
      instruction: z.string(),
      start: moment,
      // A step names the moment that it starts from: 0 is the start, k the k-th step. Flat, so that no depth is too great.
      steps: z.array(moment.extend({ from: z.int().min(0), action: z.string() })),
    }),
  ),
});

type MomentJson = z.output<typeof moment>;
type EpisodeJson = z.output<typeof recordingSchema>['episodes'][number];

const byKey = <Value>(entries: Iterable<readonly [string, Value]>): (readonly [string, Value])[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

const momentToJson = ({ answer, admissible }: RecordedMoment): MomentJson => ({
  observation: answer.observation as MomentJson['observation'],
  score: answer.score,
  status: answer.status,
  ...(admissible !== undefined && { admissible: [...admissible] }),
});

/** The steps of an episode: breadth first, the actions of a moment in code-unit order. */
function stepsToJson(start: RecordedMoment): EpisodeJson['steps'] {
  const steps: EpisodeJson['steps'] = [];
  const moments = [start];
  for (let from = 0; from < moments.length; from++) {
    for (const [action, next] of byKey(moments[from]!.after)) {
      steps.push({ from, action, ...momentToJson(next) });
      moments.push(next);
    }
  }
  return steps;
}

/**
 * Writes a recording as plain JSON. Everything is sorted by what it is called, and keys by code unit, so that equal recordings, in
 * whatever order they were made, are equal bytes after `JSON.stringify`.
 */
export function recordingToJson(recording: Recording): JsonValue {
  const { environment, tellsAdmissible, queries, tasks, episodes } = recording;
  return canonical({
    format: FORMAT,
    version: VERSION,
    environment,
    tellsAdmissible,
    queries: byKey(queries).map(([, query]) => ({ ...query })),
    tasks: byKey(tasks).map(([, task]) => ({ ...task })),
    episodes: byKey(episodes).map(([task, { instruction, start }]) => ({
      task,
      instruction,
      start: momentToJson(start),
      steps: stepsToJson(start),
    })),
  } as unknown as JsonValue);
}

const momentFromJson = (json: MomentJson): RecordedMoment => ({
  answer: { observation: json.observation, score: json.score, status: json.status },
  ...(json.admissible !== undefined && { admissible: json.admissible }),
  after: new Map(),
});

const damaged = (field: string, value: unknown, what: string): InvalidInputError =>
  new InvalidInputError(`the recording: ${field} (${showValue(value)}) ${what}`, {
    field,
    value,
    remedy: REMEDY,
  });

function episodeFromJson({ instruction, start, steps }: EpisodeJson, at: string): RecordedEpisode {
  const moments = [momentFromJson(start)];
  for (const [index, step] of steps.entries()) {
    const field = `${at}.steps.${index}`;
    const from = moments[step.from];
    const wrong =
      from === undefined
        ? `starts from moment ${step.from}, which does not stand before it`
        : from.answer.status !== 'running'
          ? `starts from moment ${step.from}, where the episode had ended`
          : from.after.has(step.action)
            ? `has action ${showValue(step.action)}, which was recorded there already`
            : undefined;
    if (from === undefined || wrong !== undefined) throw damaged(field, step.from, `${wrong}`);
    const next = momentFromJson(step);
    from.after.set(step.action, next);
    moments.push(next);
  }
  return { instruction, start: moments[0]! };
}

/**
 * Reads a recording, to play it back or to go on recording into it.
 *
 * @param json - what {@link recordingToJson} gave
 * @throws InvalidInputError naming the field that is wrong
 */
export function recordingFromJson(json: unknown): Recording {
  const parsed = parseInput(recordingSchema, json, 'the recording', REMEDY);
  const recording = emptyRecording(parsed.environment, parsed.tellsAdmissible);
  const known = (id: TaskId, field: string): void => {
    if (!recording.tasks.has(id)) throw damaged(field, id, 'names a task that is not in it');
  };
  for (const [index, task] of parsed.tasks.entries()) {
    if (recording.tasks.has(task.id)) throw damaged(`tasks.${index}.id`, task.id, 'is there twice');
    recording.tasks.set(task.id, task);
  }
  for (const [index, query] of parsed.queries.entries()) {
    for (const id of query.tasks) known(id, `queries.${index}.tasks`);
    noteQuery(recording, query);
  }
  for (const [index, episode] of parsed.episodes.entries()) {
    known(episode.task, `episodes.${index}.task`);
    recording.episodes.set(episode.task, episodeFromJson(episode, `episodes.${index}`));
  }
  return recording;
}
