import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Task } from '@spark-rl/core';

import { alfworldEnvironment } from '../src/environment.js';
import { openGameFolder } from '../src/folder/game-folder.js';
import { withTask } from '../src/folder/human-task.js';
import { compileGame } from '../src/game.js';
import { HOUSEHOLD_KINDS } from '../src/generator/data/task-sentences.js';
import { generateGame } from '../src/generator/generate-game.js';
import { releaseFiles } from '../src/generator/release-files.js';
import { HOUSEHOLD_SPLITS } from '../src/generator/splits.js';
import { cellarFile } from './cellar.js';

let root: string;
let games: string[];

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** Two games of each kind in each split, 36 in all. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'games-'));
  games = [];
  for (const split of HOUSEHOLD_SPLITS) {
    for (const kind of HOUSEHOLD_KINDS) {
      for (const i of [0, 1]) {
        const game = generateGame({ key: ['folder', split, i], split, kinds: [kind] });
        for (const { path, text } of releaseFiles(game, split, `trial_T_${i}`)) {
          put(path, text);
          if (path.endsWith('game.tw-pddl')) games.push(path);
        }
      }
    }
  }
  games.sort();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const namesOf = (tasks: readonly Task[] | AsyncIterable<Task>): string[] =>
  (tasks as readonly Task[]).map(({ id }) => id);

/** A change that a file system tells apart from the file before it. */
const touch = (path: string): void => {
  const later = new Date(Date.UTC(2040, 0, 1));
  utimesSync(join(root, path), later, later);
};

describe('a folder of games', () => {
  it('is found in the layout of the releases, split by split', async () => {
    const folder = await openGameFolder(root);
    expect(folder.games.map(({ path }) => path)).toEqual(games);
    expect(folder.skipped).toEqual([]);
    for (const split of HOUSEHOLD_SPLITS) {
      const tasks = folder.tasks({ split }) as readonly Task[];
      expect(tasks.length).toBe(12);
      expect(new Set(tasks.map(({ kind }) => kind))).toEqual(new Set(HOUSEHOLD_KINDS));
    }
    const two = folder.tasks({ split: 'all', seed: 3, count: 2 });
    expect(namesOf(two)).toEqual(namesOf(folder.tasks({ split: 'all', seed: 3 })).slice(0, 2));
  });

  it('is played lazily: a game is read when it begins', async () => {
    const folder = await openGameFolder(root);
    const environment = alfworldEnvironment({ source: folder });
    const [task, other] = folder.tasks({ split: 'valid_seen' }) as readonly Task[];
    rmSync(join(root, (other!.data as { path: string }).path));
    const start = await environment.reset(task!);
    expect(start.observation).toMatch(/^-= Welcome/);
    expect(await environment.reset(JSON.parse(JSON.stringify(task)) as Task)).toEqual(start);
    await expect(environment.reset(other!)).rejects.toThrow('cannot be read');
  });

  it('is not read again when it is opened again, but for what has changed', async () => {
    const first = await openGameFolder(root);
    expect(first.index).toEqual({ read: 36, refused: 'there was none', unwritten: null });
    const second = await openGameFolder(root);
    expect(second.index).toEqual({ read: 0, refused: null, unwritten: null });
    expect(second.games).toEqual(first.games);

    touch(games[0]!);
    expect((await openGameFolder(root)).index.read).toBe(1);
    expect((await openGameFolder(root)).index.read).toBe(0);
    // The very same time, another size.
    const { atime, mtime } = await import('node:fs').then((fs) =>
      fs.statSync(join(root, games[1]!)),
    );
    put(games[1]!, 'torn');
    utimesSync(join(root, games[1]!), atime, mtime);
    const torn = await openGameFolder(root);
    expect(torn.index.read).toBe(1);
    expect(torn.skipped).toEqual([
      { path: games[1], reason: expect.stringMatching(/^damaged game: not JSON/) as string },
    ]);
    rmSync(join(root, dirname(games[2]!)), { recursive: true });
    const fewer = await openGameFolder(root);
    expect([fewer.games.length, fewer.index.read]).toEqual([34, 0]);
    expect(
      (JSON.parse(readFileSync(join(root, '.spark-rl-index.json'), 'utf8')) as { entries: [] })
        .entries.length,
    ).toBe(35);
  });

  it.each([
    ['torn', (text: string) => text.slice(0, 500)],
    ['of another version', (text: string) => text.replace('"version":1', '"version":0')],
    ['not an index', () => '{}'],
    ['with an entry that lacks something', (text: string) => text.replace('"split"', '"spilt"')],
  ])('is read anew when its index is %s', async (_what, damage) => {
    const fresh = await openGameFolder(root);
    const path = join(root, '.spark-rl-index.json');
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const again = await openGameFolder(root);
    expect(again.index).toEqual({
      read: 36,
      refused: expect.any(String) as string,
      unwritten: null,
    });
    expect(again.games).toEqual(fresh.games);
    expect((await openGameFolder(root)).index.read).toBe(0);
  });

  it('keeps its index elsewhere, or not at all, or says why it could not', async () => {
    const elsewhere = join(root, 'elsewhere.json');
    await openGameFolder(root, { indexFile: elsewhere });
    expect((await openGameFolder(root, { indexFile: elsewhere })).index.read).toBe(0);
    expect((await openGameFolder(root, { indexFile: false })).index.read).toBe(36);
    const nowhere = await openGameFolder(root, { indexFile: join(root, 'missing', 'index.json') });
    expect(nowhere.index.unwritten).toMatch(/ENOENT/);
    expect(nowhere.games.length).toBe(36);
  });

  it('leaves out what ALFWorld leaves out, and says why', async () => {
    const [game] = games;
    const text = readFileSync(join(root, game!), 'utf8');
    const trajectory = readFileSync(join(root, dirname(game!), 'traj_data.json'), 'utf8');
    const add = (name: string, files: Record<string, string>): void => {
      for (const [file, content] of Object.entries(files))
        put(`train/${name}/trial_1/${file}`, content);
    };
    const both = { 'game.tw-pddl': text, 'traj_data.json': trajectory };
    const marked = (mark: unknown): string =>
      JSON.stringify({ ...(JSON.parse(text) as object), solvable: mark });
    add('pick_and_place_with_movable_recep-Egg-Bowl-Fridge-1', both);
    add('look_at_obj_in_light-AppleSliced-None-DeskLamp-1', both);
    add('x1', { 'traj_data.json': trajectory });
    add('x2', { ...both, 'game.tw-pddl': marked(undefined) });
    add('x3', { ...both, 'game.tw-pddl': marked(false) });
    add('x4', { ...both, 'game.tw-pddl': marked(null) });
    add('x5', { ...both, 'game.tw-pddl': '{"pddl_domain":"d"}' });
    add('x6', { ...both, 'traj_data.json': '{' });
    add('x7', { ...both, 'traj_data.json': '{"task_type":"pick_and_sell"}' });
    put('x8.tw-pddl', marked(undefined));
    const folder = await openGameFolder(root);
    expect(folder.games.length).toBe(36);
    const reasons = Object.fromEntries(
      folder.skipped.map(({ path, reason }) => [
        /x\d/.exec(path)?.[0] ?? path.split('/')[1]!,
        reason,
      ]),
    );
    expect(reasons).toEqual({
      'look_at_obj_in_light-AppleSliced-None-DeskLamp-1':
        'sliced object: not supported by ALFWorld',
      'pick_and_place_with_movable_recep-Egg-Bowl-Fridge-1':
        'movable receptacle: not supported by ALFWorld',
      x1: 'no game.tw-pddl',
      x2: 'not marked as solvable',
      x3: 'marked as unsolvable',
      x4: 'not marked as solvable',
      x5: expect.stringMatching(/^damaged game: grammar: /) as string,
      x6: expect.stringMatching(/^damaged traj_data\.json: /) as string,
      x7: 'task type not one of the six: pick_and_sell',
      x8: 'not marked as solvable',
    });
    const any = await openGameFolder(root, { solvable: 'any' });
    expect(any.games.length).toBe(39);
    expect(any.index.read).toBe(0);
  });

  it('has the levels of generalisation, with any kinds held out', async () => {
    const folder = await openGameFolder(root, { heldOut: ['look_at_obj_in_light'] });
    const kinds = (split: string): string[] => [
      ...new Set((folder.tasks({ split }) as readonly Task[]).map((task) => task.kind!)),
    ];
    expect(kinds('L2')).toEqual(['look_at_obj_in_light']);
    for (const split of ['L-train', 'L0', 'L1']) {
      expect(kinds(split)).not.toContain('look_at_obj_in_light');
      expect(kinds(split).length).toBe(5);
    }
    const paths = namesOf(folder.tasks({ split: 'L1' }));
    expect(paths.every((path) => path.startsWith('valid_unseen/'))).toBe(true);
    const usual = await openGameFolder(root);
    expect(
      [
        ...new Set((usual.tasks({ split: 'L2' }) as readonly Task[]).map((task) => task.kind)),
      ].sort(),
    ).toEqual(['pick_cool_then_place_in_recep', 'pick_two_obj_and_place']);
  });

  it('states tasks as people described them, where they did and it is wanted', async () => {
    const [game] = games;
    const path = join(root, dirname(game!), 'traj_data.json');
    const anns = [{ task_desc: 'Chill it; then "place" it [there].' }];
    writeFileSync(
      path,
      JSON.stringify({
        ...(JSON.parse(readFileSync(path, 'utf8')) as object),
        turk_annotations: { anns },
      }),
    );
    const instruction = async (humanTasks: number): Promise<string> => {
      const folder = await openGameFolder(root, { humanTasks });
      const task = (folder.tasks({ split: 'all' }) as readonly Task[]).find(
        ({ id }) => id === game,
      )!;
      return (await alfworldEnvironment({ source: folder }).reset(task)).instruction;
    };
    expect(await instruction(1)).toBe('Chill it, then place it there.');
    expect(await instruction(0)).not.toMatch(/Chill/);
  });

  it('refuses what is no folder, and wrong options', async () => {
    await expect(openGameFolder(join(root, 'nowhere'))).rejects.toThrow('cannot be read');
    await expect(openGameFolder(root, { humanTasks: 2 })).rejects.toThrow('humanTasks');
    await expect(openGameFolder(root, { heldOut: ['fly' as never] })).rejects.toThrow('heldOut');
  });
});

describe('another task sentence', () => {
  it('takes the place of the old one and leaves the game alone', () => {
    const { file } = generateGame({ key: [5] });
    const game = compileGame(withTask(file, 'Bring me $& the thing.'));
    expect(game.instruction).toBe('Bring me $& the thing.');
    expect(game.file.problem).toBe(file.problem);
    const jar = compileGame(withTask(cellarFile(), 'Open the box'));
    expect(jar.instruction).toBe('Open the box.');
  });
});
