import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { taskId, type Task } from '@spark-rl/core';

import { alfworldBrief } from '../src/brief.js';
import { alfworldEnvironment, type AlfworldOptions } from '../src/environment.js';
import { formatGameFile, parseGameFile } from '../src/game-file.js';
import { gameList } from '../src/game-list.js';
import { householdTasks } from '../src/generator/household-tasks.js';
import { readGameFile } from '../src/read-game-file.js';
import { parseTranscript, verifyTranscript } from '../src/transcript.js';
import { cellar, cellarFile, cellarProblem } from './cellar.js';

const solvable = cellarFile({
  name: 'json/train/pick_and_place_simple-Jar/trial_1/game.tw-pddl',
  problem: cellarProblem.replace('(lidded chest_bar_b)', '(lidded rack_bar_b)'),
});
const solution = ['walk to rack 2', 'lift jar 1 from rack 2', 'walk to chest 2', 'open chest 2'];

const first = (options: AlfworldOptions, split = 'all'): Task => {
  const tasks = alfworldEnvironment(options).tasks({ split });
  return (tasks as readonly Task[])[0]!;
};

describe('alfworldEnvironment', () => {
  it('starts with the intro and states the instruction', async () => {
    const environment = alfworldEnvironment({ games: [solvable] });
    const start = await environment.reset(first({ games: [solvable] }));
    expect(start.observation).toMatch(/^The cellar\./);
    expect(start).toMatchObject({ instruction: 'put the jar away.', score: 0, status: 'running' });
  });

  it('cuts off after maxSteps commands, those that do nothing included, and refuses to go on', async () => {
    const environment = alfworldEnvironment({ games: [solvable], maxSteps: 3 });
    let { state, status } = await environment.reset(first({ games: [solvable] }));
    const seen: string[] = [];
    for (const command of ['dance', 'wait', 'wait']) {
      ({ state, status } = await environment.step(state, command));
      seen.push(status);
    }
    expect(seen).toEqual(['running', 'running', 'truncated']);
    expect(() => environment.step(state, 'wait')).toThrow('the episode has ended (truncated)');
    expect(environment.admissible!(state)).toEqual([]);
  });

  it('cuts off after 50 commands when nothing is said', async () => {
    const environment = alfworldEnvironment({ games: [solvable] });
    let { state, status } = await environment.reset(first({ games: [solvable] }));
    for (let i = 0; i < 49; i++) ({ state, status } = await environment.step(state, ''));
    expect(status).toBe('running');
    expect((await environment.step(state, '')).status).toBe('truncated');
  });

  it('calls a win on the last step a success', async () => {
    const problem = cellarProblem.replace('(forall (?s - shelf) (not (ajar ?s)))', '');
    const games = [cellarFile({ problem })];
    const environment = alfworldEnvironment({ games, maxSteps: 5 });
    let { state, status, score } = await environment.reset(first({ games }));
    for (const command of [...solution, 'drop jar 1 on chest 2']) {
      ({ state, status, score } = await environment.step(state, command));
    }
    expect([status, score]).toEqual(['success', 1]);
  });

  it('leaves unlisted commands out of the list, but not out of the game', async () => {
    const environment = alfworldEnvironment({ games: [solvable], unlisted: ['wait'] });
    const { state } = await environment.reset(first({ games: [solvable] }));
    expect(await environment.admissible!(state)).not.toContain('wait');
    expect((await environment.step(state, 'wait')).observation).toMatch(/^Commands/);
  });

  it('understands the put command of other releases, where it is told to', async () => {
    const source = householdTasks({ kinds: ['pick_and_place_simple'] });
    const [task] = source.tasks({ split: 'train', count: 1 });
    const { walkthrough } = source.load(task!);
    const old = walkthrough!.map((command) => command.replace(/^move (.+) to /, 'put $1 in/on '));
    expect(old).not.toEqual(walkthrough);
    const play = async (aliases: boolean, commands: readonly string[]): Promise<string> => {
      const environment = alfworldEnvironment({ source, aliases });
      let { state, status } = await environment.reset(task!);
      for (const command of commands) ({ state, status } = await environment.step(state, command));
      return status;
    };
    expect(await play(true, old)).toBe('success');
    expect(await play(true, walkthrough!)).toBe('success');
    expect(await play(false, old)).toBe('running');
    expect(await play(true, ['move x to y', 'put x on y'])).toBe('running');
  });

  it('has no list of commands, where it is told not to', () => {
    expect(alfworldEnvironment({ games: [solvable], admissible: false })).not.toHaveProperty(
      'admissible',
    );
    expect(alfworldEnvironment({ games: [solvable] })).toHaveProperty('admissible');
  });

  it('tells split and kind from the path of a game', () => {
    const games = [solvable, cellarFile({ name: 'b' }), cellarFile({ name: 'a' })];
    const { tasks } = alfworldEnvironment({ games });
    const names = (query: Parameters<typeof tasks>[0]) =>
      (tasks(query) as readonly Task[]).map((task) => task.id);
    expect(names({ split: 'train' })).toEqual([solvable.name]);
    expect(names({ split: 'valid_seen' })).toEqual([]);
    expect(names({ split: 'all' })).toEqual([solvable.name, 'b', 'a']);
    expect(names({ split: 'all', count: 2 })).toEqual([solvable.name, 'b']);
    expect(names({ split: 'all', kinds: ['pick_and_place_simple'] })).toEqual([solvable.name]);
    const shuffles = [1, 2, 3, 4, 5, 6].map((seed) => names({ split: 'all', seed }).join());
    expect(new Set(shuffles).size).toBeGreaterThan(1);
    expect(names({ split: 'all', seed: 1 }).join()).toBe(shuffles[0]);
    expect(first({ games }, 'train').kind).toBe('pick_and_place_simple');
  });

  it('refuses wrong options, repeated games and unknown tasks', async () => {
    const games = [solvable];
    expect(() => alfworldEnvironment({})).toThrow('give either games or source');
    expect(() => alfworldEnvironment({ games, maxSteps: 0 })).toThrow('maxSteps');
    expect(() => alfworldEnvironment({ games: [{} as never] })).toThrow('games.0');
    expect(() => alfworldEnvironment({ source: {} as never })).toThrow('tasks and load');
    expect(() => alfworldEnvironment({ games: ['a', 'a'] })).toThrow('two games are called a');
    const task = { ...first({ games }), id: taskId('x'), data: { game: 'x' } };
    await expect(alfworldEnvironment({ games }).reset(task)).rejects.toThrow('there is no game x');
  });

  it.each([{ count: -1 }, { count: 1.5 }, { count: 1e12 }, { seed: NaN }, { seed: Infinity }])(
    'refuses the query %j, for given games and for generated ones',
    (part) => {
      const [field] = Object.keys(part);
      const query = { split: 'train', ...part };
      for (const { tasks } of [gameList([solvable]), householdTasks()]) {
        expect(() => tasks(query)).toThrow(`task query: ${field!}: `);
      }
    },
  );

  it('loads a task once, however many episodes begin, and again after a failure', async () => {
    let loads = 0;
    const source = {
      tasks: () => [],
      load: () => {
        if (++loads === 1) throw new Error('not yet');
        return cellarFile();
      },
    };
    const environment = alfworldEnvironment({ source });
    const task = first({ games: [solvable] });
    await expect(environment.reset(task)).rejects.toThrow('not yet');
    const starts = await Promise.all([1, 2, 3, 4].map(async () => environment.reset(task)));
    expect(loads).toBe(2);
    expect(new Set(starts.map(({ state }) => state.game.game)).size).toBe(1);
  });

  it('stops when the signal says so', async () => {
    const environment = alfworldEnvironment({ games: [solvable] });
    const signal = AbortSignal.abort();
    await expect(environment.reset(first({ games: [solvable] }), { signal })).rejects.toThrow(
      'stopped',
    );
  });
});

describe('game files', () => {
  it('survive writing and reading', () => {
    const file = { ...cellarFile(), walkthrough: ['wait'], solvable: true };
    expect(parseGameFile(formatGameFile(file), 'cellar')).toEqual(file);
    expect(parseGameFile(formatGameFile(cellarFile()), 'cellar')).toEqual(cellarFile());
  });

  it('may say null for what is unknown, and carry keys of their own', () => {
    const json = { ...(JSON.parse(formatGameFile(cellarFile())) as object), extra: 1 };
    const text = JSON.stringify({ ...json, walkthrough: null, solvable: null });
    expect(parseGameFile(text, 'x')).toMatchObject({ walkthrough: null, solvable: null });
  });

  it.each([
    ['{"pddl_domain":', /^a\.tw-pddl: not JSON/],
    ['[]', /^a\.tw-pddl: .*object/i],
    ['{"grammar":"g","pddl_problem":"p"}', /^a\.tw-pddl: pddl_domain: .*Download the game again/],
    ['{"pddl_domain":"d","grammar":7,"pddl_problem":"p"}', /grammar: .*\(found 7\)/],
    ['{"pddl_domain":"d","grammar":"g","pddl_problem":"p","solvable":"yes"}', /solvable: /],
  ])('that are damaged (%s) are refused with file, field and remedy', (text, message) => {
    expect(() => parseGameFile(text, 'a.tw-pddl')).toThrow(message);
  });

  it('are read from disk and played by path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cellar-'));
    try {
      const path = join(folder, 'game.tw-pddl');
      await writeFile(path, formatGameFile(cellarFile()));
      expect(await readGameFile(path)).toEqual(cellarFile({ name: path }));
      const start = await alfworldEnvironment({ games: [path] }).reset(first({ games: [path] }));
      expect(start.instruction).toBe('put the jar away.');
      await expect(readGameFile(join(folder, 'none'))).rejects.toThrow(/none: cannot be read/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('transcripts', () => {
  const transcript = parseTranscript(
    {
      game: 'cellar',
      intro: cellar().intro,
      admissible0: ['wait'],
      steps: [{ cmd: 'dance', obs: 'You dance.', score: 1, done: false, admissible: [] }],
    },
    'cellar.json',
  );

  it('report every difference with its step and field', () => {
    const { steps, differences } = verifyTranscript(cellar(), transcript);
    expect(steps).toBe(1);
    expect(differences.map(({ step, field }) => [step, field])).toEqual([
      [0, 'admissible'],
      [1, 'observation'],
      [1, 'score'],
      [1, 'admissible'],
    ]);
    expect(differences[1]).toMatchObject({
      expected: '"You dance."',
      found: '"Nothing happens."',
    });
  });

  it('that are damaged are refused', () => {
    expect(() => parseTranscript({ ...transcript, intro: 1 }, 'cellar.json')).toThrow(
      /^cellar\.json: intro/,
    );
  });
});

describe('alfworldBrief', () => {
  it('words the put action as the data release does', () => {
    const forms = (wording?: '2.1.1' | '2.1.2') =>
      alfworldBrief(wording).actions.map(({ form }) => form);
    expect(forms()).toContain('move {object} to {receptacle}');
    expect(forms()).toContain('help');
    expect(forms('2.1.1')).toContain('put {object} in/on {receptacle}');
    expect(forms('2.1.1')).not.toContain('help');
    expect(() => alfworldBrief('3' as never)).toThrow('wording of alfworldBrief');
  });
});
