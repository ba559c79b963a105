import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { Task, TaskQuery } from '@spark-rl/core';

import {
  SCIENCEWORLD_TASKS,
  SCIENCEWORLD_TOPICS,
  scienceworldEnvironment,
  selectTasks,
  splitVariations,
  type ScienceworldOptions,
} from '../src/index.js';
import { sharedData, withSharedData } from './shared-data.js';
import { toySimulator } from './toy-simulator.js';

const list = (query: TaskQuery, options: Partial<ScienceworldOptions> = {}) =>
  scienceworldEnvironment({ launch: () => toySimulator(), ...options }).tasks(
    query,
  ) as readonly Task[];

withSharedData('the task table (skipped without shared/data)', () => {
  it('has the tasks, counts and splits of the original', () => {
    interface Row {
      readonly taskId: string;
      readonly task: string;
      readonly variations: number;
      readonly splits: Readonly<
        Record<'train' | 'dev' | 'test', { n: number; first: number; last: number }>
      >;
    }
    const rows = gunzipSync(readFileSync(join(sharedData, 'tasks.jsonl.gz')))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    expect(SCIENCEWORLD_TASKS.map(({ id, name, variations }) => [id, name, variations])).toEqual(
      rows.map(({ taskId, task, variations }) => [taskId, task, variations]),
    );
    for (const { variations, splits } of rows) {
      for (const split of ['train', 'dev', 'test'] as const) {
        const found = splitVariations(variations, split);
        const { n, first, last } = splits[split];
        expect([found.length, found[0], found.at(-1)]).toEqual([n, first, last]);
      }
    }
  });
});

describe('the tasks of an environment', () => {
  it('are 7,207 variations of 30 tasks in ten topics, each in one split', () => {
    const sizes = (['train', 'dev', 'test', 'all'] as const).map((split) => list({ split }).length);
    expect(sizes).toEqual([3592, 1796, 1819, 7207]);
    expect(new Set(SCIENCEWORLD_TASKS.map(({ topic }) => topic))).toEqual(
      new Set(Object.keys(SCIENCEWORLD_TOPICS)),
    );
    const ids = ['train', 'dev', 'test'].flatMap((split) => list({ split }).map(({ id }) => id));
    expect(new Set(ids).size).toBe(7207);
  });

  it('hold all that an episode depends on', () => {
    expect(list({ split: 'test', count: 1 }, { version: '1.3.0' })).toEqual([
      {
        id: '1-1-v21',
        environment: 'scienceworld',
        split: 'test',
        kind: 'boil',
        data: {
          task: 'boil',
          variation: 21,
          simplifications: 'easy',
          callOrder: 'lean',
          version: '1.3.0',
        },
      },
    ]);
    expect(list({ split: 'dev', count: 1 }, { preset: 'official' })[0]!.data).toMatchObject({
      simplifications: '',
    });
  });

  it('divide into levels by the tasks that are held out', () => {
    const kinds = (split: string, heldOut?: readonly string[]) =>
      new Set(list({ split }, heldOut === undefined ? {} : { heldOut }).map(({ kind }) => kind));
    expect([...kinds('L2')].every((kind) => /^chemistry|^lifespan/.test(kind!))).toBe(true);
    expect(kinds('L2').size).toBe(6);
    expect(kinds('L1').size).toBe(24);
    expect([...kinds('L2', ['2-1', 'boil'])].sort()).toEqual(['boil', 'use-thermometer']);
    const ids = (split: string) => list({ split }).map(({ id }) => id);
    expect(ids('L0')).toEqual(ids('L-train'));
    expect([...ids('L1'), ...ids('L2')].sort()).toEqual([...ids('test')].sort());
  });

  it('can be filtered, counted and shuffled by a seed', () => {
    const query = { split: 'train', kinds: ['4-2', 'boil'] };
    expect(list(query).length).toBe(150 + 14);
    expect(list({ split: 'train' }, { tasks: ['8'] }).length).toBe(6 + 4);
    const shuffled = list({ ...query, seed: 3, count: 20 });
    expect(shuffled).toEqual(list({ ...query, seed: 3, count: 20 }));
    expect(shuffled).not.toEqual(list({ ...query, seed: 4, count: 20 }));
    expect(new Set(shuffled.map(({ kind }) => kind)).size).toBe(2);
    expect(() => list({ split: 'valid' })).toThrow('split');
    expect(() => list({ split: 'train', kinds: ['cook'] })).toThrow('kinds');
  });

  it('leave out what cannot be done under the simplifications, by an error', () => {
    const without = { simplifications: 'teleportAction,noElectricalAction' };
    expect(() => list({ split: 'train' }, without)).toThrow(
      'task power-component cannot be solved with noElectricalAction',
    );
    expect(list({ split: 'train' }, { ...without, tasks: ['1', '9'] }).length).toBeGreaterThan(0);
    expect(selectTasks('3').map(({ id }) => id)).toEqual(['3-1', '3-2', '3-3', '3-4']);
  });

  it('follow the rules for few variations', () => {
    const sizes = (count: number) =>
      (['train', 'dev', 'test'] as const).map((split) => splitVariations(count, split));
    expect([1, 2, 3, 4, 5].map(sizes)).toEqual([
      [[0], [], [0]],
      [[0], [], [1]],
      [[0], [1], [2]],
      [[0, 1], [2], [3]],
      [[0, 1], [2], [3, 4]],
    ]);
  });
});
