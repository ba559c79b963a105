import { randomSource, type GenerationRequest } from '@spark-rl/core';
import {
  openaiCompatiblePolicy,
  openCassette,
  type ServedPolicy,
  type ServedPolicyStats,
} from '@spark-rl/openai-compatible-policy';
import { startDouble, startVllmDouble } from '@spark-rl/openai-compatible-policy/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';

import { median } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

const CONCURRENCY = 32;
const CALLS = 1_000;
const ROUNDS = 3;
const PROMPT_TOKENS = 1_000;
const RESPONSE_TOKENS = 100;

/** A server that answers the same at once, in vLLM's form: what is measured is the way there and back. */
async function startEcho() {
  const ids = Array.from({ length: RESPONSE_TOKENS }, (_, i) => i);
  return startDouble(({ path, body }) => {
    if (path !== '/v1/completions') return { status: 404, text: '' };
    const prompt = body['prompt'] as readonly number[];
    return {
      json: {
        choices: [
          {
            index: 0,
            text: 'response',
            finish_reason: 'length',
            token_ids: ids,
            prompt_token_ids: prompt,
            logprobs: {
              tokens: ids.map((id) => `word${id}`),
              token_logprobs: ids.map((id) => -id / 10),
              top_logprobs: ids.map(() => null),
            },
          },
        ],
        usage: {
          prompt_tokens: prompt.length,
          completion_tokens: RESPONSE_TOKENS,
          prompt_tokens_details: { cached_tokens: 0 },
        },
      },
    };
  });
}

const tokens = Int32Array.from({ length: PROMPT_TOKENS }, (_, i) => (i * 7919) % 32_000);

const requestOf = (i: number): GenerationRequest => ({
  prompt: { kind: 'transcript', segments: [{ tokens }] },
  sampling: { temperature: 1, maxTokens: RESPONSE_TOKENS },
  key: ['bench', i],
  affinity: `tree-${i % 16}`,
});

/** What a bare loop over undici sends for the same call. */
const bodyOf = (i: number): string =>
  JSON.stringify({
    model: 'toy',
    prompt: [...tokens],
    max_tokens: RESPONSE_TOKENS,
    temperature: 1,
    top_p: 1,
    top_k: -1,
    min_p: 0,
    seed: i,
    logprobs: 0,
    return_token_ids: true,
  });

interface Timing {
  readonly perSecond: number;
  /** Processor time of a call, both ends, ms. */
  readonly cpuMs: number;
}

/** Makes `calls` calls, `concurrency` at once. */
async function drive(
  calls: number,
  concurrency: number,
  call: (i: number) => Promise<unknown>,
): Promise<Timing> {
  let next = 0;
  const before = process.cpuUsage();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < calls) await call(next++);
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: calls / seconds, cpuMs: (user + system) / 1000 / calls };
}

/** Contenders in turn, a round each, so that what else the machine does meets all of them. */
async function inTurn(
  contenders: readonly ((i: number) => Promise<unknown>)[],
  calls: number,
  concurrency: number,
): Promise<readonly Timing[]> {
  const rounds: Timing[][] = contenders.map(() => []);
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, call] of contenders.entries()) {
      const timing = await drive(calls, concurrency, call);
      // The first round warms up.
      if (round > 0) rounds[i]!.push(timing);
    }
  return rounds.map((timings) => ({
    perSecond: median(timings.map(({ perSecond }) => perSecond)),
    cpuMs: median(timings.map(({ cpuMs }) => cpuMs)),
  }));
}

async function throughput(): Promise<readonly BenchRow[]> {
  const server = await startEcho();
  const pool = new Pool(server.url, { connections: CONCURRENCY, pipelining: 1 });
  const folder = mkdtempSync(join(tmpdir(), 'bench-served-'));
  const path = join(folder, 'calls.jsonl');
  const policy = openaiCompatiblePolicy({
    preset: 'vllm',
    model: 'toy',
    url: server.url,
    concurrency: CONCURRENCY,
  });
  const bare = async (i: number): Promise<unknown> => {
    const { body } = await pool.request({
      path: '/v1/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodyOf(i),
    });
    return body.json();
  };
  const [ours, theirs] = (await inTurn(
    [(i) => policy.generate(requestOf(i)), bare],
    CALLS,
    CONCURRENCY,
  )) as [Timing, Timing];
  const [oursAlone, theirsAlone] = (await inTurn(
    [(i) => policy.generate(requestOf(i)), bare],
    300,
    1,
  )) as [Timing, Timing];
  await policy.close();

  const record = openaiCompatiblePolicy({
    preset: 'vllm',
    model: 'toy',
    url: server.url,
    concurrency: CONCURRENCY,
    cassette: await openCassette({ path, mode: 'record' }),
  });
  await drive(CALLS, CONCURRENCY, (i) => record.generate(requestOf(i)));
  await record.close();
  const replay = openaiCompatiblePolicy({
    preset: 'vllm',
    model: 'toy',
    cassette: await openCassette({ path, mode: 'replay' }),
  });
  const [replayed] = (await inTurn([(i) => replay.generate(requestOf(i))], CALLS, CONCURRENCY)) as [
    Timing,
  ];
  await replay.close();
  await pool.close();
  await server.close();
  rmSync(folder, { recursive: true });
  const peer = 'bare undici loop';
  return [
    benchRow({
      metric: `requests per second, ${CONCURRENCY} at once`,
      value: ours.perSecond,
      unit: 'requests/s',
      better: 'higher',
      peer,
      peerValue: theirs.perSecond,
    }),
    benchRow({
      metric: 'processor time of a request, both ends',
      value: ours.cpuMs,
      unit: 'ms',
      better: 'lower',
      peer,
      peerValue: theirs.cpuMs,
    }),
    benchRow({
      metric: 'latency of a request, one at once',
      value: 1000 / oursAlone.perSecond,
      unit: 'ms',
      better: 'lower',
      peer,
      peerValue: 1000 / theirsAlone.perSecond,
    }),
    benchRow({
      metric: `requests per second from a cassette`,
      value: replayed.perSecond,
      unit: 'requests/s',
      better: 'higher',
      peer,
      peerValue: theirs.perSecond,
    }),
  ];
}

const SERVERS = 4;
const TREES = 32;
const TURNS = 12;
/** New tokens that a turn adds to its path's prompt. */
const TURN_TOKENS = 80;
/** How many blocks of 16 tokens a server's cache holds: its share of the trees, with room to spare. */
const CACHE_BLOCKS = 2_000;

/** Grows trees: two roots each, and after a third of the turns both fork. */
async function growTrees(policyOf: (call: number) => ServedPolicy): Promise<void> {
  let call = 0;
  const grow = async (tree: number): Promise<void> => {
    const start = Array.from({ length: 400 }, (_, i) => (tree * 31 + i * 17) % 250);
    const paths: number[][] = [[...start], [...start]];
    for (let turn = 0; turn < TURNS; turn++) {
      if (turn === TURNS / 3) paths.push([...paths[0]!], [...paths[1]!]);
      await Promise.all(
        paths.map(async (path, i) => {
          await policyOf(call++).generate({
            prompt: { kind: 'transcript', segments: [{ tokens: Int32Array.from(path) }] },
            sampling: { temperature: 1, maxTokens: 1 },
            key: [tree, turn, i],
            affinity: `tree-${tree}`,
          });
          for (let t = 0; t < TURN_TOKENS; t++) path.push((tree + turn * 7 + i * 13 + t) % 250);
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: TREES }, (_, tree) => grow(tree)));
}

async function routing(): Promise<readonly BenchRow[]> {
  const share = async (
    spread: (policies: readonly ServedPolicy[], call: number) => ServedPolicy,
    one: boolean,
  ): Promise<number> => {
    const servers = await Promise.all(
      Array.from({ length: SERVERS }, () =>
        startVllmDouble({ cacheBlocks: CACHE_BLOCKS, maxModelLen: 8192 }),
      ),
    );
    const urls = servers.map(({ url }) => url);
    const policies = (one ? [urls] : urls).map((url) =>
      openaiCompatiblePolicy({ preset: 'vllm', model: 'toy', url }),
    );
    await growTrees((call) => spread(policies, call));
    const stats = policies.map((policy) => policy.stats());
    const sum = (of: (one: ServedPolicyStats) => number): number =>
      stats.reduce((total, each) => total + of(each), 0);
    await Promise.all(policies.map((policy) => policy.close()));
    await Promise.all(servers.map((server) => server.close()));
    return (
      (100 * sum(({ cachedPromptTokens }) => cachedPromptTokens)) /
      sum(({ promptTokens }) => promptTokens)
    );
  };
  const sticky = await share(([policy]) => policy!, true);
  const random = await share(
    (policies, call) => randomSource(['bench', 'route', call]).pick(policies),
    false,
  );
  return [
    benchRow({
      metric: `prompt tokens from prefix caches, ${SERVERS} servers`,
      value: sticky,
      unit: '%',
      better: 'higher',
      peer: 'a random server for each call',
      peerValue: random,
    }),
  ];
}

/** What the served policy costs beside a bare loop, and what it saves that trees stay with their servers. */
export async function benchServed(): Promise<readonly BenchRow[]> {
  return [...(await throughput()), ...(await routing())];
}
