import type { CallOrder, Simulator, SimulatorStep, SimulatorTask } from '../src/index.js';

/** What a toy simulator was asked, beside what it answers. */
export interface Toy extends Simulator {
  readonly steps: readonly string[];
  readonly lists: () => number;
}

const PROMPT =
  'Ambiguous request: Please enter the number for the action you intended (or blank to cancel):\n0:\topen red door\n1:\topen blue door\n';

/**
 * A corridor with the simulator's habits: ticks that are not actions, a list of valid actions that draws a random number, ambiguous
 * requests, a wrong focus that gives -1 and stays, and `reset task`, which undoes it.
 */
export function toySimulator(callOrder: CallOrder = 'lean', version = 'toy'): Toy {
  let place = 0;
  let ticks = 0;
  let draws = 0;
  let rawScore = 0;
  let completed = false;
  let asked = false;
  let lists = 0;
  const steps: string[] = [];
  let loaded: SimulatorTask | undefined;

  const look = (): string => `This room is called room ${place}.\n`;
  const inventory = (): string => 'In your inventory, you see:\n\tan orange\n';
  const valid = (): readonly string[] => {
    lists++;
    if (asked) return ['0', '1'];
    draws++;
    return ['go north', 'wait', 'look around', 'reset task', 'go north', 'focus on lamp'];
  };
  const answer = (observation: string): SimulatorStep => ({
    observation,
    rawScore,
    completed,
    moves: ticks,
    ...(callOrder === 'official' && {
      look: look(),
      inventory: inventory(),
      validActions: valid(),
    }),
  });
  const act = (action: string): string => {
    if (asked) {
      asked = false;
      return action === '1' ? 'The blue door is open.' : 'Nothing was opened.';
    }
    if (action === 'look around') return look().trim();
    if (action === 'wait') {
      ticks += 11;
      return 'You wait.';
    }
    if (action === 'open door') {
      asked = true;
      return PROMPT;
    }
    ticks++;
    if (action === 'go north') {
      place++;
      rawScore = Math.max(rawScore, Math.min(0.745, place / 8));
      return `You move to room ${place}.`;
    }
    if (action === 'draw') return `Bee ${draws} hums.`;
    if (action === 'focus on air') {
      rawScore = -1;
      return 'You focus on the air.';
    }
    if (action === 'focus on lamp') {
      rawScore = place >= 2 ? 1 : rawScore;
      completed = place >= 2;
      return 'You focus on the lamp.';
    }
    if (action === 'give up') {
      completed = true;
      return 'It is over.';
    }
    if (action === 'reset task') {
      rawScore = 0;
      return 'The task was reset.';
    }
    ticks--;
    return 'No known action matches that input.';
  };
  return {
    version,
    callOrder,
    steps,
    lists: () => lists,
    load: (task) => {
      loaded = task;
      place = task.variation % 2;
      [ticks, draws, rawScore] = [0, 0, 0];
      completed = false;
      asked = false;
      return Promise.resolve({
        ...answer(look().trim()),
        taskDescription: `Your task is to ${task.task}.`,
        goldPath: task.goldPath === true ? ['go north', 'go north', 'focus on lamp'] : [],
      });
    },
    step: (action) => {
      if (loaded === undefined) throw new Error('not loaded');
      steps.push(action);
      const said = act(action);
      return Promise.resolve(answer(said));
    },
    validActions: () => Promise.resolve(valid()),
    look: () => Promise.resolve(look()),
    inventory: () => Promise.resolve(inventory()),
    taskNames: () => Promise.resolve(['boil']),
    variations: () => Promise.resolve([0, 1]),
    close: () => Promise.resolve(),
  };
}
