import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { lockHolder } from '@spark-rl/run-store';
import { z } from 'zod';

import type { EvaluationView, RunCard, RunState, RunView } from '../shared/views.js';
import { flatten, flattenToText } from './flatten.js';
import { readJsonFile, type JsonFile } from './json-file.js';
import { readAllMetrics, readMetricsChunk } from './metrics.js';
import { listTreeSets } from './tree-sets.js';

// Looser than what the run store demands before it trains: a manifest of a later version is still worth looking at.
const manifestSchema = z.looseObject({
  createdAt: z.string().nullable().default(null),
  command: z.array(z.string()).default([]),
  seed: z.number().nullable().default(null),
  engine: z.string().nullable().default(null),
  device: z.string().nullable().default(null),
  config: z.record(z.string(), z.json()).default({}),
});
export type LooseManifest = z.output<typeof manifestSchema>;

const rate = z.looseObject({ rate: z.number() });
const summarySchema = z.record(z.string(), z.json());
const successSchema = z.looseObject({ success: z.looseObject({ warmup: rate, final: rate }) });

const evaluationSchema = z.looseObject({
  temperature: z.number(),
  successes: z.array(z.boolean()),
  kinds: z.array(z.string()).default([]),
  meanTurns: z.number().default(NaN),
  exploreRatio: z.number().default(NaN),
  invalidRatio: z.number().default(NaN),
});
const evaluationFileSchema = z.record(z.string(), z.unknown());

/** Reads a run's manifest as far as it can be read. */
export const readLooseManifest = (folder: string): Promise<JsonFile<LooseManifest>> =>
  readJsonFile(join(folder, 'manifest.json'), manifestSchema);

const fieldOf = (
  config: LooseManifest['config'],
  section: string,
  field: string,
): string | null => {
  const found = config[section];
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return null;
  const value = found[field];
  return typeof value === 'string' ? value : null;
};

function stateOf(manifest: JsonFile<unknown>, finished: boolean, held: boolean): RunState {
  if (manifest.value === undefined) return 'damaged';
  if (held) return 'training';
  return finished ? 'finished' : 'stopped';
}

/** The warm-up first, the final one last. */
const placeOf = (checkpoint: string): number =>
  checkpoint === 'warmup' ? 0 : checkpoint === 'final' ? 2 : 1;

const inOrder = (checkpoints: readonly string[]): string[] =>
  [...checkpoints].sort(
    (a, b) => placeOf(a) - placeOf(b) || a.localeCompare(b, 'en', { numeric: true }),
  );

/** The checkpoints of a run that are whole. */
export const listCheckpoints = async (folder: string): Promise<readonly string[]> =>
  inOrder(
    (await readdir(join(folder, 'checkpoints')).catch(() => [])).filter(
      (name) => !/\.(writing|replaced|removed)$/.test(name),
    ),
  );

/** Evaluations in the order of their checkpoints. */
async function readEvaluations(
  folder: string,
): Promise<{ readonly views: readonly EvaluationView[]; readonly problems: RunCard['problems'] }> {
  const names = inOrder(
    (await readdir(folder).catch(() => [])).flatMap(
      (name) => /^evaluation-(.+)\.json$/.exec(name)?.[1] ?? [],
    ),
  );
  const files = await Promise.all(
    names.map((name) =>
      readJsonFile(join(folder, `evaluation-${name}.json`), evaluationFileSchema),
    ),
  );
  const views = files.flatMap(({ value }, index) =>
    Object.values(value ?? {}).flatMap((each) => {
      const { data } = evaluationSchema.safeParse(each);
      return data === undefined ? [] : [{ checkpoint: names[index]!, ...data }];
    }),
  );
  return { views, problems: files.flatMap(({ problems }) => problems) };
}

interface CardParts {
  readonly card: RunCard;
  readonly manifest: LooseManifest | undefined;
  readonly summary: z.output<typeof summarySchema> | undefined;
}

async function readParts(folder: string, id: string): Promise<CardParts> {
  const [manifest, summary, metrics, holder] = await Promise.all([
    readLooseManifest(folder),
    readJsonFile(join(folder, 'summary.json'), summarySchema),
    readAllMetrics((offset) => readMetricsChunk(join(folder, 'metrics.jsonl'), offset)),
    lockHolder(folder),
  ]);
  const rollouts = new Map(
    metrics.points
      .filter(({ phase }) => phase === 'reinforce')
      .map(({ step, values }) => [step, values['rollout/success']]),
  );
  const evaluated = successSchema.safeParse(summary.value).data?.success;
  const absent =
    manifest.value === undefined && manifest.problems.length === 0
      ? [{ place: 'manifest.json', reason: 'the file is missing' }]
      : [];
  const card: RunCard = {
    id,
    state: stateOf(manifest, summary.value !== undefined, holder !== undefined),
    createdAt: manifest.value?.createdAt ?? null,
    seed: manifest.value?.seed ?? null,
    engine: manifest.value?.engine ?? null,
    environment: fieldOf(manifest.value?.config ?? {}, 'environment', 'id'),
    method: fieldOf(manifest.value?.config ?? {}, 'rollout', 'method'),
    steps: rollouts.size,
    success: [...rollouts.values()].filter((value) => value !== undefined),
    evaluated: {
      warmup: evaluated?.warmup.rate ?? null,
      final: evaluated?.final.rate ?? null,
    },
    problems: [...absent, ...manifest.problems, ...summary.problems, ...metrics.problems],
  };
  return { card, manifest: manifest.value, summary: summary.value };
}

/** A run for the list of runs. */
export const readRunCard = async (folder: string, id: string): Promise<RunCard> =>
  (await readParts(folder, id)).card;

/** A run with all but its curves and trees. */
export async function readRunView(folder: string, id: string): Promise<RunView> {
  const [{ card, manifest, summary }, sets, evaluations, checkpoints] = await Promise.all([
    readParts(folder, id),
    listTreeSets(folder),
    readEvaluations(folder),
    listCheckpoints(folder),
  ]);
  return {
    ...card,
    problems: [...card.problems, ...evaluations.problems],
    command: manifest?.command ?? [],
    device: manifest?.device ?? null,
    config: flattenToText(manifest?.config ?? {}),
    sets,
    checkpoints,
    evaluations: evaluations.views,
    summary: flatten(summary ?? {}).filter(
      (entry): entry is [string, number | string] =>
        typeof entry[1] === 'number' || typeof entry[1] === 'string',
    ),
  };
}
