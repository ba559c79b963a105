import type { GenerationRequest, Sampling } from '@spark-rl/core';

import {
  openaiCompatiblePolicy,
  type ServedPolicy,
  type ServedPolicyOptions,
} from '../src/index.js';
import {
  logSoftmax,
  startVllmDouble,
  toyModel,
  toyResponse,
  type VllmDouble,
  type VllmDoubleOptions,
} from '../src/testing/index.js';

const model = toyModel();

const request = (
  sampling: Partial<Sampling> = {},
  rest: Partial<GenerationRequest> = {},
): GenerationRequest => ({
  prompt: { kind: 'messages', messages: [{ role: 'user', content: 'look, then go north' }] },
  sampling: { temperature: 1, maxTokens: 12, ...sampling },
  key: ['test', 1],
  affinity: 'tree-1',
  ...rest,
});

async function serving<Result>(
  double: VllmDoubleOptions,
  options: Partial<ServedPolicyOptions>,
  use: (policy: ServedPolicy, server: VllmDouble) => Promise<Result>,
): Promise<Result> {
  const server = await startVllmDouble(double);
  const policy = openaiCompatiblePolicy({
    preset: 'vllm',
    model: 'toy',
    url: server.url,
    firstDelayMs: 1,
    ...options,
  });
  try {
    return await use(policy, server);
  } finally {
    await policy.close();
    await server.close();
  }
}

describe('the preset vllm', () => {
  it('sends token ids, and tells the ids and log-probabilities that were sampled', () =>
    serving({}, { version: '7' }, async (policy, server) => {
      const generation = await policy.generate(request());
      const sent = server.requests.find(({ path }) => path === '/v1/completions')!.body;
      const prompt = model.encode(
        model.renderMessages([{ role: 'user', content: 'look, then go north' }]),
      );
      expect(sent['prompt']).toEqual(prompt);
      expect(sent).toMatchObject({ top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 });
      const drawn = toyResponse(model, prompt, {
        temperature: 1,
        maxTokens: 12,
        seed: Number(sent['seed']),
      });
      expect([...generation.promptTokens]).toEqual(prompt);
      expect([...generation.responseTokens]).toEqual(drawn.tokens);
      expect(generation.text).toBe(drawn.text);
      expect(generation.policyVersion).toBe('7');
      for (const [i, token] of drawn.tokens.entries())
        expect(generation.logProbs[i]).toBeCloseTo(logSoftmax(drawn.logits[i]!, 1)[token]!, 5);
    }));
});
