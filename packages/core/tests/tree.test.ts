import fc from 'fast-check';

import {
  childId,
  childrenOf,
  completedLeaves,
  createTreeBuilder,
  eventFromJson,
  eventToJson,
  leafFromJson,
  leafId,
  leafToJson,
  leavesBelow,
  pathTo,
  rootId,
  taskId,
  treeFromJson,
  treeId,
  treeToJson,
  turnFromJson,
  turnToJson,
  type JsonValue,
  type Leaf,
  type NodeId,
  type Tree,
  type TreeEvent,
  type TreeOpening,
  type Turn,
} from '../src/index.js';

const opening: TreeOpening = {
  task: { id: taskId('t'), environment: 'e', split: 'train', data: { b: 1, a: [null] } },
  instruction: 'go',
  observation: 'start',
  score: 0,
  settings: { leaves: 8 },
};

const turn = (id: string, overrides: Partial<Turn> = {}): Turn => ({
  id: id as NodeId,
  parent: id.includes('.') ? (id.slice(0, id.lastIndexOf('.')) as NodeId) : null,
  index: id.split('.').length - 1,
  observation: 'o',
  generation: {
    text: 'r',
    policyVersion: 'v1',
    finish: 'stop',
    promptTokens: Int32Array.of(1, 2),
    responseTokens: Int32Array.of(3),
    logProbs: Float32Array.of(-0.5),
    cachedPromptTokens: 0,
  },
  response: { valid: true, mode: 'think', reasoning: '', action: 'a' },
  action: 'a',
  admissible: null,
  next: { observation: 'n', score: 0, status: 'running' },
  requestedWidth: 1,
  grantedWidth: 1,
  ...overrides,
});

const leaf = (id: string, overrides: Partial<Leaf> = {}): Leaf => ({
  id: leafId(id),
  tail: id as NodeId,
  outcome: 'success',
  score: 1,
  ...overrides,
});

const account = { limit: 8, used: 3, reserved: 0, failed: 1, free: 4 };

/** Root 0 forks into 0.0 and 0.1; root 1 is a chain; root 2 failed before its first turn. */
const smallTree = (): Tree => {
  const builder = createTreeBuilder(treeId('tree'), opening);
  for (const added of [turn('1'), turn('0', { grantedWidth: 2 }), turn('0.1'), turn('0.0')])
    builder.addTurn(added);
  builder.addLeaf(leaf('2', { tail: null, outcome: 'failed', error: 'lost' }));
  builder.addLeaf(leaf('0.1', { outcome: 'failure' }));
  builder.addLeaf(leaf('1'));
  builder.addLeaf(leaf('0.0'));
  return builder.build(account);
};

describe('the tree builder', () => {
  it('puts turns and leaves in the order of their paths', () => {
    const tree = smallTree();
    expect([...tree.turns.keys()]).toEqual(['0', '0.0', '0.1', '1']);
    expect(tree.leaves.map(({ id }) => id)).toEqual(['0.0', '0.1', '1', '2']);
  });

  it('refuses a turn without its parent, an id used twice, and a leaf at no turn', () => {
    const builder = createTreeBuilder(treeId('tree'), opening);
    expect(() => builder.addTurn(turn('0.0'))).toThrow('add parents first');
    builder.addTurn(turn('0'));
    expect(() => builder.addTurn(turn('0'))).toThrow('every node id may be used once');
    expect(() => builder.addLeaf(leaf('1'))).toThrow('ends at 1, which is not in the tree');
    builder.addLeaf(leaf('0'));
    expect(() => builder.addLeaf(leaf('0'))).toThrow('every leaf id may be used once');
  });

  it('builds a copy: the builder may go on', () => {
    const builder = createTreeBuilder(treeId('tree'), opening);
    builder.addTurn(turn('0'));
    const early = builder.build(account);
    builder.addTurn(turn('1'));
    expect(early.turns.size).toBe(1);
  });
});

describe('walks over a tree', () => {
  it('finds paths, children and the group', () => {
    const tree = smallTree();
    expect(pathTo(tree, childId(rootId(0), 1)).map(({ id }) => id)).toEqual(['0', '0.1']);
    expect(() => pathTo(tree, rootId(7))).toThrow('node 7 is not in the tree');
    expect(childrenOf(tree, tree.turns.get(rootId(0))!).map(({ id }) => id)).toEqual([
      '0.0',
      '0.1',
    ]);
    expect(childrenOf(tree, tree.turns.get(rootId(1))!)).toEqual([]);
    expect(completedLeaves(tree).map(({ id }) => id)).toEqual(['0.0', '0.1', '1']);
  });

  it('lists the completed leaves below each turn', () => {
    const below = leavesBelow(smallTree());
    const ids = [...below].map(([id, leaves]) => [id, leaves.map((item) => item.id)]);
    expect(ids).toEqual([
      ['0', ['0.0', '0.1']],
      ['0.0', ['0.0']],
      ['0.1', ['0.1']],
      ['1', ['1']],
    ]);
  });
});

const finite = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (value === 0 ? 0 : value));
const observations = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(
    fc.oneof(
      fc.record({ type: fc.constant('text' as const), text: fc.string() }),
      fc.record({
        type: fc.constant('image' as const),
        mediaType: fc.constant('image/png'),
        base64: fc.string(),
      }),
    ),
  ),
);
const statuses = fc.constantFrom('running', 'success', 'failure', 'truncated' as const);

const generations = fc
  .record(
    {
      responseTokens: fc.int32Array({ maxLength: 8 }),
      promptTokens: fc.int32Array({ maxLength: 8 }),
      text: fc.string({ unit: 'binary' }),
      policyVersion: fc.string(),
      finish: fc.constantFrom('stop', 'length', 'aborted' as const),
      withEntropies: fc.boolean(),
      withLogKept: fc.boolean(),
      topLogProbs: fc.array(
        fc.array(fc.record({ token: fc.nat(), logProb: fc.oneof(finite, fc.constant(-Infinity)) })),
      ),
    },
    { requiredKeys: ['responseTokens', 'promptTokens', 'text', 'policyVersion', 'finish'] },
  )
  .map(({ withEntropies, withLogKept, ...rest }) => ({
    ...rest,
    logProbs: Float32Array.from(rest.responseTokens, (token) => -Math.abs(Math.fround(token / 3))),
    ...(withEntropies && { entropies: Float32Array.from(rest.responseTokens, () => 0.25) }),
    // A greedy draw that a constraint changed kept a probability of 0.
    ...(withLogKept && {
      logKept: Float32Array.from(rest.responseTokens, (_, i) => (i === 1 ? -Infinity : -0.5)),
    }),
    cachedPromptTokens: 0,
  }));

/** A turn that stands at `id`. */
const turnsAt = (id: string): fc.Arbitrary<Turn> =>
  fc.record({
    id: fc.constant(id as NodeId),
    parent: fc.constant(turn(id).parent),
    index: fc.constant(turn(id).index),
    observation: observations,
    generation: generations,
    response: fc.record(
      {
        valid: fc.boolean(),
        reason: fc.string(),
        mode: fc.option(fc.string()),
        reasoning: fc.string(),
        action: fc.string(),
      },
      { requiredKeys: ['valid', 'mode', 'reasoning', 'action'] },
    ),
    action: fc.string(),
    admissible: fc.option(fc.boolean()),
    next: fc.record({ observation: observations, score: finite, status: statuses }),
    requestedWidth: fc.integer({ min: 1, max: 4 }),
    grantedWidth: fc.integer({ min: 1, max: 4 }),
  });

const leavesAt = (id: string): fc.Arbitrary<Leaf> =>
  fc.record(
    {
      id: fc.constant(leafId(id)),
      tail: fc.constantFrom(null, turn(id).parent),
      outcome: fc.constantFrom('success', 'failure', 'truncated', 'failed' as const),
      score: finite,
      error: fc.string(),
    },
    { requiredKeys: ['id', 'tail', 'outcome', 'score'] },
  );

const jsonValues = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const openings: fc.Arbitrary<TreeOpening> = fc.record({
  task: fc.record(
    {
      id: fc.string().map(taskId),
      environment: fc.string(),
      split: fc.string(),
      kind: fc.string(),
      data: jsonValues,
    },
    { requiredKeys: ['id', 'environment', 'split', 'data'] },
  ),
  instruction: fc.string(),
  observation: observations,
  score: finite,
  settings: fc.dictionary(fc.string(), jsonValues),
});
const accounts = fc
  .tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9))
  .map(([used, reserved, failed, free]) => ({
    limit: used + reserved + failed + free,
    used,
    reserved,
    failed,
    free,
  }));

const trees: fc.Arbitrary<Tree> = fc
  .uniqueArray(fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }), {
    selector: (path) => path.join('.'),
    maxLength: 6,
  })
  .map((paths) => {
    // Every prefix of a path is a turn too.
    const ids = new Set<string>();
    for (const path of paths) path.forEach((_, i) => ids.add(path.slice(0, i + 1).join('.')));
    return [...ids].sort((a, b) => a.split('.').length - b.split('.').length);
  })
  .chain((ids) =>
    fc.tuple(
      openings,
      accounts,
      fc.tuple(...ids.map(turnsAt)),
      fc.tuple(...ids.map((id) => leavesAt(`${id}.99`))),
    ),
  )
  .map(([head, ledger, turns, leaves]) => {
    const builder = createTreeBuilder(treeId('x'), head);
    turns.forEach(builder.addTurn);
    leaves.forEach(builder.addLeaf);
    return builder.build(ledger);
  });

const throughText = (value: JsonValue): unknown => JSON.parse(JSON.stringify(value));

describe('JSON', () => {
  it('gives every tree back as it was', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const again = treeFromJson(throughText(treeToJson(tree)), 'tree');
        expect(again).toEqual(tree);
        expect([...again.turns.keys()]).toEqual([...tree.turns.keys()]);
        expect(JSON.stringify(treeToJson(again))).toBe(JSON.stringify(treeToJson(tree)));
      }),
    );
  });

  it('gives every turn, leaf and event back as it was', () => {
    const id = treeId('x');
    const events: fc.Arbitrary<TreeEvent> = fc.oneof(
      openings.map((head): TreeEvent => ({ type: 'tree', tree: id, opening: head })),
      turnsAt('0.1').map((item): TreeEvent => ({ type: 'turn', tree: id, turn: item })),
      leavesAt('0.1').map((item): TreeEvent => ({ type: 'leaf', tree: id, leaf: item })),
      accounts.map((item): TreeEvent => ({ type: 'end', tree: id, account: item })),
    );
    fc.assert(
      fc.property(events, turnsAt('3.0'), leavesAt('3.0'), (event, someTurn, someLeaf) => {
        expect(eventFromJson(throughText(eventToJson(event)), 'event')).toEqual(event);
        expect(turnFromJson(throughText(turnToJson(someTurn)), 'turn')).toEqual(someTurn);
        expect(leafFromJson(throughText(leafToJson(someLeaf)), 'leaf')).toEqual(someLeaf);
      }),
    );
  });

  it('writes equal trees as equal bytes: the order of keys and of growth does not show', () => {
    const build = (order: readonly string[], data: JsonValue): string => {
      const { task, ...rest } = opening;
      const builder = createTreeBuilder(treeId('x'), { ...rest, task: { ...task, data } });
      for (const id of order) builder.addTurn({ ...turn(id) });
      for (const id of order) builder.addLeaf(leaf(id));
      return JSON.stringify(treeToJson(builder.build(account)));
    };
    expect(build(['0', '1', '0.0'], { a: { y: 1, x: 2 }, b: 0 })).toBe(
      build(['1', '0', '0.0'], { b: 0, a: { x: 2, y: 1 } }),
    );
  });

  it('leaves out how much of a prompt was cached: that depends on who asked first', () => {
    const cached = turn('0', { generation: { ...turn('0').generation, cachedPromptTokens: 2 } });
    expect(JSON.stringify(turnToJson(cached))).toBe(JSON.stringify(turnToJson(turn('0'))));
    expect(turnFromJson(turnToJson(cached), 'turn').generation.cachedPromptTokens).toBe(0);
  });

  /** A tree's JSON, as far as the cases below reach into it. */
  interface Written {
    version: number;
    turns: {
      id: string;
      parent: string | null;
      index: number;
      next: Record<string, unknown>;
      generation: Record<'logProbs' | 'promptTokens', { type: string; base64: string }>;
    }[];
    leaves: { tail: string }[];
    account: Record<string, number>;
  }

  const broken = (change: (json: Written) => void): unknown => {
    const json = throughText(treeToJson(smallTree())) as Written;
    change(json);
    return json;
  };

  it.each<[string, (json: Written) => unknown, RegExp]>([
    ['another version', (json) => (json.version = 2), /^f\.json: version: /],
    ['a turn twice', (json) => json.turns.push(json.turns[0]!), /every node id may be used once/],
    ['a missing parent', (json) => json.turns.shift(), /add parents first/],
    ['a wrong parent', (json) => (json.turns[1]!.parent = '1'), /turn 0\.0 has parent 1/],
    ['a wrong index', (json) => (json.turns[1]!.index = 3), /index 3, which its id denies/],
    ['a leaf at no turn', (json) => (json.leaves[0]!.tail = '5'), /ends at 5/],
    ['an unbalanced account', (json) => (json.account['free'] = 9), /used \+ reserved/],
    [
      'a status of another world',
      (json) => (json.turns[0]!.next['status'] = 'won'),
      /turns\.0\.next\.status/,
    ],
    [
      'a score that is no number',
      (json) => (json.turns[0]!.next['score'] = null),
      /turns\.0\.next\.score/,
    ],
    [
      'base64 that is none',
      (json) => (json.turns[0]!.generation.logProbs.base64 = '!'),
      /logProbs/,
    ],
    [
      'half a number',
      (json) => (json.turns[0]!.generation.logProbs.base64 = 'AAA='),
      /multiple of 4/,
    ],
    [
      'a float for an int',
      (json) => (json.turns[0]!.generation.promptTokens.type = 'float32'),
      /promptTokens\.type/,
    ],
    [
      'too few log-probabilities',
      (json) => (json.turns[0]!.generation.logProbs.base64 = ''),
      /as many logProbs/,
    ],
    ['an id that is no path', (json) => (json.turns[0]!.id = '0.01'), /expected a path/],
  ])('refuses %s, and says where', (_, change, message) => {
    expect(() => treeFromJson(broken(change), 'f.json')).toThrow(message);
  });
});
