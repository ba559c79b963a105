import { AbortedError, type Policy } from '@spark-rl/core';

import { startDouble, startVllmDouble, toyModel, type VllmDouble } from '../src/testing/index.js';
import { openaiCompatiblePolicy } from '../src/served-policy.js';
import { disagreement } from '../src/weights/agree.js';
import type { AdapterProbe, AdapterServer } from '../src/weights/adapter-server.js';
import { servedWeights } from '../src/weights/served-weights.js';
import { sglangAdapters } from '../src/weights/sglang-adapters.js';
import { vllmAdapters } from '../src/weights/vllm-adapters.js';
import { WeightsError } from '../src/weights/weights-error.js';

const KEY = 'sk-canary-1234567890';
const folderOf = (version: string): string => `/adapters/${version}`;

let doubles: VllmDouble[];
beforeEach(async () => {
  doubles = [await startVllmDouble({ apiKey: KEY }), await startVllmDouble({ apiKey: KEY })];
});
afterEach(() => Promise.all(doubles.map((double) => double.close())));

const quick = { apiKey: KEY, tries: 2, firstDelayMs: 1, longestDelayMs: 2, timeoutMs: 300 };
const serverOf = ({ url }: { readonly url: string }): AdapterServer =>
  vllmAdapters({ url, ...quick });
const weightsOf = (onVersion?: (version: string) => void, more: object = {}) =>
  servedWeights({
    servers: doubles.map(serverOf),
    prefix: 'run-1',
    ...(onVersion !== undefined && { onVersion }),
    ...more,
  });
const loaded = (): string[][] => doubles.map(({ adapters }) => [...adapters.keys()]);

/** What a promise throws. */
const errorOf = (promise: Promise<unknown>): Promise<WeightsError> =>
  promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (cause: unknown) => cause as WeightsError,
  );

describe('servedWeights', () => {
  it('loads under a new name everywhere, moves on, and keeps the last two', async () => {
    const versions: string[] = [];
    const weights = weightsOf((version) => versions.push(version));
    expect(weights.version()).toBeNull();
    for (let i = 0; i < 3; i++) await weights.publish(folderOf);
    expect(versions).toEqual(['run-1-v000001', 'run-1-v000002', 'run-1-v000003']);
    expect(weights.version()).toBe('run-1-v000003');
    expect(loaded()).toEqual(Array(2).fill(['run-1-v000002', 'run-1-v000003']));
    expect(doubles[0]!.adapters.get('run-1-v000003')).toBe('/adapters/run-1-v000003');
  });

  it('stamps the turns of a served policy with the version that sampled them', async () => {
    const policy = openaiCompatiblePolicy({
      url: doubles.map(({ url }) => url),
      apiKey: KEY,
      preset: 'vllm',
      model: 'toy',
    });
    const weights = weightsOf((version) => policy.use({ model: version, version }));
    const versionOf = async (of: Policy): Promise<string> => {
      const { policyVersion } = await of.generate({
        prompt: { kind: 'transcript', segments: [{ text: 'go' }] },
        sampling: { temperature: 1, maxTokens: 3 },
        key: ['k'],
        affinity: 'a',
      });
      return policyVersion;
    };
    expect(await versionOf(policy)).toBe('toy');
    await weights.publish(folderOf);
    expect(await versionOf(policy)).toBe('run-1-v000001');
    const asked = doubles.flatMap(({ requests }) => requests);
    expect(
      asked.filter(({ body }) => body['model'] === 'run-1-v000001' && body['seed'] !== undefined),
    ).toHaveLength(1);
    await policy.close();
  });

  it.each([
    ['cannot load it', '/v1/load_lora_adapter'],
    ['cannot generate with it', '/v1/completions'],
  ])('rolls all back when one server %s, and never uses the name again', async (_, broken) => {
    const versions: string[] = [];
    const weights = weightsOf((version) => versions.push(version));
    await weights.publish(folderOf);
    doubles[1]!.fail(({ path }) =>
      path === broken
        ? { kind: 'status', status: 500, body: `{"error": "no room, ${KEY}"}` }
        : undefined,
    );
    const error = await errorOf(weights.publish(folderOf));
    expect(error).toBeInstanceOf(WeightsError);
    expect(error).toMatchObject({
      attempted: 'run-1-v000002',
      serving: 'run-1-v000001',
      leftOn: [],
      message: expect.stringMatching(
        /run-1-v000002 is not served.*answered 500: no room/,
      ) as string,
    });
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(KEY);
    expect(weights.version()).toBe('run-1-v000001');
    expect(loaded()).toEqual(Array(2).fill(['run-1-v000001']));
    doubles[1]!.fail(() => undefined);
    expect(await weights.publish(folderOf)).toBe('run-1-v000003');
    expect(versions).toEqual(['run-1-v000001', 'run-1-v000003']);
  });

  it('drops what a server loaded although its answer never came', async () => {
    const weights = weightsOf();
    let obeyed = 0;
    doubles[1]!.fail(({ path }) =>
      path === '/v1/load_lora_adapter' && obeyed++ === 0 ? { kind: 'slow', ms: 900 } : undefined,
    );
    const error = await errorOf(weights.publish(folderOf));
    expect(error.message).toMatch(/did not answer within 300 ms/);
    expect(loaded()).toEqual([[], []]);
    expect(await weights.publish(folderOf)).toBe('run-1-v000002');
  });

  it('tells who may still hold it, and has it dropped the next time', async () => {
    const weights = weightsOf();
    doubles[0]!.fail(({ path }) =>
      path === '/v1/unload_lora_adapter' ? { kind: 'status', status: 503 } : undefined,
    );
    doubles[1]!.fail(({ path }) =>
      path === '/v1/load_lora_adapter' ? { kind: 'hang-up' } : undefined,
    );
    const error = await errorOf(weights.publish(folderOf));
    expect(error.leftOn).toEqual([serverOf(doubles[0]!).id]);
    expect(loaded()).toEqual([['run-1-v000001'], []]);
    for (const double of doubles) double.fail(() => undefined);
    await weights.publish(folderOf);
    expect(loaded()).toEqual(Array(2).fill(['run-1-v000002']));
  });

  it('refuses a server whose adapter is another one, or that answers for another model', async () => {
    const weights = weightsOf();
    doubles[1]!.restart(toyModel({ seed: 99 }));
    expect((await errorOf(weights.publish(folderOf))).message).toMatch(
      /does not serve the same weights: token \d has log-probability/,
    );
    doubles[1]!.restart(toyModel());
    doubles[1]!.fail(({ path }) =>
      path === '/v1/completions'
        ? { kind: 'change', change: (answer) => ({ ...(answer as object), model: 'toy' }) }
        : undefined,
    );
    expect((await errorOf(weights.publish(folderOf))).message).toMatch(/answered for toy/);
    expect(loaded()).toEqual([[], []]);
  });

  it('skips names that a server knows already, and starts where it is told to', async () => {
    const earlier = weightsOf(undefined, { firstNumber: 41 });
    await earlier.publish(folderOf);
    const later = weightsOf();
    expect(await later.publish(folderOf)).toBe('run-1-v000042');
  });

  it('publishes one after the other, and stops when it is told to', async () => {
    const weights = weightsOf();
    const names = await Promise.all([weights.publish(folderOf), weights.publish(folderOf)]);
    expect(names).toEqual(['run-1-v000001', 'run-1-v000002']);
    const stop = new AbortController();
    doubles[0]!.fail(({ path }) => {
      if (path !== '/v1/completions') return undefined;
      stop.abort();
      return { kind: 'slow', ms: 200 };
    });
    await expect(weights.publish(folderOf, { signal: stop.signal })).rejects.toThrow(AbortedError);
    expect(weights.version()).toBe('run-1-v000002');
    expect(loaded()).toEqual(Array(2).fill(names));
  });

  it('loads nothing when the adapter cannot be written', async () => {
    const weights = weightsOf();
    const full = weights.publish(() => Promise.reject(new Error('the disk is full')));
    await expect(full).rejects.toThrow('the disk is full');
    expect(doubles[0]!.requests.map(({ path }) => path)).toEqual(['/v1/models']);
  });

  it('refuses wrong options without showing a key', () => {
    expect(() => weightsOf(undefined, { prefix: 'a b' })).toThrow(/prefix.*letters/);
    expect(() => servedWeights({ servers: [], prefix: 'a' })).toThrow(/at least one server/);
    const broken = (): unknown => vllmAdapters({ url: 'http://x', apiKey: `${KEY} ` });
    expect(broken).toThrow(/apiKey/);
    expect(broken).not.toThrow(KEY);
  });
});

describe('sglangAdapters', () => {
  it('loads, probes and unloads by the API of SGLang', async () => {
    const adapters = new Map<string, string>();
    const double = await startDouble(({ path, body }) => {
      const name = String(body['lora_name']);
      const says = (success: boolean, error_message = '') => ({
        status: success ? 200 : 400,
        json: { success, error_message, loaded_adapters: Object.fromEntries(adapters) },
      });
      switch (path) {
        case '/v1/models':
          return { json: { data: [...adapters.keys()].map((id) => ({ id })) } };
        case '/load_lora_adapter':
          if (String(body['lora_path']).includes('000002')) return says(false, 'rank too large');
          adapters.set(name, String(body['lora_path']));
          return says(true);
        case '/unload_lora_adapter':
          return adapters.delete(name) ? says(true) : says(false, 'not loaded');
        default:
          if (!adapters.has(String(body['lora_path'])))
            return { status: 400, json: { error: { message: 'no such adapter' } } };
          return {
            json: {
              text: 'ab',
              meta_info: {
                output_token_logprobs: [
                  [-0.5, 7, null],
                  [-0.1, 8, null],
                ],
              },
            },
          };
      }
    });
    try {
      const server = sglangAdapters({ url: double.url, tries: 1 });
      const weights = servedWeights({ servers: [server], prefix: 'run', keep: 1 });
      await weights.publish(folderOf);
      expect(adapters.get('run-v000001')).toBe('/adapters/run-v000001');
      expect(await server.probe('run-v000001')).toEqual({ tokens: [7, 8], logProbs: [-0.5, -0.1] });
      expect((await errorOf(weights.publish(folderOf))).message).toMatch(/rank too large/);
      expect([...adapters.keys()]).toEqual(['run-v000001']);
      await weights.publish(folderOf);
      expect([...adapters.keys()]).toEqual(['run-v000003']);
      await expect(server.probe('run-v000009')).rejects.toThrow(/no such adapter/);
    } finally {
      await double.close();
    }
  });
});

describe('disagreement', () => {
  const probe = (tokens: number[], logProbs: number[]): AdapterProbe => ({ tokens, logProbs });
  it('forgives rounding, also where it decides between two tokens, and nothing else', () => {
    const base = probe([1, 2, 3], [-0.5, -0.7, -0.2]);
    expect(disagreement(probe([1, 2, 3], [-0.52, -0.69, -0.2]), base, 0.05)).toBeUndefined();
    expect(disagreement(probe([1, 4, 9], [-0.5, -0.71, -3]), base, 0.05)).toBeUndefined();
    expect(disagreement(probe([1, 4, 9], [-0.5, -0.9, -3]), base, 0.05)).toMatch(/token 1/);
    expect(disagreement(probe([], []), base, 0.05)).toMatch(/0 tokens/);
    expect(disagreement(probe([1], [NaN]), base, 0.05)).toMatch(/log-probability of NaN/);
  });
});
