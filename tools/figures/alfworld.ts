// Compares the generator's games with ALFRED's rooms and tasks, and writes the tables into docs/alfworld.md:
// npx tsx --conditions=@spark-rl/source tools/figures/alfworld.ts
import { readFileSync, writeFileSync } from 'node:fs';

import {
  compileGame,
  HOUSEHOLD_KINDS,
  householdTasks,
  shortestPlan,
  type HouseholdKind,
  type RoomType,
} from '@spark-rl/env-alfworld';

import { expertSteps } from '../../apps/trainer/long-tests/play-household.js';
import { DOORS, isDataThere, readHouseholdData } from './alfworld-data.js';

const GAMES = Number(process.env['GAMES'] ?? 1200);
const ROOMS: readonly RoomType[] = ['kitchen', 'living', 'bedroom', 'bathroom'];
/** ALFWorld's training games of each kind (alfworld/alfworld, data/README and the splits of 2.1.1). */
const ALFWORLD_MIX = [790, 308, 650, 459, 533, 813];
/** What the layouts list no point to stand at for, and the always-open cabinets, are left out of the comparison. */
const UNLISTED =
  /^(CoffeeMachine|StoveBurner|Toaster|HandTowelHolder|TowelHolder|ToiletPaperHanger|GarbageCan|LaundryHamper)/;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const range = (values: readonly number[]): string =>
  `${mean(values).toFixed(1)} (${Math.min(...values)} to ${Math.max(...values)})`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

interface Room {
  readonly scene: number;
  readonly receptacles: number;
  readonly openable: number;
  readonly shared: number;
}

/** The room of a generated problem, as far as ALFRED's layouts would list it. */
function readRoom(scene: number, problem: string): Room {
  const openable = new Set([...problem.matchAll(/\(openable (\w+)\)/g)].map((found) => found[1]!));
  const listed = [...problem.matchAll(/\(receptacleAtLocation (\w+) (\w+)\)/g)]
    .map((found) => ({ id: found[1]!, spot: found[2]! }))
    .filter(({ id }) => !UNLISTED.test(id) && (!DOORS.test(id) || openable.has(id)));
  return {
    scene,
    receptacles: listed.length,
    openable: openable.size,
    shared: listed.length - new Set(listed.map(({ spot }) => spot)).size,
  };
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function compare(): string {
  const data = readHouseholdData();
  const source = householdTasks({ size: 'full', mix: 'alfworld' });
  const rooms = new Map<RoomType, Map<number, Room>>(ROOMS.map((room) => [room, new Map()]));
  const objects = new Map<RoomType, number[]>(ROOMS.map((room) => [room, []]));
  const kinds = new Map<
    HouseholdKind,
    {
      count: number;
      readonly plans: number[];
      readonly expert: number[];
      readonly shortest: number[];
    }
  >(HOUSEHOLD_KINDS.map((kind) => [kind, { count: 0, plans: [], expert: [], shortest: [] }]));
  for (const split of ['train', 'valid_unseen']) {
    source.tasks({ split, seed: 7, count: GAMES / 2 }).forEach((task, i) => {
      const { file, room, scene, kind } = source.generate(task);
      rooms.get(room)!.set(scene, readRoom(scene, file.problem));
      objects.get(room)!.push((file.problem.match(/\(objectType \w/g) ?? []).length);
      const game = compileGame(file);
      const plan = shortestPlan(game)!;
      const seen = kinds.get(kind)!;
      seen.count++;
      seen.shortest.push(plan.length);
      seen.plans.push(plan.filter((command) => !command.startsWith('open ')).length);
      seen.expert.push(expertSteps(game, i)!);
    });
  }
  const share = (part: readonly number[], whole: readonly number[]): string =>
    percent(mean(part) / mean(whole));
  const roomRows = ROOMS.map((room) => {
    const made = [...rooms.get(room)!.values()];
    const pick = (field: 'receptacles' | 'openable' | 'shared'): number[] =>
      made.map((one) => one[field]);
    return [
      room,
      range(data.receptacles[room]),
      range(pick('receptacles')),
      share(data.openable[room], data.receptacles[room]),
      share(pick('openable'), pick('receptacles')),
      share(data.shared[room], data.receptacles[room]),
      share(pick('shared'), pick('receptacles')),
      range(data.objects[room]),
      range(objects.get(room)!),
    ];
  });
  const total = ALFWORLD_MIX.reduce((sum, count) => sum + count, 0);
  const kindRows = HOUSEHOLD_KINDS.map((kind, i) => {
    const { count, plans, expert, shortest } = kinds.get(kind)!;
    return [
      kind,
      percent(ALFWORLD_MIX[i]! / total),
      percent(count / GAMES),
      mean(data.plans[kind] ?? []).toFixed(1),
      mean(plans).toFixed(1),
      mean(shortest).toFixed(1),
      range(expert),
    ];
  });
  return [
    table(
      [
        'room',
        'receptacles: data',
        'generated',
        'with doors: data',
        'generated',
        'sharing a spot: data',
        'generated',
        'objects: data',
        'generated',
      ],
      roomRows,
    ),
    table(
      [
        'kind',
        'share of tasks: ALFWorld',
        'generated',
        'plan without doors: data',
        'generated',
        'omniscient plan',
        'expert',
      ],
      kindRows,
    ),
  ].join('\n\n');
}

if (!isDataThere) {
  console.error('../shared/data/alfworld is not there: the comparison needs it.');
  process.exitCode = 1;
} else {
  const path = new URL('../../docs/alfworld.md', import.meta.url).pathname;
  const marks = /(<!-- statistics -->\n)[\s\S]*(<!-- end -->)/;
  const tables = compare();
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(
      marks,
      (_all, before: string, after: string) => `${before}\n${tables}\n\n${after}`,
    ),
  );
  console.log(tables);
}
