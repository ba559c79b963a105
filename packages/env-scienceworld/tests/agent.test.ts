import type { AgentBrief, Task } from '@spark-rl/core';

import {
  readEpisodes,
  recordedScienceworld,
  scienceworldBrief,
  scienceworldExpert,
  type RecordedEpisode,
} from '../src/index.js';
import { reasonFor } from '../src/agent/gold-reasoning.js';
import { ownRecording, sharedData, withSharedData } from './shared-data.js';

let episodes: readonly RecordedEpisode[];
beforeAll(async () => void (episodes = await readEpisodes(ownRecording)));

/** Whether one of the brief's forms fits an action, with each placeholder for some words. */
function fits(brief: AgentBrief, action: string): boolean {
  return brief.actions.some(({ form }) => {
    const pattern = form.replace(/\{number\}/, '\\d+').replace(/\{[^}]*\}/g, '.+');
    return new RegExp(`^${pattern}$`).test(action);
  });
}

describe('scienceworldBrief', () => {
  it('has a form for every action of the gold paths', () => {
    const brief = scienceworldBrief();
    const actions = episodes.filter(({ kind }) => kind === 'gold').flatMap(({ steps }) => steps);
    // The gold paths have several words for what the brief calls by one.
    const named = actions.map(({ action }) =>
      action
        .replace(/^examine /, 'look at ')
        .replace(/^drop /, 'put down ')
        .replace(/^(pour .+) in (?!.* into )/, '$1 into '),
    );
    expect(named.filter((action) => !fits(brief, action))).toEqual([]);
    expect(named.length).toBeGreaterThan(300);
  });

  it('tells only the actions that there are', () => {
    const forms = (simplifications: string) =>
      scienceworldBrief({ simplifications }).actions.map(({ form }) => form);
    expect(forms('easy')).toContain('teleport to {room}');
    expect(forms('')).not.toContain('teleport to {room}');
    expect(forms('')).toContain('connect {thing} to {thing}');
    expect(forms('noElectricalAction')).not.toContain('connect {thing} to {thing}');
    // 26 templates and the number of an ambiguous request, without reset task, with one form for look at and examine.
    expect(forms('teleportAction').length).toBe(27);
    expect(new Set(forms('easy')).size).toBe(27);
    expect(fits(scienceworldBrief(), 'reset task')).toBe(false);
    expect(() => scienceworldBrief({ simplifications: 'fast' })).toThrow('fast');
  });
});

describe('scienceworldExpert', () => {
  it('solves every task that has a gold recording, and says why', async () => {
    const world = recordedScienceworld({ episodes });
    const expert = scienceworldExpert({ episodes });
    const modes = { explore: 0, think: 0 };
    const tasks = world.tasks({ split: 'all' }) as readonly Task[];
    expect(tasks.length).toBe(29);
    for (const task of tasks) {
      expect(expert.solves(task)).toBe(true);
      const start = await world.reset(task);
      const session = expert.begin({ instruction: start.instruction, key: ['test'] });
      let { state, observation, status } = start;
      while (status === 'running') {
        const turn = session.act(observation);
        modes[turn.mode as 'explore']++;
        expect(turn.reasoning).toMatch(/^[A-Z].{5,120}\.$/);
        ({ state, observation, status } = await world.step(state, turn.action));
      }
      expect([task.id, status]).toEqual([task.id, 'success']);
    }
    const share = modes.explore / (modes.explore + modes.think);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.5);
  });

  it('tells variations with the same sentence apart by what they show', async () => {
    const world = recordedScienceworld({ episodes });
    const expert = scienceworldExpert({ episodes });
    const tasks = world.tasks({ split: 'all', kinds: ['7-1'] }) as readonly Task[];
    const starts = await Promise.all(tasks.map(async (task) => world.reset(task)));
    expect(new Set(starts.map(({ instruction }) => instruction)).size).toBe(1);
    const firsts = starts.map(({ instruction, observation }) =>
      expert.begin({ instruction, key: [] }).act(observation),
    );
    expect(new Set(firsts.map(({ action }) => action)).size).toBeGreaterThan(1);
  });

  it('says so where it knows no solution, and leaves out what is too long', async () => {
    const expert = scienceworldExpert({ episodes });
    const lost = expert.begin({ instruction: 'Your task is to fly.', key: [] });
    expect(() => lost.act('You are here.')).toThrow(/knows no solution from here, at turn 0/);
    const world = recordedScienceworld({ episodes });
    const [task] = world.tasks({ split: 'train', kinds: ['4-3'] }) as readonly Task[];
    const start = await world.reset(task!);
    const session = expert.begin({ instruction: start.instruction, key: [] });
    session.act(start.observation);
    expect(() => session.act('Something else happened.')).toThrow('at turn 1');
    expect(scienceworldExpert({ episodes, maxActions: 9 }).solves(task!)).toBe(false);
    expect(scienceworldExpert({ episodes, maxActions: 10 }).solves(task!)).toBe(true);
  });
});

describe('reasonFor', () => {
  const memory = {
    visited: new Set(['kitchen']),
    done: new Set(['use thermometer on ice', 'wait']),
  };

  it.each([
    ['go to kitchen', 'think', 'My way leads through the kitchen.'],
    ['go to bathroom', 'explore', 'What I need may be in the bathroom.'],
    ['open cupboard', 'explore', 'There may be something inside the cupboard.'],
    ['open door to kitchen', 'think', 'To get to the kitchen its door must be open.'],
    ['use thermometer on ice', 'think', 'I use thermometer on ice again to see what changed.'],
    ['use thermometer on lead', 'explore', 'What thermometer shows on lead matters.'],
    ['wait', 'think', 'It is not done yet, so I go on waiting.'],
    ['wait1', 'think', 'This takes time, so I wait.'],
    ['0', 'think', 'I mean this one of the list.'],
  ])('%s: %s', (action, mode, reasoning) => {
    expect(reasonFor(action, memory)).toEqual({ mode, reasoning, action });
  });
});

withSharedData('the gold paths of all tasks (skipped without shared/data)', () => {
  it('have a reason of their own for every action', async () => {
    const gold = await readEpisodes(`${sharedData}/gold.jsonl.gz`);
    const memory = { visited: new Set<string>(), done: new Set<string>() };
    const steps = gold.flatMap((episode) => episode.steps);
    const wordless = steps.filter(
      ({ action }) => reasonFor(action, memory).reasoning === 'This is the next step.',
    );
    expect(wordless.map(({ action }) => action)).toEqual([]);
  });
});
