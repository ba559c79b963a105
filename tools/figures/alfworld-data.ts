import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import type { HouseholdKind, RoomType } from '@spark-rl/env-alfworld';

/** What ALFRED's files say about rooms and tasks, for the comparison with the generator. */
export interface HouseholdData {
  /** Receptacles with a point to stand at, in each scene. */
  readonly receptacles: Readonly<Record<RoomType, readonly number[]>>;
  /** How many of them have a door. */
  readonly openable: Readonly<Record<RoomType, readonly number[]>>;
  /** How many of them share their spot with an earlier one. */
  readonly shared: Readonly<Record<RoomType, readonly number[]>>;
  /** Movable objects, in each trajectory. */
  readonly objects: Readonly<Record<RoomType, readonly number[]>>;
  /** Actions of a demonstration's plan, in each trajectory without slicing and movable receptacles. */
  readonly plans: Readonly<Record<string, readonly number[]>>;
}

const folder = new URL('../../../shared/data/alfworld/', import.meta.url).pathname;
export const isDataThere = existsSync(folder);

export const DOORS = /^(Cabinet|Drawer|Fridge|Microwave|Safe)/;

export function roomOfScene(scene: number): RoomType {
  if (scene <= 30) return 'kitchen';
  if (scene < 300) return 'living';
  return scene < 400 ? 'bedroom' : 'bathroom';
}

const byRoom = (): Record<RoomType, number[]> => ({
  kitchen: [],
  living: [],
  bedroom: [],
  bathroom: [],
});

interface Trajectory {
  readonly task_type: HouseholdKind;
  readonly fp: string;
  readonly pddl: { readonly object_sliced: boolean; readonly mrecep_target: string };
  readonly objs: readonly unknown[];
  readonly high: readonly (readonly string[])[];
}

/** Reads the layouts and trajectories of ../shared/data/alfworld. */
export function readHouseholdData(): HouseholdData {
  const [receptacles, openable, shared, objects] = [byRoom(), byRoom(), byRoom(), byRoom()];
  const plans: Record<string, number[]> = {};
  for (const file of readdirSync(`${folder}layouts`).filter((name) =>
    name.endsWith('-openable.json'),
  )) {
    const layout = JSON.parse(readFileSync(`${folder}layouts/${file}`, 'utf8')) as Record<
      string,
      readonly number[]
    >;
    const room = roomOfScene(Number(/\d+/.exec(file)![0]));
    const names = Object.keys(layout);
    receptacles[room].push(names.length);
    openable[room].push(names.filter((name) => DOORS.test(name)).length);
    shared[room].push(names.length - new Set(Object.values(layout).map(String)).size);
  }
  const lines = gunzipSync(readFileSync(`${folder}alfred/alfred-2.1.0-scenes.jsonl.gz`))
    .toString()
    .trim()
    .split('\n');
  for (const line of lines) {
    const { task_type: kind, fp, pddl, objs, high } = JSON.parse(line) as Trajectory;
    objects[roomOfScene(Number(/\d+/.exec(fp)![0]))].push(objs.length);
    if (pddl.object_sliced || pddl.mrecep_target !== '') continue;
    (plans[kind] ??= []).push(high.filter(([action]) => action !== 'NoOp').length);
  }
  return { receptacles, openable, shared, objects, plans };
}
