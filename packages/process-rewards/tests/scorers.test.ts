import {
  AbortedError,
  createTreeBuilder,
  EndpointError,
  InvalidInputError,
  leafId,
  parseInput,
  taskId,
  treeId,
  type NodeId,
  type Tree,
} from '@spark-rl/core';
import { z } from 'zod';

import { endpointScorer, functionScorer, type EndpointScorerOptions } from '../src/index.js';
import { json, startServer, type Behaviour } from './http-server.js';

function treeOf(ids: readonly string[]): Tree {
  const builder = createTreeBuilder(treeId('t'), {
    task: { id: taskId('task'), environment: 'e', split: 's', data: null },
    instruction: 'Find it.',
    observation: 'Start.',
    score: 0,
    settings: {},
  });
  for (const id of ids) {
    const dot = id.lastIndexOf('.');
    builder.addTurn({
      id: id as NodeId,
      parent: dot < 0 ? null : (id.slice(0, dot) as NodeId),
      index: id.split('.').length - 1,
      observation: dot < 0 ? 'Start.' : 'Next.',
      generation: {
        text: `does ${id}`,
        policyVersion: '0',
        finish: 'stop',
        promptTokens: Int32Array.of(),
        responseTokens: Int32Array.of(),
        logProbs: Float32Array.of(),
        cachedPromptTokens: 0,
      },
      response: { valid: true, mode: null, reasoning: '', action: 'a' },
      action: 'a',
      admissible: null,
      next: { observation: '', score: 0, status: 'running' },
      requestedWidth: 1,
      grantedWidth: 1,
    });
  }
  builder.addLeaf({
    id: leafId(ids.at(-1)!),
    tail: ids.at(-1) as NodeId,
    outcome: 'success',
    score: 1,
  });
  return builder.build({ limit: 1, used: 1, reserved: 0, failed: 0, free: 0 });
}

const tree = treeOf(['0', '0.0', '0.0.0', '0.1', '1']);

describe('functionScorer', () => {
  it('asks for every turn, with the path to it, and leaves out what the rule says nothing of', async () => {
    const scorer = functionScorer('depth', ({ path, turn }) =>
      turn.id === '1' ? undefined : path.length,
    );
    expect(scorer.id).toBe('depth');
    expect([...(await scorer.score(tree))]).toEqual([
      ['0', 1],
      ['0.0', 2],
      ['0.0.0', 3],
      ['0.1', 2],
    ]);
    const later = functionScorer('later', () => Promise.resolve(0.5));
    expect((await later.score(tree)).size).toBe(5);
  });

  it('names the turn whose score is no number, and stops when told', async () => {
    const broken = functionScorer('broken', ({ turn }) => (turn.id === '0.1' ? NaN : 0));
    await expect(broken.score(tree)).rejects.toThrow(/broken gave NaN for turn 0\.1 of tree t/);
    await expect(broken.score(tree)).rejects.toBeInstanceOf(InvalidInputError);
    const signal = AbortSignal.abort();
    await expect(functionScorer('f', () => 1).score(tree, { signal })).rejects.toThrow(
      AbortedError,
    );
  });
});

interface Body {
  readonly conversations: readonly { role: string; content: string }[][];
}
/** A score that can be foretold: how long the conversation is. */
const good: Behaviour = (_, body, response) =>
  json(response, { scores: (body as Body).conversations.map((each) => each.length) });

async function scoring(
  behaviour: Behaviour,
  options: Partial<EndpointScorerOptions> = {},
  signal?: AbortSignal,
) {
  const server = await startServer(behaviour);
  try {
    const scorer = endpointScorer({
      url: server.url,
      firstDelayMs: 1,
      longestDelayMs: 2,
      ...options,
    });
    const scores = await scorer.score(tree, signal === undefined ? {} : { signal });
    return { scores: [...scores], requests: server.requests() };
  } finally {
    await server.close();
  }
}

const expected = [
  ['0', 2],
  ['0.0', 4],
  ['0.0.0', 6],
  ['0.1', 4],
  ['1', 2],
];

describe('endpointScorer', () => {
  it('sends every turn as a chat, in batches, and puts the scores to their turns', async () => {
    const { scores, requests } = await scoring(
      (nth, body, response, request) => {
        const last = (body as Body).conversations[0]!;
        expect(last.map(({ role }) => role).slice(-2)).toEqual(['user', 'assistant']);
        expect(last[0]!.content).toBe('Find it.\n\nStart.');
        // The first batch answers last.
        setTimeout(() => good(nth, body, response, request), 20 - nth * 8);
      },
      { batchSize: 2 },
    );
    expect(scores).toEqual(expected);
    expect(requests).toBe(3);
  });

  it.each<[string, Behaviour]>([
    ['500s', (_, __, response) => json(response, {}, 500)],
    ['no JSON', (_, __, response) => response.end('score: 3')],
    ['too few scores', (_, __, response) => json(response, { scores: [1] })],
    [
      'what is no number',
      (_, __, response) => json(response, { scores: ['a', 'b', 'c', 'd', 'e'] }),
    ],
    ['dropped connections', (_, __, response) => response.destroy()],
  ])('gets through %s, and says so when it does not', async (_, bad) => {
    const { scores } = await scoring((nth, body, response, request) =>
      (nth === 0 ? bad : good)(nth, body, response, request),
    );
    expect(scores).toEqual(expected);
    await expect(scoring(bad, { tries: 2 })).rejects.toBeInstanceOf(EndpointError);
  });

  it('asks for no more once a batch has failed for good', async () => {
    let requests = 0;
    const failed = scoring(
      (_, __, response) => {
        requests++;
        json(response, {}, 404);
      },
      { batchSize: 1, concurrency: 1 },
    );
    await expect(failed).rejects.toMatchObject({ status: 404 });
    expect(requests).toBe(1);
  });

  it('speaks the form of other servers', async () => {
    const { scores } = await scoring(
      (_, body, response) => {
        expect(body).toEqual({ input: ['does 0', 'does 0.0', 'does 0.0.0', 'does 0.1', 'does 1'] });
        json(response, { data: [1, 2, 3, 4, 5].map((p) => ({ probs: [1 - p / 10, p / 10] })) });
      },
      {
        form: {
          request: (turns) => ({ input: turns.map(({ generation }) => generation.text) }),
          read: (answer) =>
            parseInput(
              z.object({ data: z.array(z.object({ probs: z.tuple([z.number(), z.number()]) })) }),
              answer,
              'answer',
            ).data.map(({ probs }) => probs[1]),
        },
      },
    );
    expect(scores).toEqual([
      ['0', 0.1],
      ['0.0', 0.2],
      ['0.0.0', 0.3],
      ['0.1', 0.4],
      ['1', 0.5],
    ]);
  });

  it('stops when told, and names a wrong option', async () => {
    const stop = new AbortController();
    await expect(scoring(() => stop.abort(), {}, stop.signal)).rejects.toThrow(AbortedError);
    expect(() => endpointScorer({ url: 'nowhere' })).toThrow(/url/);
    expect(() => endpointScorer({ url: 'http://x', batchSize: 0 })).toThrow(/batchSize/);
  });
});
