import {
  childId,
  createTreeBuilder,
  randomSource,
  rootId,
  taskId,
  treeId,
  type GenerationRequest,
  type NodeId,
  type Transition,
  type Turn,
} from '../src/index.js';
import {
  environmentChecks,
  pivotalCoverage,
  pivotalPolicy,
  pivotalSteps,
  pivotsCovered,
  type PivotalState,
} from '../src/testing/index.js';

const [task] = pivotalSteps({ pivots: 2 }).tasks({ split: 'train' }) as [never];

/** Takes actions from the start on. */
async function play(options: Parameters<typeof pivotalSteps>[0], actions: readonly string[]) {
  const world = pivotalSteps(options);
  const seen: Transition<PivotalState>[] = [await world.reset(task)];
  for (const action of actions) seen.push(await world.step(seen.at(-1)!.state, action));
  return seen.map(({ status, observation, score }) => ({ status, observation, score }));
}

describe('pivotalSteps', () => {
  for (const { name, run } of environmentChecks({
    make: () => pivotalSteps({ pivots: 3, routine: 2 }),
    query: { split: 'train', count: 3 },
    solve: () => new Array<string>(9).fill('right'),
  }))
    it(name, run);

  it('succeeds when every pivotal turn went right, whatever the routine ones did', async () => {
    const seen = await play({ pivots: 2 }, ['anything', 'right', '', 'right']);
    expect(seen.map(({ status }) => status)).toEqual([
      'running',
      'running',
      'running',
      'running',
      'success',
    ]);
    expect(seen.map(({ score }) => score)).toEqual([0, 0, 0, 0, 1]);
  });

  it('fails at once at a pivotal turn that went wrong, and announces pivotal turns', async () => {
    const seen = await play({ pivots: 2, routine: 2 }, ['on', 'on', 'left']);
    expect(seen.map(({ observation }) => observation)).toEqual([
      'The way is plain.',
      'The way is plain, and a pivotal step comes next.',
      'A pivotal step: right or wrong?',
      'That was wrong.',
    ]);
    expect(seen.at(-1)!.status).toBe('failure');
  });
});

const ask = (text: string, seed: number): GenerationRequest => ({
  prompt: { kind: 'messages', messages: [{ role: 'user', content: text }] },
  sampling: { temperature: 1, maxTokens: 100 },
  key: ['ask', seed],
  affinity: '',
});
const NEXT = 'The way is plain, and a pivotal step comes next.';
const PIVOT = 'A pivotal step: right or wrong?';

describe('pivotalPolicy', () => {
  it('explores before a pivotal turn only, and heeds what is observed last', async () => {
    const policy = pivotalPolicy({ mass: 1 });
    const say = async (text: string): Promise<string> => (await policy.generate(ask(text, 1))).text;
    expect(await say(NEXT)).toBe('<explore>unsure</explore><action>on</action>');
    expect(await say(`${PIVOT}\n${NEXT}`)).toContain('<explore>');
    expect(await say(`${NEXT}\n${PIVOT}`)).toBe('<action>right</action>');
    expect(await say(`${NEXT}\n${PIVOT}\nThe way is plain.`)).toBe('<action>on</action>');
  });

  it('does the right thing with probability q, by key', async () => {
    const policy = pivotalPolicy({ mass: 0.3 });
    const once = async (seed: number): Promise<boolean> =>
      (await policy.generate(ask(PIVOT, seed))).text.includes('right');
    const answers = await Promise.all(Array.from({ length: 4000 }, (_, seed) => once(seed)));
    const rate = answers.filter(Boolean).length / 4000;
    expect(Math.abs(rate - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 4000));
    expect(await once(17)).toBe(answers[17]);
  });
});

/** A tree whose turns are told by id: what was done there, pivotal where it is right or wrong. */
function treeOf(actions: Readonly<Record<string, 'on' | 'right' | 'wrong'>>) {
  const builder = createTreeBuilder(treeId('t'), {
    task: { id: taskId('t'), environment: 'pivotal-steps', split: 'train', data: null },
    instruction: '',
    observation: '',
    score: 0,
    settings: {},
  });
  for (const [id, action] of Object.entries(actions)) {
    const parent = id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : null;
    builder.addTurn({
      id,
      parent,
      action,
      observation: action === 'on' ? NEXT : PIVOT,
    } as unknown as Turn);
  }
  return builder.build({ limit: 1, used: 1, reserved: 0, failed: 0, free: 0 });
}

describe('pivotsCovered', () => {
  it('follows the first child that did the right thing, and the path that came furthest', () => {
    const tree = treeOf({
      '0': 'on',
      '0.0': 'wrong',
      '0.1': 'right',
      '0.1.0': 'on',
      '0.1.0.0': 'wrong',
      '0.2': 'right',
      '0.2.0': 'on',
      '0.2.0.0': 'right',
      '1': 'on',
      '1.0': 'right',
    });
    expect(pivotsCovered(tree)).toEqual({ line: 1, tree: 2 });
  });

  it('is none for a tree without turns, or whose first step failed', () => {
    expect(pivotsCovered(treeOf({}))).toEqual({ line: 0, tree: 0 });
    expect(pivotsCovered(treeOf({ '0': 'on', '0.0': 'wrong' }))).toEqual({ line: 0, tree: 0 });
  });
});

/** Every order of some things. */
function orders<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    orders(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]),
  );
}

/**
 * The same probabilities the long way: every order of granting and every outcome of every single try is listed, with nothing
 * merged. Paths are told by their ids, so the line is found by its own definition.
 */
function enumerated(plan: {
  pivots: number;
  mass: number;
  roots: number;
  width: number;
  leaves: number;
}): { line: number; tree: number } {
  const { pivots, mass, roots, width, leaves } = plan;
  const walk = (
    step: number,
    alive: readonly NodeId[],
    line: NodeId | null,
    free: number,
  ): { line: number; tree: number } => {
    if (alive.length === 0) return { line: 0, tree: 0 };
    if (step === pivots) return { line: line === null ? 0 : 1, tree: 1 };
    const sum = { line: 0, tree: 0 };
    const every = orders(alive);
    for (const order of every) {
      let left = free;
      const tries: NodeId[] = [];
      for (const path of order) {
        const granted = Math.min(width, left + 1);
        left -= granted - 1;
        for (let child = 0; child < granted; child++) tries.push(childId(path, child));
      }
      for (let outcome = 0; outcome < 2 ** tries.length; outcome++) {
        const right = tries.filter((_, bit) => (outcome >> bit) & 1);
        const chance =
          (mass ** right.length * (1 - mass) ** (tries.length - right.length)) / every.length;
        const goesOn =
          line === null ? null : (right.find((id) => id.startsWith(`${line}.`)) ?? null);
        const rest = walk(step + 1, right, goesOn, left);
        sum.line += chance * rest.line;
        sum.tree += chance * rest.tree;
      }
    }
    return sum;
  };
  const first = Array.from({ length: roots }, (_, i) => rootId(i));
  return walk(0, first, first[0]!, leaves - roots);
}

describe('pivotalCoverage', () => {
  it('is the power of 1 - (1 - q)^B along a line while b_eff = B', () => {
    const { line } = pivotalCoverage({ pivots: 3, mass: 0.3, width: 3 });
    const step = 1 - 0.7 ** 3;
    expect(line).toEqual([step, expect.closeTo(step ** 2), expect.closeTo(step ** 3)]);
  });

  it('matches cases worked out by hand', () => {
    // N = 3: the first step gets two tries. Two rights (1/4) share one further leaf: 3 tries between them.
    const { line, tree } = pivotalCoverage({ pivots: 2, mass: 0.5, leaves: 3 });
    expect(tree).toEqual([0.75, 0.5 * 0.75 + 0.25 * 0.875]);
    expect(line).toEqual([0.75, 0.5 * 0.75 + (0.25 * (0.75 + 0.5)) / 2]);
    // Chains: each root succeeds with q^m.
    const chains = pivotalCoverage({ pivots: 2, mass: 0.5, roots: 8, width: 1, leaves: 8 });
    expect(chains.tree[1]).toBeCloseTo(1 - 0.75 ** 8);
    expect(chains.line[1]).toBeCloseTo(0.25);
  });

  it.each([
    { pivots: 3, mass: 0.4, roots: 1, width: 2, leaves: 4 },
    { pivots: 2, mass: 0.35, roots: 2, width: 2, leaves: 5 },
    { pivots: 2, mass: 0.6, roots: 1, width: 3, leaves: 6 },
    { pivots: 2, mass: 0.5, roots: 2, width: 3, leaves: 5 },
    { pivots: 2, mass: 0.5, roots: 3, width: 2, leaves: 4 },
  ])('matches the enumeration of every order and outcome: %j', (plan) => {
    const { line, tree } = pivotalCoverage(plan);
    const { line: lineAtEnd, tree: treeAtEnd } = enumerated(plan);
    expect(line.at(-1)).toBeCloseTo(lineAtEnd, 12);
    expect(tree.at(-1)).toBeCloseTo(treeAtEnd, 12);
  });

  it('reaches the unlimited case when N is large enough for every fork', () => {
    const plan = { pivots: 3, mass: 0.35, width: 3, roots: 2 };
    const bounded = pivotalCoverage({ ...plan, leaves: 2 * 3 ** 3 });
    const free = pivotalCoverage(plan);
    free.tree.forEach((value, i) => expect(bounded.tree[i]).toBeCloseTo(value, 12));
    free.line.forEach((value, i) => expect(bounded.line[i]).toBeCloseTo(value, 12));
  });

  it('covers the more the larger N is, never less than chains from the same roots', () => {
    const at = (leaves: number, width = 2): number =>
      pivotalCoverage({ pivots: 5, mass: randomSource(['q']).uniform(), width, leaves }).tree[4]!;
    const values = [2, 4, 8, 16, 32].map((leaves) => at(leaves));
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values[0]).toBeGreaterThan(at(2, 1));
  });

  it('refuses more roots than leaves', () => {
    expect(() => pivotalCoverage({ pivots: 1, mass: 0.5, roots: 3, leaves: 2 })).toThrow(
      /no more roots than leaves/,
    );
  });
});
