import { EndpointError } from '@spark-rl/core';

import {
  openaiCompatiblePolicy,
  TokenizerChangedError,
  type ServedPolicy,
  type ServedPolicyOptions,
} from '../src/index.js';
import { startVllmDouble, toyModel, type VllmDouble } from '../src/testing/index.js';
import { generations, isGeneration, quick, rejection, request } from './serving.js';

async function fleet<Result>(
  count: number,
  options: Partial<ServedPolicyOptions>,
  use: (policy: ServedPolicy, servers: readonly VllmDouble[]) => Promise<Result>,
): Promise<Result> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => startVllmDouble({ logprobsMode: 'processed_logprobs' })),
  );
  const policy = openaiCompatiblePolicy({
    preset: 'vllm',
    url: servers.map(({ url }) => url),
    ...quick,
    healthEveryMs: 20,
    ...options,
  });
  try {
    return await use(policy, servers);
  } finally {
    await policy.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const ask = (policy: ServedPolicy, tree: string, turn: number) =>
  policy.generate(request({ maxTokens: 4 }, { affinity: tree, key: [tree, turn] }));
const turns = [0, 1, 2, 3];
const trees = Array.from({ length: 8 }, (_, i) => `tree-${i}`);

/** Which of the servers answered for a tree, told by the seeds that were sent. */
const seedsOf = (server: VllmDouble): number[] =>
  generations(server).map(({ body }) => Number(body['seed']));

describe('several servers', () => {
  it('keep each tree with one of them, and share the trees', () =>
    fleet(3, {}, async (policy, servers) => {
      const seeds = new Map<string, Set<number>>();
      for (const turn of turns) {
        await Promise.all(
          trees.map(async (tree) => {
            await ask(policy, tree, turn);
          }),
        );
      }
      for (const [i, server] of servers.entries())
        for (const { body } of generations(server)) {
          const seed = String(body['seed']);
          seeds.set(seed, (seeds.get(seed) ?? new Set()).add(i));
        }
      // 8 trees on 3 servers: 3, 3 and 2, each with all its turns.
      expect(
        policy
          .servers()
          .map(({ trees: count }) => count)
          .sort(),
      ).toEqual([2, 3, 3]);
      expect(servers.map((server) => generations(server).length).sort((a, b) => a - b)).toEqual([
        8, 12, 12,
      ]);
      expect([...seeds.values()].every((where) => where.size === 1)).toBe(true);
    }));

  it('give a new tree to the one with the fewest tokens in flight', () =>
    fleet(2, {}, async (policy, servers) => {
      await ask(policy, 'a', 0);
      await ask(policy, 'b', 0);
      // The first server is kept busy with a long prompt.
      servers[0]!.fail((asked) => (isGeneration(asked) ? { kind: 'slow', ms: 300 } : undefined));
      const long = ask(policy, 'a', 1);
      while (policy.servers()[0]!.tokensInFlight === 0) await wait(1);
      await Promise.all(
        ['c', 'd', 'e'].map(async (tree) => {
          while (policy.servers()[1]!.tokensInFlight > 0) await wait(1);
          await ask(policy, tree, 0);
        }),
      );
      expect(policy.servers()[1]!.trees).toBe(4);
      await long;
    }));

  it('take over the trees of one that is gone, lose no call, and take it back when it is well', () =>
    fleet(2, {}, async (policy, servers) => {
      await Promise.all(trees.map((tree) => ask(policy, tree, 0)));
      let gone = true;
      servers[0]!.fail(() => (gone ? { kind: 'hang-up' } : undefined));
      await Promise.all(trees.map((tree) => ask(policy, tree, 1)));
      expect(policy.servers()[0]).toMatchObject({ status: 'down', trees: 0 });
      expect(policy.servers()[1]).toMatchObject({ status: 'up', trees: 8 });
      gone = false;
      while (policy.servers()[0]!.status !== 'up') await wait(10);
      // Trees stay where their prefixes are now; new ones come.
      await ask(policy, 'tree-0', 2);
      await ask(policy, 'new', 0);
      expect(policy.servers().map(({ trees: count }) => count)).toEqual([1, 8]);
    }));

  it('that come back with another tokenizer stay out', () =>
    fleet(2, {}, async (policy, servers) => {
      await Promise.all(trees.map((tree) => ask(policy, tree, 0)));
      let gone = true;
      servers[0]!.fail(() => (gone ? { kind: 'hang-up' } : undefined));
      await Promise.all(trees.map((tree) => ask(policy, tree, 1)));
      servers[0]!.restart(toyModel({ tokenizer: 5 }));
      gone = false;
      while (policy.servers()[0]!.status === 'down') await wait(10);
      expect(policy.servers()[0]!.status).toBe('refused');
      await Promise.all(trees.map((tree) => ask(policy, tree, 2)));
    }));

  it('with different tokenizers are told apart before anything is sampled', async () => {
    const servers = [
      await startVllmDouble({ logprobsMode: 'processed_logprobs' }),
      await startVllmDouble({
        model: toyModel({ tokenizer: 5 }),
        logprobsMode: 'processed_logprobs',
      }),
    ] as const;
    const policy = openaiCompatiblePolicy({
      preset: 'vllm',
      url: servers.map(({ url }) => url),
      ...quick,
    });
    const settled = await Promise.allSettled(trees.map((tree) => ask(policy, tree, 0)));
    const failed = settled.filter((each) => each.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    for (const { reason } of failed) expect(reason).toBeInstanceOf(TokenizerChangedError);
    expect(Math.min(...servers.map((server) => generations(server).length))).toBe(0);
    await policy.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  it('pass a call on while its own asks for a long pause, but keep the tree', () =>
    fleet(2, { patienceMs: 50 }, async (policy, servers) => {
      await ask(policy, 'a', 0);
      servers[0]!.fail((asked) =>
        isGeneration(asked)
          ? { kind: 'status', status: 429, headers: { 'retry-after-ms': '600' } }
          : undefined,
      );
      await ask(policy, 'a', 1);
      await ask(policy, 'a', 2);
      expect(seedsOf(servers[0]!)).toHaveLength(2);
      expect(seedsOf(servers[1]!)).toHaveLength(2);
      servers[0]!.fail(() => undefined);
      await wait(650);
      await ask(policy, 'a', 3);
      expect(seedsOf(servers[0]!)).toHaveLength(3);
    }));

  it('that are all gone end calls with a typed error, and are found again', () =>
    fleet(2, { tries: 3, healthEveryMs: 1_000_000 }, async (policy, servers) => {
      for (const server of servers) server.fail(() => ({ kind: 'hang-up' }));
      expect(await rejection(ask(policy, 'a', 0))).toBeInstanceOf(EndpointError);
      for (const server of servers) server.fail(() => undefined);
      expect((await ask(policy, 'a', 1)).responseTokens.length).toBeGreaterThan(0);
    }));

  it('serve prefixes from the cache of the one that a tree stays with', () =>
    fleet(3, {}, async (policy) => {
      const tokens = new Int32Array(320).fill(6);
      const cached: number[] = [];
      for (const turn of turns)
        for (const tree of trees.slice(0, 3)) {
          tokens.fill(6 + Number(tree.slice(-1)));
          const prompt = { kind: 'transcript', segments: [{ tokens: tokens.slice() }] } as const;
          const response = await policy.generate(
            request({ maxTokens: 2 }, { prompt, affinity: tree, key: [tree, turn] }),
          );
          if (turn > 0) cached.push(response.cachedPromptTokens);
        }
      expect(cached).toEqual(Array(9).fill(304));
    }));

  it('that are all down are waited for: a try at another one that is down is no help', () =>
    fleet(2, { firstDelayMs: 200, healthEveryMs: 1_000_000 }, async (policy, servers) => {
      let tried = 0;
      // Both are back when every one of them was tried and something was waited for.
      let back = false;
      for (const server of servers)
        server.fail(() => {
          if (back) return undefined;
          if (++tried === 2) setTimeout(() => (back = true), 60);
          return { kind: 'hang-up' };
        });
      expect((await ask(policy, 'a', 0)).responseTokens.length).toBeGreaterThan(0);
    }));

  it('are left by the calls that wait in the queue of one that hangs', () =>
    fleet(
      2,
      { concurrency: 1, healthEveryMs: 1_000_000, limits: { headersMs: 300 } },
      async (policy, servers) => {
        await ask(policy, 'a', 0);
        servers[0]!.fail(() => ({ kind: 'slow', ms: 2_000 }));
        await Promise.all([1, 2, 3, 4].map((turn) => ask(policy, 'a', turn)));
        // One found out, the others did not try.
        expect(generations(servers[0]!)).toHaveLength(2);
        expect(generations(servers[1]!)).toHaveLength(4);
      },
    ));
});
