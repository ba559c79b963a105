import { InvalidInputError } from '@spark-rl/core';
import {
  readEpisodes,
  verifyEpisode,
  type EpisodeReport,
  type RecordedEpisode,
} from '@spark-rl/env-scienceworld';

import { startProgress, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { renderTable } from '../../output/table.js';
import { withStopSignal } from '../../stop-signal.js';
import { parseTasks } from './choose-tasks.js';
import { openJar, withSimulator, type JarPlace } from './open-jar.js';

export interface VerifyOptions extends JarPlace {
  readonly engine: string;
  readonly task?: string;
  readonly jobs: number;
}

interface Verified {
  readonly episode: RecordedEpisode;
  readonly report: EpisodeReport;
}

function checkEngine(engine: string): void {
  if (engine === 'jar') return;
  throw new InvalidInputError(
    engine === 'native'
      ? '--engine: the native simulator is not there yet'
      : `--engine: there is no engine ${engine}`,
    { field: '--engine', value: engine, remedy: 'Use --engine jar.' },
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** What was exact in some episodes. Every episode has one moment more than it has steps: its start. */
function totals(verified: readonly Verified[]) {
  return {
    episodes: verified.length,
    exactEpisodes: verified.filter(({ report }) => report.first === undefined).length,
    moments: sum(verified.map(({ report }) => report.moments)),
    exactMoments: sum(verified.map(({ report }) => report.exact)),
    lists: sum(verified.map(({ report }) => report.lists)),
  };
}

/** A value cut around the place where two texts part. */
function shown(value: unknown, other: unknown): string {
  if (typeof value !== 'string' || typeof other !== 'string') return JSON.stringify(value);
  let at = 0;
  while (at < value.length && value[at] === other[at]) at++;
  const from = Math.max(0, at - 40);
  const cut = value.slice(from, at + 60);
  return JSON.stringify(`${from > 0 ? '...' : ''}${cut}${at + 60 < value.length ? '...' : ''}`);
}

function verifiedText(verified: readonly Verified[]): string {
  const names = [...new Set(verified.map(({ episode }) => episode.task))];
  const of = (exact: number, all: number): string => `${exact} of ${all}`;
  const row = (name: string, some: readonly Verified[]): string[] => {
    const { episodes, exactEpisodes, moments, exactMoments, lists } = totals(some);
    return [name, of(exactEpisodes, episodes), of(exactMoments, moments), String(lists)];
  };
  const rows = names.map((name) =>
    row(
      name,
      verified.filter(({ episode }) => episode.task === name),
    ),
  );
  let text = renderTable(
    ['task', 'exact episodes', 'exact steps', 'lists of valid actions'],
    [...rows, ...(names.length > 1 ? [row('all', verified)] : [])],
  );
  const told = new Set<string>();
  for (const { episode, report } of verified) {
    if (report.first === undefined || told.has(episode.task)) continue;
    told.add(episode.task);
    const { step, action, field, expected, found } = report.first;
    const where = action === null ? 'at the start' : `step ${step}, after "${action}"`;
    text +=
      `first difference of ${episode.task}: variation ${episode.variation}, ${where}: ${field}\n` +
      `  recorded ${shown(expected, found)}\n  found    ${shown(found, expected)}\n`;
  }
  return text;
}

/**
 * Replays recorded episodes in a simulator, and says for each task what came out exactly, and the first difference.
 *
 * @returns 1 when anything differs, else 0
 */
export async function verifyCommand(
  file: string,
  options: VerifyOptions,
  output: Output,
): Promise<number> {
  checkEngine(options.engine);
  const wanted = options.task === undefined ? null : parseTasks(options.task);
  const episodes = (await readEpisodes(file)).filter(
    ({ task }) => wanted === null || wanted.some(({ name }) => name === task),
  );
  if (episodes.length === 0) {
    throw new InvalidInputError(`${file} has no episode of ${options.task}`, {
      field: '--task',
      value: options.task,
      remedy: 'Name a task that was recorded.',
    });
  }
  const started = performance.now();
  const reports: (EpisodeReport | undefined)[] = episodes.map(() => undefined);
  let version = '';
  await withStopSignal(output.write, async (signal) => {
    const progress = startProgress(output, 'Replaying recordings', episodes.length);
    let next = 0;
    let finished = 0;
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const work = (): Promise<void> =>
      withSimulator(
        () => openJar(options, 'lean', either),
        async (simulator) => {
          version = simulator.version;
          for (let i = next++; i < episodes.length; i = next++) {
            reports[i] = await verifyEpisode(simulator, episodes[i]!, { signal: either });
            progress.update(++finished, episodes[i]!.task);
          }
        },
      ).catch((cause: unknown) => {
        // The others must not go on for minutes after one has failed.
        stop.abort();
        throw cause;
      });
    const jobs = Array.from({ length: Math.min(options.jobs, episodes.length) }, work);
    try {
      const ended = await Promise.allSettled(jobs);
      const failed = ended.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    } finally {
      progress.stop();
    }
  });
  const verified = episodes.map((episode, i) => ({ episode, report: reports[i]! }));
  const all = totals(verified);
  const facts = verified.map(({ episode, report }) => ({
    task: episode.task,
    variation: episode.variation,
    ...report,
  }));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  let text =
    verifiedText(verified) +
    `${all.exactEpisodes} of ${all.episodes} episodes and ${all.exactMoments} of ${all.moments} steps (starts included) are exact, ` +
    `with simulator ${version}, in ${seconds} s\n`;
  const others = new Set(
    episodes.flatMap((each) => (each.version === undefined ? [] : [each.version])),
  );
  others.delete(version);
  if (others.size > 0 && all.exactEpisodes < all.episodes)
    text += `Recorded with ${[...others].join(', ')}: texts differ between versions.\n`;
  showResult(output, { file, version, ...all, episodes: facts }, text);
  return all.exactEpisodes === all.episodes ? 0 : 1;
}
