import { generateGame } from '../src/generator/generate-game.js';
import { HOUSEHOLD_KINDS } from '../src/generator/data/task-sentences.js';
import { householdTasks } from '../src/generator/household-tasks.js';
import { ROOM_TYPES, roomOf, scenesOf } from '../src/generator/splits.js';

describe('splits of generated games', () => {
  it('give valid_unseen scenes of its own, ALFWorld s four among them', () => {
    const unseen = ROOM_TYPES.flatMap((room) => scenesOf(room, 'valid_unseen'));
    const train = ROOM_TYPES.flatMap((room) => scenesOf(room, 'train'));
    expect([unseen.length, train.length]).toEqual([24, 96]);
    expect(unseen.filter((scene) => train.includes(scene))).toEqual([]);
    for (const scene of [10, 219, 308, 424]) expect(unseen).toContain(scene);
    expect(scenesOf('bedroom', 'valid_seen')).toEqual(scenesOf('bedroom', 'train'));
    expect([roomOf(30), roomOf(31), roomOf(230), roomOf(430)]).toEqual([
      'kitchen',
      undefined,
      'living',
      'bathroom',
    ]);
  });

  it('never share a game, not even for the same key', () => {
    const contents = (split: 'train' | 'valid_seen' | 'valid_unseen'): string[] =>
      Array.from({ length: 400 }, (_, i) => generateGame({ key: ['split', i], split }).content);
    const [train, seen, unseen] = [
      contents('train'),
      contents('valid_seen'),
      contents('valid_unseen'),
    ];
    const all = new Set(train);
    expect([...seen, ...unseen].filter((content) => all.has(content))).toEqual([]);
    expect(seen.filter((content) => new Set(unseen).has(content))).toEqual([]);
  });
});

describe('tasks of generated games', () => {
  const source = householdTasks();

  it('are a prefix of a longer list, have unique ids, and round-trip through JSON', () => {
    const ten = source.tasks({ split: 'train', count: 10, seed: 5 });
    const forty = source.tasks({ split: 'train', count: 40, seed: 5 });
    expect(forty.slice(0, 10)).toEqual(ten);
    expect(new Set(forty.map((task) => task.id)).size).toBe(40);
    for (const task of ten) {
      const copy = JSON.parse(JSON.stringify(task)) as typeof task;
      expect(copy).toEqual(task);
      expect(source.load(copy)).toEqual(source.load(task));
    }
  });

  it('change with the seed and have each kind once in six', () => {
    const tasks = source.tasks({ split: 'valid_unseen', count: 60, seed: 1 });
    expect(source.tasks({ split: 'valid_unseen', count: 60, seed: 2 })).not.toEqual(tasks);
    for (let i = 0; i < 60; i += 6) {
      const kinds = tasks.slice(i, i + 6).map((task) => task.kind);
      expect([...kinds].sort()).toEqual([...HOUSEHOLD_KINDS].sort());
    }
  });

  it('load the game they describe', () => {
    for (const task of source.tasks({ split: 'valid_seen', count: 30 })) {
      const { scene, kind } = task.data as { scene: number; kind: string };
      expect(source.load(task).name).toMatch(
        new RegExp(`^generated/small/valid_seen/${kind}-\\w+-None-\\w+-${scene}/`),
      );
    }
  });

  it('number as many as ALFWorld has when no count is given', () => {
    expect(source.tasks({ split: 'valid_seen' }).length).toBe(140);
    expect(source.tasks({ split: 'valid_unseen' }).length).toBe(134);
  });

  it('come in levels of generalisation, which hold out kinds of tasks', () => {
    const kindsOf = (from: typeof source, split: string): string[] => [
      ...new Set(from.tasks({ split, count: 40 }).map((task) => task.kind!)),
    ];
    const heldOut = ['pick_cool_then_place_in_recep', 'pick_two_obj_and_place'];
    expect(kindsOf(source, 'L2').sort()).toEqual(heldOut);
    for (const split of ['L-train', 'L0', 'L1']) {
      expect(kindsOf(source, split).sort()).toEqual(
        HOUSEHOLD_KINDS.filter((kind) => !heldOut.includes(kind)).sort(),
      );
    }
    const looks = householdTasks({ heldOut: ['look_at_obj_in_light'] });
    expect(kindsOf(looks, 'L2')).toEqual(['look_at_obj_in_light']);
    const scenes = (split: string): number[] =>
      source.tasks({ split }).map((task) => (task.data as { scene: number }).scene);
    const seen = new Set(scenes('L-train'));
    expect(scenes('L0').every((scene) => seen.has(scene))).toBe(true);
    expect([...scenes('L1'), ...scenes('L2')].some((scene) => seen.has(scene))).toBe(false);
    expect([scenes('L-train').length, scenes('L2').length]).toEqual([3553, 134]);
    expect(() => source.tasks({ split: 'L2', kinds: ['look_at_obj_in_light'] })).toThrow('kinds');
    expect(() => source.tasks({ split: 'L3' })).toThrow(/Choose one of train, .*L2/);
  });

  it('keep to the kinds and rooms that were asked for', () => {
    const kitchens = householdTasks({
      rooms: ['kitchen'],
      kinds: ['pick_two_obj_and_place'],
    });
    const tasks = kitchens.tasks({ split: 'train', count: 20 });
    expect(new Set(tasks.map((task) => task.kind))).toEqual(new Set(['pick_two_obj_and_place']));
    for (const task of tasks) {
      expect(roomOf((task.data as { scene: number }).scene)).toBe('kitchen');
    }
    expect(() => kitchens.tasks({ split: 'train', kinds: ['look_at_obj_in_light'] })).toThrow(
      /kinds: look_at_obj_in_light is not generated in kitchen/,
    );
    expect(() => source.tasks({ split: 'dev' })).toThrow(/split/);
    expect(() =>
      householdTasks({
        rooms: ['bathroom'],
        kinds: ['pick_and_place_simple', 'pick_heat_then_place_in_recep'],
      }),
    ).toThrow(
      /pick_heat_then_place_in_recep is not generated in bathroom\. Ask for some of pick_and_place_simple, .*pick_clean/,
    );
    expect(() => kitchens.tasks({ split: 'train', kinds: ['pick_and_place_simple'] })).toThrow(
      /Ask for some of pick_two_obj_and_place, or/,
    );
    const bathrooms = householdTasks({ rooms: ['bathroom'] });
    expect(new Set(bathrooms.tasks({ split: 'train', count: 9 }).map((task) => task.kind))).toEqual(
      new Set([
        'pick_and_place_simple',
        'pick_clean_then_place_in_recep',
        'pick_two_obj_and_place',
      ]),
    );
  });
});
