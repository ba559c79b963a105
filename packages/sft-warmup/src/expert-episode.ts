import {
  observationText,
  throwIfAborted,
  type Environment,
  type Expert,
  type ExpertTurn,
  type RandomKey,
  type Task,
  type Transition,
} from '@spark-rl/core';

/** One turn of an expert, and what it saw before it. */
export interface ExpertStep {
  readonly observation: string;
  /** The actions that did something there; present when they were asked for. */
  readonly admissible?: readonly string[];
  readonly turn: ExpertTurn;
}

/** An episode that an expert solved. */
export interface ExpertEpisode {
  readonly task: Task;
  readonly instruction: string;
  /** At least one. */
  readonly steps: readonly ExpertStep[];
}

/** What {@link collectExpertEpisodes} works with. */
export interface CollectionSettings<State> {
  readonly environment: Environment<State>;
  readonly expert: Expert;
  readonly tasks: Iterable<Task> | AsyncIterable<Task>;
  /** Episodes that are not solved within so many turns are dropped. */
  readonly maxTurns: number;
  /** Names the expert's randomness; each task draws from a stream of its own. */
  readonly key: RandomKey;
  /** Whether to ask for the admissible actions, for prompts that name them. Default false. */
  readonly admissible?: boolean;
  readonly signal?: AbortSignal;
}

/** The episodes that an expert solved, and how many it did not. */
export interface ExpertCollection {
  readonly episodes: readonly ExpertEpisode[];
  /** How many tasks were tried. */
  readonly attempted: number;
  /** How many of them were not solved, and left out. */
  readonly dropped: number;
}

async function playEpisode<State>(
  settings: CollectionSettings<State>,
  task: Task,
): Promise<ExpertEpisode | undefined> {
  const { environment, expert, maxTurns, key, signal } = settings;
  const options = signal === undefined ? {} : { signal };
  const start = await environment.reset(task, options);
  const { instruction } = start;
  const session = expert.begin({ instruction, key: [...key, task.id] });
  const steps: ExpertStep[] = [];
  let now: Transition<State> = start;
  try {
    while (now.status === 'running' && steps.length < maxTurns) {
      throwIfAborted(signal);
      const admissible = settings.admissible
        ? await environment.admissible?.(now.state)
        : undefined;
      const turn = session.act(now.observation);
      const observation = observationText(now.observation);
      steps.push({ observation, turn, ...(admissible === undefined ? {} : { admissible }) });
      const before = now.state;
      now = await environment.step(before, turn.action, options);
      environment.release?.(before);
    }
  } finally {
    environment.release?.(now.state);
  }
  const solved = now.status === 'success' && steps.length > 0;
  return solved ? { task, instruction, steps } : undefined;
}

/**
 * Lets an expert play tasks, and keeps the episodes that it solves: what it fails at is not worth imitating. The same key and tasks
 * give the same episodes.
 *
 * @throws AbortedError when `signal` is aborted; errors of the environment and the expert pass through
 */
export async function collectExpertEpisodes<State>(
  settings: CollectionSettings<State>,
): Promise<ExpertCollection> {
  const episodes: ExpertEpisode[] = [];
  let attempted = 0;
  for await (const task of settings.tasks) {
    throwIfAborted(settings.signal);
    const episode = await playEpisode(settings, task);
    if (episode !== undefined) episodes.push(episode);
    attempted += 1;
  }
  return { episodes, attempted, dropped: attempted - episodes.length };
}
