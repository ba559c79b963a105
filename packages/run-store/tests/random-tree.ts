import {
  childId,
  leafId,
  randomSource,
  rootId,
  taskId,
  treeId,
  type NodeId,
  type TreeEvent,
  type TreeId,
  type Turn,
} from '@spark-rl/core';

const WORDS = ['öffne', '開ける', '🗝️ key', 'a\u2028b', '"quoted"', 'plain\nlines', '', 'go'];

/** The events of a random tree, in an order in which they may have happened: no turn before its parent, the end last. */
export function randomTreeEvents(seed: number, id: TreeId = treeId('task/one')): TreeEvent[] {
  const random = randomSource(['random tree', seed]);
  const tokens = (count: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.integer(50_000) - 1);
  const turn = (node: NodeId, parent: Turn | null): Turn => {
    const responseTokens = tokens(1 + random.integer(4));
    const before = parent?.generation;
    const added = tokens(random.integer(4));
    // Mostly an append-only transcript, which is stored shortened; sometimes a prompt that begins anew.
    const promptTokens =
      before === undefined || random.uniform() < 0.2
        ? added
        : Int32Array.from([...before.promptTokens, ...before.responseTokens, ...added]);
    return {
      id: node,
      parent: parent?.id ?? null,
      index: node.split('.').length - 1,
      observation: random.pick(WORDS),
      generation: {
        text: random.pick(WORDS),
        policyVersion: '0',
        finish: 'stop',
        promptTokens,
        responseTokens,
        logProbs: Float32Array.from(responseTokens, () => -random.uniform()),
        cachedPromptTokens: 0,
      },
      response: { valid: true, mode: 'think', reasoning: random.pick(WORDS), action: 'go' },
      action: 'go',
      admissible: random.pick([true, false, null]),
      next: { observation: random.pick(WORDS), score: random.uniform(), status: 'running' },
      requestedWidth: 2,
      grantedWidth: 1 + random.integer(2),
    };
  };
  const events: TreeEvent[] = [
    {
      type: 'tree',
      tree: id,
      opening: {
        task: { id: taskId('one'), environment: 'test', split: 'train', data: { a: [2], b: 1 } },
        instruction: random.pick(WORDS),
        observation: random.pick(WORDS),
        score: 0,
        settings: { policy: 'test', seed: [seed] },
      },
    },
  ];
  let used = 0;
  let failed = 0;
  const open: { readonly node: NodeId; readonly parent: Turn | null }[] = [0, 1].map((i) => ({
    node: rootId(i),
    parent: null,
  }));
  for (let round = 0; open.length > 0 && events.length < 14; round++) {
    const [{ node, parent }] = open.splice(random.integer(open.length), 1) as [
      { node: NodeId; parent: Turn | null },
    ];
    if (random.uniform() < 0.15) {
      failed++;
      const leaf = { id: leafId(node), tail: parent?.id ?? null, outcome: 'failed', score: 0 };
      const lost = {
        ...leaf,
        outcome: 'failed',
        error: 'no connection',
        lostTo: 'policy',
      } as const;
      events.push({ type: 'leaf', tree: id, leaf: lost });
      continue;
    }
    const taken = turn(node, parent);
    events.push({ type: 'turn', tree: id, turn: taken });
    if (random.uniform() < 0.4) {
      used++;
      const leaf = { id: leafId(node), tail: node, outcome: 'success', score: 1 } as const;
      events.push({ type: 'leaf', tree: id, leaf });
      if (open.length > 0) continue;
      events.push({ type: 'expand', tree: id, node, round, children: 1 });
      open.push({ node: childId(node, 0), parent: taken });
      continue;
    }
    for (let i = 0; i < taken.grantedWidth; i++)
      open.push({ node: childId(node, i), parent: taken });
  }
  const free = 40 - used - failed;
  const account = { limit: 40, used, reserved: 0, failed, free };
  const tokensUsed = { limit: 10, used: 10, reserved: 0, failed: 0, free: 0 };
  events.push({ type: 'end', tree: id, account, resources: { tokens: tokensUsed } });
  return events;
}
