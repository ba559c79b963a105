import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseGameFile } from '../src/game-file.js';
import { compileGame } from '../src/game.js';
import { HOUSEHOLD_DOMAIN } from '../src/generator/data/domain.js';
import { householdGrammar } from '../src/generator/data/grammar.js';
import { admissibleCommands, startGame, stepGame, type GameTransition } from '../src/play.js';

const path = join(
  __dirname,
  '../../../../shared/data/alfworld/games/fp14-heat-potato-v213.tw-pddl',
);

interface Rules {
  readonly domain: string;
  readonly domainName: string;
  readonly grammar: string;
}

const rules: [string, Rules][] = [
  [
    'our own rules and words',
    {
      domain: HOUSEHOLD_DOMAIN,
      domainName: 'household',
      grammar: householdGrammar('put a mug in cabinet'),
    },
  ],
];
if (existsSync(path)) {
  const { domain, grammar } = parseGameFile(readFileSync(path, 'utf8'), path);
  rules.push(['the rules and words of a real game', { domain, domainName: 'alfred', grammar }]);
}

const cabinet = 'cabinet_bar__minus_01_dot_00';
const cabinetBeside = 'Cabinet_bar__plus_01_dot_00';
const counter = 'CounterTop_bar_1';
const machine = 'CoffeeMachine_bar_1';
const microwave = 'Microwave_bar_1';
const fridge = 'Fridge_bar_1';
const sink = 'Sink_bar_1_bar_SinkBasin';
const tub = 'Bathtub_bar_1';
const table = 'SideTable_bar_1';
const lonely = 'Shelf_bar_1';

/** A room with a cupboard of each quirk: shared spots, a mug in two places, an egg behind a door. */
const world = (parts: { at?: string; goal?: string; facts?: string } = {}): string => `
(define (problem quirks) (:domain DOMAIN)
 (:objects agent1 - agent
   loc_bar_0 loc_bar_1 loc_bar_2 loc_bar_3 loc_bar_4 loc_bar_5 - location
   ${cabinet} ${cabinetBeside} ${counter} ${machine} ${microwave} ${fridge} ${sink} ${table} ${lonely} ${tub} - receptacle
   Mug_bar_1 Mug_bar_2 Egg_bar_1 Apple_bar_1 Knife_bar_1 Knife_bar_2 DeskLamp_bar_1 Pen Statue - object
   CabinetType CounterTopType CoffeeMachineType MicrowaveType FridgeType SinkBasinType SideTableType ShelfType BathtubType - rtype
   MugType EggType AppleType KnifeType ButterKnifeType DeskLampType - otype)
 (:init
   (atLocation agent1 ${parts.at ?? 'loc_bar_0'})
   (receptacleAtLocation ${cabinet} loc_bar_1) (receptacleAtLocation ${cabinetBeside} loc_bar_1)
   (receptacleAtLocation ${counter} loc_bar_2) (receptacleAtLocation ${machine} loc_bar_2)
   (receptacleAtLocation ${microwave} loc_bar_3) (receptacleAtLocation ${fridge} loc_bar_4)
   (receptacleAtLocation ${sink} loc_bar_4) (receptacleAtLocation ${table} loc_bar_5)
   (receptacleAtLocation ${tub} loc_bar_5)
   (receptacleType ${cabinet} CabinetType) (receptacleType ${cabinetBeside} CabinetType)
   (receptacleType ${counter} CounterTopType) (receptacleType ${machine} CoffeeMachineType)
   (receptacleType ${microwave} MicrowaveType) (receptacleType ${fridge} FridgeType)
   (receptacleType ${sink} SinkBasinType) (receptacleType ${table} SideTableType)
   (receptacleType ${lonely} ShelfType) (receptacleType ${tub} BathtubType)
   (openable ${cabinet}) (openable ${cabinetBeside}) (openable ${microwave}) (openable ${fridge})
   (openable ${microwave})
   (objectType Mug_bar_1 MugType) (objectType Mug_bar_2 MugType) (objectType Egg_bar_1 EggType)
   (objectType Apple_bar_1 AppleType) (objectType Knife_bar_1 KnifeType)
   (objectType Knife_bar_2 ButterKnifeType) (objectType DeskLamp_bar_1 DeskLampType)
   (pickupable Mug_bar_1) (pickupable Mug_bar_2) (pickupable Egg_bar_1) (pickupable Apple_bar_1)
   (pickupable Knife_bar_1) (pickupable Knife_bar_2)
   (isReceptacleObject Mug_bar_1) (isReceptacleObject Mug_bar_2)
   (heatable Mug_bar_1) (heatable Egg_bar_1) (heatable Apple_bar_1) (coolable Apple_bar_1)
   (cleanable Apple_bar_1) (cleanable Mug_bar_1) (sliceable Egg_bar_1) (sliceable Apple_bar_1)
   (toggleable DeskLamp_bar_1)
   (inReceptacle Mug_bar_1 ${machine}) (inReceptacle Mug_bar_1 ${counter}) (objectAtLocation Mug_bar_1 loc_bar_2)
   (inReceptacle Mug_bar_2 ${cabinet}) (objectAtLocation Mug_bar_2 loc_bar_1)
   (inReceptacle Egg_bar_1 ${cabinetBeside}) (objectAtLocation Egg_bar_1 loc_bar_1)
   (inReceptacle Apple_bar_1 ${counter}) (objectAtLocation Apple_bar_1 loc_bar_2)
   (inReceptacle Knife_bar_1 ${counter}) (objectAtLocation Knife_bar_1 loc_bar_2)
   (inReceptacle Knife_bar_2 ${table}) (objectAtLocation Knife_bar_2 loc_bar_5)
   (inReceptacle DeskLamp_bar_1 ${cabinet}) (objectAtLocation DeskLamp_bar_1 loc_bar_1)
   (inReceptacle DeskLamp_bar_1 ${table}) (objectAtLocation DeskLamp_bar_1 loc_bar_5)
   (canContain CabinetType MugType) (canContain CounterTopType MugType) (canContain CoffeeMachineType MugType)
   (canContain CounterTopType AppleType) (canContain CounterTopType AppleType) (canContain CounterTopType KnifeType)
   (canContain CabinetType KnifeType) (canContain SideTableType AppleType)
   ${parts.facts ?? ''})
 (:goal ${parts.goal ?? '(exists (?r - receptacle ?o - object) (and (inReceptacle ?o ?r) (receptacleType ?r SideTableType) (objectType ?o AppleType)))'}))`;

describe.each(rules)(
  'the quirks of ALFWorld, under %s',
  (_name, { domain, domainName, grammar }) => {
    const begin = (parts?: Parameters<typeof world>[0]): GameTransition =>
      startGame(
        compileGame({
          name: 'quirks',
          domain,
          grammar,
          problem: world(parts).replace('DOMAIN', domainName),
        }),
      );
    const start = begin();
    const play = (...commands: readonly string[]): GameTransition =>
      commands.reduce((now, command) => {
        const next = stepGame(now.state, command);
        if (next.observation === 'Nothing happens.') throw new Error(`${command}: nothing happens`);
        return next;
      }, start);
    const said = (...commands: readonly string[]): string => play(...commands).observation;
    const can = (now: GameTransition, pattern: RegExp): readonly string[] =>
      admissibleCommands(now.state).filter((command) => pattern.test(command));
    const nothing = 'Nothing happens.';

    it('the intro lists every receptacle that has a spot, numbers running down, basins by name', () => {
      expect(start.observation).toMatch(
        /you see a bathtub 1, a cabinet 2, a cabinet 1, a coffeemachine 1, a countertop 1, a fridge 1, a microwave 1, a sidetable 1, and a sinkbasin 1\./,
      );
    });

    it('ids are ordered in lower case: minus before plus, whatever the capitals in the file', () => {
      // cabinet_bar__minus is written in lower case and Cabinet_bar__plus is not: upper case would come first.
      expect(said('go to cabinet 2', 'open cabinet 2')).toMatch(
        /you see a desklamp 1, and a mug 1\./,
      );
      expect(said('go to cabinet 1', 'open cabinet 1')).toMatch(/you see a egg 1\./);
    });

    it('a start at a receptacle is told as facing it, all that share the spot in order', () => {
      expect(begin({ at: 'loc_bar_2' }).observation).toMatch(
        /You are facing the coffeemachine 1, and countertop 1\. Next to it, you see nothing\./,
      );
      expect(begin({ at: 'loc_bar_3' }).observation).toMatch(
        /You are facing the microwave 1\. Next/,
      );
    });

    it('a look in the middle of the room sees nothing', () => {
      expect(said('look')).toBe(
        'You are in the middle of a room. Looking quickly around you, you see nothing.',
      );
    });

    it('a receptacle without a spot cannot be gone to', () => {
      expect(can(start, /shelf/)).toEqual([]);
    });

    it('things without facts are no entities, and cannot be spoken of', () => {
      expect(admissibleCommands(start.state).join()).not.toMatch(/pen|statue/);
    });

    it('going where one is, or to what shares the spot, does nothing', () => {
      const there = play('go to coffeemachine 1');
      expect(can(there, /^go to (countertop|coffeemachine)/)).toEqual([]);
      expect(stepGame(there.state, 'go to countertop 1').observation).toBe(nothing);
      // What shares the spot is within reach all the same.
      expect(can(there, /from countertop 1$/)).toEqual([
        'take apple 1 from countertop 1',
        'take knife 2 from countertop 1',
        'take mug 2 from countertop 1',
      ]);
    });

    it('commands are matched to the letter, but for white space around them', () => {
      expect(stepGame(start.state, ' \tgo to fridge 1\n').observation).toMatch(/^You arrive/);
      for (const command of [
        'Go to fridge 1',
        'go to fridge',
        'go to  fridge 1',
        'goto fridge 1',
        '',
      ]) {
        const now = stepGame(start.state, command);
        expect([now.observation, now.state === start.state]).toEqual([nothing, true]);
      }
    });

    it('commands are sorted by code points', () => {
      const commands = admissibleCommands(start.state);
      expect(commands).toEqual([...commands].sort());
    });

    it('examine works on what is held only', () => {
      expect(can(play('go to countertop 1'), /^examine/)).toEqual([
        'examine coffeemachine 1',
        'examine countertop 1',
      ]);
      expect(said('go to countertop 1', 'take apple 1 from countertop 1', 'examine apple 1')).toBe(
        "There's nothing special about apple 1.",
      );
    });

    it('a thing in two receptacles stays in the other while it is held, and can be put into both', () => {
      const held = play('go to countertop 1', 'take mug 2 from coffeemachine 1');
      expect(stepGame(held.state, 'examine countertop 1').observation).toBe(
        'On the countertop 1, you see a apple 1, a knife 2, and a mug 2.',
      );
      expect(stepGame(held.state, 'examine coffeemachine 1').observation).toBe(
        'On the coffeemachine 1, you see nothing.',
      );
      // Hands are full: the mug that is still seen cannot be taken again.
      expect(can(held, /^take/)).toEqual([]);
      const back = stepGame(held.state, 'move mug 2 to coffeemachine 1');
      expect(can(back, /^take mug 2/)).toEqual([
        'take mug 2 from coffeemachine 1',
        'take mug 2 from countertop 1',
      ]);
    });

    it('a closed receptacle neither gives nor takes; one without a door always does', () => {
      const closed = play('go to cabinet 2');
      expect(can(closed, /^(take|close)/)).toEqual([]);
      expect(can(closed, /^open/)).toEqual(['open cabinet 1', 'open cabinet 2']);
      const open = stepGame(closed.state, 'open cabinet 2');
      expect(open.observation).toBe(
        'You open the cabinet 2. The cabinet 2 is open. In it, you see a desklamp 1, and a mug 1.',
      );
      expect(can(open, /^(take|close|open)/)).toEqual([
        'close cabinet 2',
        'open cabinet 1',
        'take mug 1 from cabinet 2',
      ]);
      const shut = stepGame(open.state, 'close cabinet 2');
      expect(shut.observation).toBe('You close the cabinet 2.');
      expect(stepGame(shut.state, 'examine cabinet 2').observation).toBe(
        'The cabinet 2 is closed.',
      );
    });

    it('doors stay open behind one, and several may be open at once', () => {
      const now = play('go to cabinet 2', 'open cabinet 2', 'open cabinet 1', 'go to fridge 1');
      expect(stepGame(now.state, 'go to cabinet 1').observation).toBe(
        'You arrive at cabinet 1. The cabinet 1 is open. In it, you see a egg 1.',
      );
    });

    it('a thing may be put only where its kind may lie, however much is there', () => {
      const held = play(
        'go to countertop 1',
        'take apple 1 from countertop 1',
        'go to sidetable 1',
      );
      expect(can(held, /^move/)).toEqual(['move apple 1 to sidetable 1']);
      const atFridge = stepGame(held.state, 'go to fridge 1');
      expect(can(stepGame(atFridge.state, 'open fridge 1'), /^move/)).toEqual([]);
    });

    it('"next to it" tells of what was moved between receptacles at one spot, once for each it left', () => {
      const moved = play(
        'go to coffeemachine 1',
        'take mug 2 from coffeemachine 1',
        'move mug 2 to countertop 1',
      );
      expect(stepGame(moved.state, 'look').observation).toBe(
        'You are facing the coffeemachine 1, and countertop 1. Next to it, you see a mug 2.',
      );
      const again = [
        'take mug 2 from countertop 1',
        'move mug 2 to coffeemachine 1',
        'look',
      ].reduce((now, command) => stepGame(now.state, command), moved);
      expect(again.observation).toMatch(/Next to it, you see a mug 2\.$/);
      // While it is held it is nowhere, and at another spot nothing is told of it.
      const held = play('go to coffeemachine 1', 'take mug 2 from coffeemachine 1', 'look');
      expect(held.observation).toMatch(/Next to it, you see nothing\.$/);
      const elsewhere = play(
        'go to coffeemachine 1',
        'take mug 2 from coffeemachine 1',
        'go to cabinet 1',
        'open cabinet 1',
        'move mug 2 to cabinet 1',
        'look',
      );
      expect(elsewhere.observation).toBe(
        'You are facing the cabinet 2, and cabinet 1. Next to it, you see nothing.',
      );
    });

    it('heat, cold and cleaning need no open door, and need not put the thing in', () => {
      const hot = play(
        'go to countertop 1',
        'take apple 1 from countertop 1',
        'go to microwave 1',
        'heat apple 1 with microwave 1',
      );
      expect(hot.observation).toBe('You heat the apple 1 using the microwave 1.');
      // Again and again: nothing says that it is hot already.
      expect(can(hot, /^heat/)).toEqual(['heat apple 1 with microwave 1']);
      expect(stepGame(hot.state, 'examine apple 1').observation).toBe('This is a hot apple 1.');
      const cold = ['go to fridge 1', 'cool apple 1 with fridge 1'].reduce(
        (now, command) => stepGame(now.state, command),
        hot,
      );
      expect(stepGame(cold.state, 'examine apple 1').observation).toBe('This is a cold apple 1.');
      const clean = stepGame(cold.state, 'clean apple 1 with sinkbasin 1');
      expect(stepGame(clean.state, 'examine apple 1').observation).toBe(
        'This is a cool and clean apple 1.',
      );
      const hotAgain = [
        'go to microwave 1',
        'heat apple 1 with microwave 1',
        'examine apple 1',
      ].reduce((now, command) => stepGame(now.state, command), clean);
      expect(hotAgain.observation).toBe('This is a hot and clean apple 1.');
    });

    it('a bath tub cleans nothing, and a mug is described by what is in it, hot or not', () => {
      const mug = play('go to countertop 1', 'take mug 2 from countertop 1', 'go to bathtub 1');
      expect(can(mug, /^clean/)).toEqual([]);
      const hot = ['go to microwave 1', 'heat mug 2 with microwave 1', 'examine mug 2'].reduce(
        (now, command) => stepGame(now.state, command),
        mug,
      );
      expect(hot.observation).toBe('This is a normal mug 2. In it, you see nothing.');
    });

    it('a lamp is turned on every time, also behind a closed door, and never carried', () => {
      const first = play('go to cabinet 2', 'use desklamp 1');
      expect(first.observation).toBe('You turn on the desklamp 1.');
      expect(stepGame(first.state, 'use desklamp 1').observation).toBe(
        'You turn on the desklamp 1.',
      );
      expect(can(play('go to sidetable 1'), /desklamp/)).toEqual(['use desklamp 1']);
    });

    it('slicing reaches behind closed doors, takes any knife, and splits nothing', () => {
      const armed = play('go to countertop 1', 'take knife 2 from countertop 1', 'go to cabinet 1');
      const sliced = stepGame(armed.state, 'slice egg 1 with knife 2');
      expect(sliced.observation).toBe('You sliced the egg 1 with the knife 2.');
      expect(can(sliced, /^slice/)).toEqual(['slice egg 1 with knife 2']);
      const butter = play(
        'go to sidetable 1',
        'take knife 1 from sidetable 1',
        'go to countertop 1',
      );
      expect(can(butter, /^slice/)).toEqual(['slice apple 1 with knife 1']);
      // With the apple in hand there is none at the spot, and no hand for a knife.
      expect(can(play('go to countertop 1', 'take apple 1 from countertop 1'), /^slice/)).toEqual(
        [],
      );
    });

    it('look, inventory, help and examine stay possible for ever', () => {
      const often = Array.from({ length: 5 }, () => [
        'look',
        'inventory',
        'help',
        'examine fridge 1',
      ]);
      const now = play('go to fridge 1', ...often.flat());
      expect(can(now, /^(look|inventory|help|examine fridge 1)$/).length).toBe(4);
    });

    it('a win answers like any other step, and play may go on', () => {
      const won = play(
        'go to countertop 1',
        'take apple 1 from countertop 1',
        'go to sidetable 1',
        'move apple 1 to sidetable 1',
      );
      expect(won).toMatchObject({
        score: 1,
        done: true,
        observation: 'You move the apple 1 to the sidetable 1.',
      });
      const on = stepGame(won.state, 'take apple 1 from sidetable 1');
      expect(on).toMatchObject({ score: 0, done: false });
    });

    it('a goal that holds from the start is won before the first step', () => {
      const facts = `(inReceptacle Apple_bar_1 ${table})`;
      expect(begin({ facts })).toMatchObject({ score: 1, done: true });
      expect(stepGame(begin({ facts }).state, 'dance')).toMatchObject({ score: 1, done: true });
    });

    const look =
      '(and (exists (?ot - object ?r - receptacle ?a - agent ?l - location) (and (objectType ?ot DeskLampType) (toggleable ?ot) (isToggled ?ot) (receptacleAtLocation ?r ?l) (atLocation ?a ?l) (inReceptacle ?ot ?r))) (exists (?o - object ?a - agent) (and (objectType ?o AppleType) (holds ?a ?o))))';

    it('a lamp may be switched on first: the object is then shown by carrying it there', () => {
      const commands = [
        'go to sidetable 1',
        'use desklamp 1',
        'go to countertop 1',
        'take apple 1 from countertop 1',
        'go to cabinet 1',
      ];
      const path = commands.reduce<GameTransition[]>(
        (all, command) => [...all, stepGame((all.at(-1) ?? begin({ goal: look })).state, command)],
        [],
      );
      // The lamp stands in two places; at either of them the goal holds.
      expect(path.map(({ done }) => done)).toEqual([false, false, false, false, true]);
    });

    it('two things must lie in the very same receptacle', () => {
      const goal =
        '(exists (?r - receptacle) (exists (?o1 - object) (and (objectType ?o1 MugType) (receptacleType ?r CabinetType) (inReceptacle ?o1 ?r) (exists (?o2 - object) (and (not (= ?o1 ?o2)) (objectType ?o2 MugType) (receptacleType ?r CabinetType) (inReceptacle ?o2 ?r))))))';
      const fetch = [
        'go to countertop 1',
        'take mug 2 from countertop 1',
        'go to cabinet 1',
        'open cabinet 1',
        'open cabinet 2',
      ];
      const at = fetch.reduce((now, command) => stepGame(now.state, command), begin({ goal }));
      expect(stepGame(at.state, 'move mug 2 to cabinet 1').done).toBe(false);
      expect(stepGame(at.state, 'move mug 2 to cabinet 2').done).toBe(true);
    });
  },
);
