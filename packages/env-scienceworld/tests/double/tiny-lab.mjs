/**
 * A world of two rooms that behaves like ScienceWorld wherever ScienceWorld surprises: what counts as a tick, when the score is stale, what a wrong
 * focus does, ambiguous requests, one random generator for the world and the list of valid actions, error texts instead of exceptions.
 */

const TASKS = { boil: 30, 'grow-fruit': 126, 'power-component': 20 };
const SIMPLIFICATIONS = [
  'noElectricalAction',
  'openContainers',
  'openDoors',
  'selfWateringFlowerPots',
  'teleportAction',
];
const GOLD = ['open door to kitchen', 'go to kitchen', 'focus on water', 'activate stove'];
const PLACES = ['the sink', 'the table', 'the ceiling', 'the lamp'];

/** Statics of the class loader: every interface of one process has the same. */
const statics = { seed: 1n, simplifications: [] };

/** The next random number below `bound`. */
function draw(bound) {
  statics.seed = (statics.seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
  return Number((statics.seed >> 33n) % BigInt(bound));
}

const easyOf = (task) =>
  task.includes('power-component') || task.includes('conductivity')
    ? ['teleportAction', 'openDoors', 'selfWateringFlowerPots']
    : ['teleportAction', 'noElectricalAction', 'openDoors', 'selfWateringFlowerPots'];

/** The interface for Python. @param {number} delayMs how much longer a load takes */
export function tinyLab() {
  let loaded = { task: '', variation: 0, simplifications: '', gold: false };
  let score = 0;
  let completed = false;
  let loadError = '';
  let faulty;
  let lab;
  let goldPath = [];

  const goal = () => (lab.failed ? -1 : lab.done / 3);
  const description = () => `Your task is to do ${loaded.task} number ${loaded.variation}.`;
  const bee = () => `a bee near ${PLACES[lab.bee]}`;
  const look = () =>
    lab.room === 'hallway'
      ? `This room is called the hallway. In it, you see: \n\tthe agent\n\t${bee()}\nYou also see:\n\tA door to the kitchen (that is ${lab.open ? 'open' : 'closed'})\n\tA door to the outside (that is closed)\n`
      : `This room is called the ${lab.room}. In it, you see: \n\tthe agent\n\t${bee()}\n\ta substance called water\n`;
  const inventory = () => 'In your inventory, you see:\n\tan orange\n';
  const tick = (times = 1) => {
    lab.moves += times;
    for (let i = 0; i < times; i++) lab.bee = draw(PLACES.length);
  };
  const has = (name) => statics.simplifications.includes(name);

  const act = {
    'look around': () => look().trim(),
    inventory: () => inventory().trim(),
    wait: () => (tick(11), 'You decide to wait for 10 iterations.'),
    wait1: () => (tick(2), 'You decide to wait for 1 iterations.'),
    'open door to kitchen': () => {
      const was = lab.open;
      lab.open = true;
      tick();
      return was ? 'The door is already open.' : 'The door is now open.';
    },
    'go to kitchen': () => {
      if (lab.open) [lab.room, lab.done] = ['kitchen', Math.max(lab.done, 1)];
      tick();
      return lab.open ? 'You move to the kitchen.' : 'The door is not open.';
    },
    'focus on water': () => {
      if (lab.room === 'kitchen') lab.done = Math.max(lab.done, 2);
      tick();
      return 'You focus on the water.';
    },
    'activate stove': () => {
      if (lab.done === 2) lab.done = 3;
      tick();
      return 'The stove is now activated.';
    },
    'focus on air': () => ((lab.failed = true), tick(), 'You focus on the air.'),
    'reset task': () => {
      [lab.failed, lab.done] = [false, 0];
      tick();
      return 'You reset the goal progress and focus.';
    },
    // Breaks the simulator: this step still answers as if nothing were, and no other ever does.
    'eat stove': () => ((faulty = 'scala.MatchError: stove (of class Stove)'), ''),
  };
  const choices = ['open door to kitchen', 'open door to outside'];

  const stepInside = (input) => {
    if (faulty !== undefined) return [faulty, -1, true];
    const action = input.trim().toLowerCase();
    if (lab.choosing) {
      lab.choosing = false;
      // Also a request that is taken back takes its time.
      tick();
      if (!/^[01]$/.test(action)) return ['Action cancelled.', goal(), lab.done >= 3];
      if (action === '0') lab.open = true;
      return ['The door is now open.', goal(), lab.done >= 3];
    }
    if (action === 'open door') {
      lab.choosing = true;
      const list = choices.map((choice, i) => `${i}:\t${choice}\n`).join('');
      return [
        `Ambiguous request: Please enter the number for the action you intended (or blank to cancel):\n${list}`,
        goal(),
        lab.done >= 3,
      ];
    }
    if (action === 'teleport to kitchen' && has('teleportAction')) {
      [lab.room, lab.done] = ['kitchen', Math.max(lab.done, 1)];
      tick();
      return ['You teleport to the kitchen.', goal(), false];
    }
    const text = Object.hasOwn(act, action) ? act[action]() : 'No known action matches that input.';
    return [text, goal(), lab.done >= 3];
  };

  const doLoad = (task, variation, simplifications) => {
    statics.seed = BigInt(variation) + 1n;
    loadError = '';
    faulty = undefined;
    lab = {
      room: 'hallway',
      open: false,
      failed: false,
      done: 0,
      moves: 0,
      bee: 0,
      choosing: false,
    };
    loaded = { ...loaded, task, variation, simplifications };
    const names =
      simplifications === 'easy' ? easyOf(task) : simplifications.split(',').filter(Boolean);
    statics.simplifications = [];
    for (const name of names) {
      if (SIMPLIFICATIONS.includes(name)) statics.simplifications.push(name);
      else faulty ??= `ERROR: Unknown simplification label: ${name}`;
    }
    lab.open = has('openDoors');
    if (!Object.hasOwn(TASKS, task)) {
      loadError = `ERROR: Task (${task}): ERROR: Unknown task (${task}).`;
    } else if (variation >= TASKS[task]) {
      loadError = `ERROR: Task (${task}): ERROR: The requested variation (${variation}) exceeds the total number of variations (${TASKS[task]})`;
    }
  };

  const guarded = (tell) => () =>
    loadError !== ''
      ? loadError
      : lab === undefined
        ? 'ERROR: Interface is not initialized -- call reset() before beginning.'
        : (faulty ?? tell());

  return {
    load(task, variation, simplifications, gold) {
      doLoad(task, variation, simplifications);
      goldPath = gold ? GOLD : [];
      loaded.gold ||= gold;
      return loadError;
    },
    reset() {
      return this.load(loaded.task, loaded.variation, loaded.simplifications, loaded.gold);
    },
    step(input) {
      if (loadError !== '') return loadError;
      if (lab === undefined)
        return 'ERROR: Interface is not initialized -- call reset() before beginning.';
      const command = input.trim().toLowerCase();
      // These return before the score is asked for.
      if (command === 'help') return `Possible actions: \n\t${Object.keys(act).join('\n\t')}`;
      if (command === 'task') return `Task description:\n${description()}`;
      const [text, nextScore, nextCompleted] = stepInside(input);
      [score, completed] = [nextScore, nextCompleted];
      return text === ''
        ? "Unknown action.  Type 'help' for a list of actions, and 'objects' for a list of possible object referents. "
        : text;
    },
    getScore: () => ({ double: score }),
    getCompleted: () => completed,
    getNumMoves: () => lab?.moves ?? 0,
    getTaskDescription: description,
    freeActionLook: guarded(look),
    freeActionInventory: guarded(inventory),
    freeActionTaskDesc: guarded(() => `Task Description:\n${description()}`),
    getTaskNames: () => Object.keys(TASKS),
    getTaskMaxVariations: (task) => TASKS[task] ?? -1,
    getPossibleSimplifications: () => SIMPLIFICATIONS.join(', '),
    getSimplificationsUsed: () => [...statics.simplifications].sort().join(', '),
    getGoldActionSequence: () => goldPath,
    getValidActionObjectCombinations() {
      if (lab.choosing) return choices.map((_, i) => String(i));
      draw(2);
      const teleports = has('teleportAction') ? ['teleport to kitchen'] : [];
      return [...Object.keys(act), ...teleports].sort();
    },
    getThousands: () => 5_000_000_000n,
    getNothing: () => null,
    shutdown: () => undefined,
    fail() {
      throw new Error('java.lang.IllegalStateException: asked to fail\n\tat tinyLab');
    },
  };
}
