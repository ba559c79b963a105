import { existsSync, readFileSync } from 'node:fs';

import { InvalidInputError, randomSource } from '@spark-rl/core';
import {
  isTaskReset,
  readEpisodes,
  recordEpisode,
  writeEpisodes,
  type RecordedEpisode,
  type RecorderView,
  type RecordOptions,
  type ScienceworldTask,
  type Simulator,
  type ValidDetail,
} from '@spark-rl/env-scienceworld';

import type { Output } from '../../output/progress.js';
import { showEvent } from '../../output/result.js';
import { withStopSignal } from '../../stop-signal.js';
import { parseNumbers, parseTasks, variationsOf } from './choose-tasks.js';
import { openJar, withSimulator, type JarPlace } from './open-jar.js';

export interface RecordCommandOptions extends JarPlace {
  readonly out: string;
  readonly task: string;
  readonly variations?: string;
  readonly split: string;
  readonly count: number;
  readonly simplifications: string;
  readonly play: string;
  readonly seed: number;
  readonly afterGold: number;
  readonly maxActions?: number;
  /** True without a detail. */
  readonly valid?: string | true;
  readonly append: boolean;
}

/** How many random actions an episode has where nothing is said. */
const RANDOM_ACTIONS = 20;

type Way = Pick<RecordOptions, 'kind' | 'choose' | 'maxActions'> & { readonly needsGold: boolean };

function actionsOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  } catch (cause) {
    throw new InvalidInputError(`--play: ${path} is neither gold nor random nor a file`, {
      field: '--play',
      value: path,
      remedy: 'Give gold, random, or the path of a file with an action a line.',
      cause,
    });
  }
}

function validDetail(valid: string | true | undefined, random: boolean): ValidDetail {
  if (valid === undefined) return random ? 'hash' : 'none';
  if (valid === true || valid === 'hash') return 'hash';
  if (valid === 'list') return 'list';
  throw new InvalidInputError(`--valid: there is no detail ${valid}`, {
    field: '--valid',
    value: valid,
    remedy: 'Give hash or list, or nothing for hash.',
  });
}

/** How an episode is played; random choices are named by the seed, the task and the variation. */
function wayOf(options: RecordCommandOptions): (task: string, variation: number) => Way {
  const limit = options.maxActions;
  const bounded = limit !== undefined && { maxActions: limit };
  if (options.play === 'gold') {
    return () => ({
      kind: 'gold',
      needsGold: true,
      choose: ({ goldPath, turn }) => goldPath[turn],
      ...bounded,
    });
  }
  if (options.play === 'random') {
    return (task, variation) => {
      const random = randomSource(['scienceworld record', options.seed, task, variation]);
      const choose = ({ goldPath, turn, validActions }: RecorderView): string | undefined => {
        if (turn < options.afterGold) return goldPath[turn];
        const allowed = validActions.filter((action) => !isTaskReset(action));
        return allowed.length === 0 ? undefined : random.pick(allowed);
      };
      return {
        kind: 'random',
        needsGold: options.afterGold > 0,
        choose,
        maxActions: options.afterGold + (limit ?? RANDOM_ACTIONS),
      };
    };
  }
  const actions = actionsOf(options.play);
  return () => ({
    kind: 'actions',
    needsGold: false,
    choose: ({ turn }) => actions[turn],
    ...bounded,
  });
}

/** Records episodes one after another into a file; after Ctrl-C those that are whole are kept. */
export async function recordCommand(
  options: RecordCommandOptions,
  output: Output,
): Promise<number> {
  const valid = validDetail(options.valid, options.play === 'random');
  const way = wayOf(options);
  const tasks = parseTasks(options.task);
  const numbers = options.variations === undefined ? null : parseNumbers(options.variations);
  const plan = tasks.flatMap((task) =>
    (numbers ?? variationsOf(task, options.split, options.count)).map((variation) => ({
      task,
      variation,
    })),
  );
  const before = options.append && existsSync(options.out) ? await readEpisodes(options.out) : [];
  const episodes: RecordedEpisode[] = [];

  const record = async (
    simulator: Simulator,
    { name, id }: ScienceworldTask,
    variation: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const { needsGold, ...how } = way(name, variation);
    const { simplifications } = options;
    const episode = await recordEpisode(simulator, {
      ...how,
      task: { task: name, variation, simplifications, goldPath: needsGold },
      valid,
      signal,
    });
    episodes.push(episode);
    const { steps, finalScore } = episode;
    showEvent(output, 'episode', {
      task: name,
      variation,
      steps: steps.length,
      score: finalScore,
      ticks: steps.at(-1)?.moves ?? 0,
    });
    output.write(
      `${id} ${name}, variation ${variation}: ${steps.length} actions, score ${finalScore}\n`,
    );
  };

  try {
    await withStopSignal(output.write, (signal) =>
      withSimulator(
        () => openJar(options, 'lean', signal),
        async (simulator) => {
          for (const { task, variation } of plan) await record(simulator, task, variation, signal);
        },
      ),
    );
  } finally {
    if (episodes.length > 0) {
      await writeEpisodes(options.out, [...before, ...episodes]);
      showEvent(output, 'written', {
        out: options.out,
        episodes: episodes.length,
        before: before.length,
      });
      output.write(
        `${episodes.length} episodes recorded in ${options.out}${before.length > 0 ? `, which had ${before.length}` : ''}\n`,
      );
    }
  }
  return 0;
}
