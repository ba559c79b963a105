import { createInterface } from 'node:readline';

import { InvalidInputError } from '@spark-rl/core';
import {
  isTaskReset,
  officialScore,
  readEpisodes,
  recordedSimulators,
  statusOf,
  type RecordedEpisode,
  type Simulator,
  type SimulatorStep,
  type SimulatorTask,
} from '@spark-rl/env-scienceworld';

import type { Output } from '../../output/progress.js';
import { showEvent } from '../../output/result.js';
import { withStopSignal } from '../../stop-signal.js';
import { parseTasks } from './choose-tasks.js';
import { openJar, withSimulator, type JarPlace } from './open-jar.js';

export interface PlayOptions extends JarPlace {
  readonly task?: string;
  readonly variation?: number;
  readonly simplifications?: string;
  readonly recording?: string;
  readonly gold: boolean;
}

const HELP =
  'Type an action. !valid lists what does something here, !gold the solution, !score the score, !history what was done, !quit leaves.\n';

/** What is played, and in what. */
interface Game {
  readonly task: SimulatorTask;
  readonly open: (signal: AbortSignal) => Promise<Simulator>;
}

const nothingRecorded = (file: string): InvalidInputError =>
  new InvalidInputError(`${file} has no episode of that task`, {
    field: '--recording',
    value: file,
    remedy: 'Leave out --task, --variation and --simplifications to play its first episode.',
  });

async function gameOf(options: PlayOptions): Promise<Game> {
  const chosen = options.task === undefined ? undefined : parseTasks(options.task)[0];
  if (options.recording !== undefined) {
    const episodes = await readEpisodes(options.recording);
    const fits = ({ task, variation, simplification }: RecordedEpisode): boolean =>
      (chosen === undefined || task === chosen.name) &&
      (options.variation === undefined || variation === options.variation) &&
      (options.simplifications === undefined || simplification === options.simplifications);
    const first = episodes.find(fits);
    if (first === undefined) throw nothingRecorded(options.recording);
    const { task, variation, simplification: simplifications } = first;
    const same = episodes.filter(
      (each) =>
        each.task === task &&
        each.variation === variation &&
        each.simplification === simplifications,
    );
    const launch = recordedSimulators(same, { unrecorded: 'no-effect' });
    return {
      task: { task, variation, simplifications, goldPath: true },
      open: () => Promise.resolve(launch()),
    };
  }
  return {
    task: {
      task: chosen?.name ?? 'find-plant',
      variation: options.variation ?? 0,
      simplifications: options.simplifications ?? 'easy',
      goldPath: options.gold,
    },
    open: (signal) => openJar(options, 'lean', signal),
  };
}

/** Plays in a simulator until the task ends, the input does, or the user leaves. */
async function playIn(
  simulator: Simulator,
  task: SimulatorTask,
  output: Output,
  input: NodeJS.ReadableStream,
  signal: AbortSignal,
): Promise<void> {
  const start = await simulator.load(task, { signal });
  let now: SimulatorStep = start;
  const history: { readonly action: string; readonly observation: string }[] = [];
  const score = (): string => `score ${officialScore(now.rawScore)}`;
  const account = (): string =>
    `${history.length} ${history.length === 1 ? 'action' : 'actions'} and ${now.moves} ticks`;
  output.write(
    `${task.task}, variation ${task.variation}\n${start.taskDescription}\n\n${start.observation}\n\n${HELP}`,
  );
  showEvent(output, 'start', {
    ...task,
    taskDescription: start.taskDescription,
    observation: start.observation,
  });
  const end = (status: string): void =>
    showEvent(output, 'end', {
      status,
      score: officialScore(now.rawScore),
      actions: history.length,
      ticks: now.moves,
    });

  const aside: Readonly<Record<string, () => Promise<string> | string>> = {
    '!valid': async () => (await simulator.validActions({ signal })).join('\n'),
    '!gold': () => start.goldPath.join('\n') || 'No solution was asked for: start with --gold.',
    '!score': () => `${score()} after ${account()}`,
    '!history': () =>
      history.map((step, i) => `${i + 1}. ${step.action}\n   ${step.observation}`).join('\n'),
  };
  const lines = createInterface({ input, terminal: false });
  const close = (): void => lines.close();
  signal.addEventListener('abort', close, { once: true });
  const prompt = (): void => output.write(output.interactive ? '\n> ' : '');
  prompt();
  for await (const line of lines) {
    if (signal.aborted) break;
    const action = line.trim();
    if (action === '!quit') break;
    const answer = Object.hasOwn(aside, action) ? aside[action] : undefined;
    if (answer !== undefined) {
      const text = await answer();
      showEvent(output, 'answer', { asked: action, text });
      output.write(`${text}\n`);
    }
    // An empty line cancels an ambiguous request; elsewhere it is a slip.
    else if (action === '' && !now.observation.startsWith('Ambiguous request')) continue;
    else if (isTaskReset(action))
      output.write('The task cannot be reset; start it again instead.\n');
    else {
      const before = officialScore(now.rawScore);
      now = await simulator.step(action, { signal });
      history.push({ action, observation: now.observation });
      const gained = officialScore(now.rawScore) - before;
      output.write(
        `${output.interactive ? '' : `> ${action}\n`}${now.observation}\n${gained === 0 ? '' : `[${score()}]\n`}`,
      );
      const status = statusOf(officialScore(now.rawScore), now.completed);
      showEvent(output, 'step', {
        action,
        observation: now.observation,
        score: officialScore(now.rawScore),
        status,
      });
      if (status !== 'running') {
        output.write(`\n${status === 'success' ? 'Done' : 'Failed'} with ${account()}.\n`);
        end(status);
        lines.close();
        return;
      }
    }
    prompt();
  }
  signal.throwIfAborted();
  end('running');
  output.write(`\nLeft after ${account()}, ${score()}.\n`);
}

/** Plays a task in the terminal: actions come from standard input, one a line, also through a pipe. */
export async function playCommand(
  options: PlayOptions,
  output: Output,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<number> {
  const { task, open } = await gameOf(options);
  await withStopSignal(output.write, (signal) =>
    withSimulator(
      () => open(signal),
      (simulator) => playIn(simulator, task, output, input, signal),
    ),
  );
  return 0;
}
