import { InvalidInputError } from '@spark-rl/core';

import { SimulatorFaultError } from '../../src/bridge/errors.js';
import { openGateway } from '../../src/bridge/gateway.js';
import { prepareLaunch, type JarSimulatorOptions } from '../../src/bridge/jar-simulator-options.js';
import { jarSimulator } from '../../src/bridge/jar-simulator.js';
import type { Simulator } from '../../src/simulator.js';
import { describeWithJar, doubleOptions } from '../double/double.js';

const BOIL = { task: 'boil', variation: 0, simplifications: '' };
const AMBIGUOUS = /^Ambiguous request: Please enter the number for the action you intended/;

const opened: Simulator[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((simulator) => simulator.close()));
});
const opener =
  (given: JarSimulatorOptions) =>
  async (options: JarSimulatorOptions = {}): Promise<Simulator> => {
    const simulator = await jarSimulator({ ...given, ...options });
    opened.push(simulator);
    return simulator;
  };

/** What surprises about the simulator, and holds for the double and for the real one. */
function trapTests(given: JarSimulatorOptions): void {
  const open = opener(given);

  it('1: worlds share nothing, since each has a process of its own', async () => {
    const [easy, plain] = await Promise.all([open(), open()]);
    await plain.load(BOIL);
    await easy.load({ ...BOIL, simplifications: 'easy' });
    const teleport = 'teleport to kitchen';
    expect((await easy.step(teleport)).observation).toBe('You teleport to the kitchen.');
    expect((await plain.step(teleport)).observation).toBe('No known action matches that input.');
    // Nor does a world share anything with the one that was loaded before it in the same process.
    await easy.load(BOIL);
    expect((await easy.step(teleport)).observation).toBe('No known action matches that input.');
  });

  it('2: the order of calls is kept: official asks for everything each time, lean for no list', async () => {
    const [official, lean] = [await open({ callOrder: 'official' }), await open()];
    expect([official.callOrder, lean.callOrder]).toEqual(['official', 'lean']);
    const starts = [await official.load(BOIL), await lean.load(BOIL)] as const;
    expect(starts[0].look).toMatch(/^This room is called the hallway/);
    expect(starts[0].inventory).toBe('In your inventory, you see:\n\tan orange\n');
    expect(starts[0].validActions).toContain('look around');
    expect(Object.keys(starts[1])).not.toEqual(
      expect.arrayContaining(['look', 'inventory', 'validActions']),
    );
    const step = await official.step('look around');
    expect([...step.validActions!].sort()).toEqual(step.validActions);
    expect(step.look!.trim()).toBe(step.observation);
    expect(await lean.look()).toBe(await official.look());
    expect(await lean.inventory()).toBe(step.inventory);
  });

  it('2: the same order of calls gives the same world, in any process and however often', async () => {
    const walk = async (simulator: Simulator): Promise<unknown[]> => {
      const seen: unknown[] = [await simulator.load({ ...BOIL, task: 'grow-fruit', variation: 2 })];
      for (const action of [
        'wait1',
        'look around',
        'open door to kitchen',
        'go to kitchen',
        'wait1',
      ])
        seen.push(await simulator.step(action));
      return seen;
    };
    const options = { callOrder: 'official' } as const;
    const [one, other] = [await open(options), await open(options)];
    const first = await walk(one);
    expect(await walk(one)).toEqual(first);
    expect(await walk(other)).toEqual(first);
  });

  it('3: moves are ticks, not actions', async () => {
    const simulator = await open();
    expect((await simulator.load(BOIL)).moves).toBe(0);
    const ticks: Record<string, number> = {};
    let before = 0;
    for (const action of [
      ...['look around', 'inventory', 'task', 'help', 'zork', 'open door', ''],
      ...['open door to kitchen', 'wait1', 'wait', 'go to kitchen'],
    ]) {
      const { moves } = await simulator.step(action);
      ticks[action] = moves - before;
      before = moves;
    }
    expect(ticks).toEqual({
      'look around': 0,
      inventory: 0,
      task: 0,
      help: 0,
      zork: 0,
      'open door': 0,
      // It takes back the ambiguous request.
      '': 1,
      'open door to kitchen': 1,
      wait1: 2,
      wait: 11,
      'go to kitchen': 1,
    });
  });

  it('4: the score of the episode before is not told at the start of the next', async () => {
    const simulator = await open();
    await simulator.load(BOIL);
    expect((await simulator.step('focus on air')).rawScore).toBe(-1);
    expect((await simulator.load(BOIL)).rawScore).toBe(0);
    // `help` returns before the simulator looks at the score.
    expect((await simulator.step('help')).rawScore).toBe(0);
  });

  it('5: after an ambiguous request the next action is the number', async () => {
    const simulator = await open();
    await simulator.load(BOIL);
    const asked = await simulator.step('open door');
    expect(asked.observation).toMatch(AMBIGUOUS);
    const numbers = await simulator.validActions();
    expect(numbers.slice(0, 2)).toEqual(['0', '1']);
    expect((await simulator.step('0')).observation).toBe('The door is now open.');
    expect(await simulator.validActions()).toContain('look around');
    // A new episode forgets what was asked.
    await simulator.step('open door');
    await simulator.load(BOIL);
    expect((await simulator.step('0')).observation).toBe('No known action matches that input.');
  });

  it('6: a spoilt task has score -1, is not completed, and can be played on; `reset task` undoes it', async () => {
    const simulator = await open();
    await simulator.load(BOIL);
    expect(await simulator.step('focus on air')).toMatchObject({ rawScore: -1, completed: false });
    expect(await simulator.step('look around')).toMatchObject({ rawScore: -1, completed: false });
    expect(await simulator.step('reset task')).toMatchObject({ rawScore: 0, completed: false });
  });

  it('7: the simulator says nothing of limits: completed means that the goals are reached', async () => {
    const simulator = await open();
    await simulator.load(BOIL);
    for (let i = 0; i < 10; i++) await simulator.step('wait');
    expect(await simulator.step('look around')).toMatchObject({ moves: 110, completed: false });
  });

  it('8, 9: an unknown task and a variation beyond the last are errors, and harm nothing', async () => {
    const simulator = await open();
    await simulator.load(BOIL);
    await expect(simulator.load({ ...BOIL, task: 'boill' })).rejects.toThrow(InvalidInputError);
    await expect(simulator.load({ ...BOIL, task: 'boill' })).rejects.toThrow(
      /no task "boill".*boil,/,
    );
    for (const variation of [30, -1, 0.5, NaN]) {
      await expect(simulator.load({ ...BOIL, variation })).rejects.toThrow(/from 0 to 29/);
    }
    expect(await simulator.load(BOIL)).toMatchObject({ rawScore: 0, moves: 0 });
  });

  it('8, 9: the simulator itself gives a text and throws nothing, which is why the bridge checks', async () => {
    const { command, cwd } = await prepareLaunch(given);
    const bounds = { startMs: 60_000, requestMs: 60_000, closeMs: 2000 };
    const gateway = await openGateway({ command, cwd, ...bounds });
    const raw = await gateway.construct('scienceworld.runtime.pythonapi.PythonInterface');
    const load = (task: string, variation: number): Promise<unknown> =>
      gateway.call(raw, 'load', [task, variation, '', false]);
    const unknown = await load('boill', 0);
    expect(unknown).toMatch(/^ERROR: Task \(boill\): ERROR: Unknown task/);
    expect(await gateway.call(raw, 'step', ['look around'])).toBe(unknown);
    expect(await gateway.call(raw, 'freeActionLook')).toBe(unknown);
    expect(await load('boil', 30)).toMatch(/exceeds the total number of variations/);
    expect(await load('boil', 29)).toBe('');
    await gateway.close();
  });

  it.each([
    ['boil', 'easyy', /no simplification "easyy"/],
    ['boil', 'easy,openDoors', /'easy' stands alone/],
    ['boil', 'openDoors, teleportAction', /no simplification " teleportAction"/],
    ['power-component', 'noElectricalAction', /noElectricalAction/],
  ])('simplifications of %s: %p is refused', async (task, simplifications, message) => {
    const simulator = await open();
    await expect(simulator.load({ task, variation: 0, simplifications })).rejects.toThrow(message);
  });

  it.each(['boil', 'power-component'])('simplifications of %s: easy is taken', async (task) => {
    const simulator = await open();
    await simulator.load({ task, variation: 0, simplifications: 'easy' });
    const actions = await simulator.validActions();
    expect(actions.some((action) => action.startsWith('teleport'))).toBe(true);
  });

  it('a gold path is generated for the load that asks for it, and for no later one', async () => {
    const simulator = await open();
    const gold = await simulator.load({ ...BOIL, goldPath: true });
    expect(gold.goldPath.length).toBeGreaterThan(3);
    expect(gold.moves).toBe(0);
    expect((await simulator.load(BOIL)).goldPath).toEqual([]);
  });

  it('the variations of a split are those of the rule', async () => {
    const simulator = await open();
    const [dev, test] = [
      await simulator.variations('boil', 'dev'),
      await simulator.variations('boil', 'test'),
    ];
    expect([dev, test]).toEqual([
      [14, 15, 16, 17, 18, 19, 20],
      [21, 22, 23, 24, 25, 26, 27, 28, 29],
    ]);
    await expect(simulator.variations('boill', 'dev')).rejects.toThrow('boill');
    expect(await simulator.taskNames()).toEqual(
      expect.arrayContaining(['boil', 'power-component']),
    );
  });
}

describe('traps of the simulator, in the double', () => {
  trapTests(doubleOptions());

  const open = opener(doubleOptions());

  it('2: the list of valid actions draws random numbers, so that another order gives another world', async () => {
    const bees = async (callOrder: 'official' | 'lean'): Promise<string[]> => {
      const simulator = await open({ callOrder });
      await simulator.load({ ...BOIL, task: 'grow-fruit' });
      const seen: string[] = [];
      for (let i = 0; i < 8; i++) {
        await simulator.step('wait1');
        seen.push(await simulator.look());
      }
      return seen;
    };
    const official = await bees('official');
    expect(await bees('official')).toEqual(official);
    expect(await bees('lean')).not.toEqual(official);
  });

  it.each(['official', 'lean'] as const)(
    '8: an exception inside a step is an error at that step, not a failure of the agent (%s)',
    async (callOrder) => {
      const simulator = await open({ callOrder });
      await simulator.load(BOIL);
      const fault = simulator.step('eat stove');
      await expect(fault).rejects.toThrow(SimulatorFaultError);
      await expect(fault).rejects.toThrow('scala.MatchError: stove');
      // As long as nothing is loaded, nothing else is answered.
      await expect(simulator.step('look around')).rejects.toThrow(SimulatorFaultError);
    },
  );

  it('8: what is broken from the start on is told by the load', async () => {
    const at = { getPossibleSimplifications: '=!ysopenDoors, newOne' };
    const simulator = await open(doubleOptions({ at }));
    const load = simulator.load({ ...BOIL, simplifications: 'newOne' });
    await expect(load).rejects.toThrow(/cannot play boil 0: ERROR: Unknown simplification label/);
  });

  it('9: an error text of the load is an error, whatever the checks before said', async () => {
    const simulator = await open(doubleOptions({ at: { getTaskMaxVariations: '=!yi99' } }));
    await expect(simulator.load({ ...BOIL, variation: 50 })).rejects.toThrow(
      /cannot load boil 50: ERROR: .* exceeds the total number/,
    );
  });
});

describeWithJar('traps of the simulator, in the real one', () => {
  trapTests({});
});
