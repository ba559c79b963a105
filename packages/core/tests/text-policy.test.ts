import { InvalidInputError, textPolicy, type GenerationRequest } from '../src/index.js';

const request = (prompt: GenerationRequest['prompt'], more = {}): GenerationRequest => ({
  prompt,
  sampling: { temperature: 1, maxTokens: 8 },
  key: ['k', 1],
  affinity: 't',
  ...more,
});
const chat = request({
  kind: 'messages',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello?' },
  ],
});

describe('textPolicy', () => {
  it('asks the function for a text and reports no tokens', async () => {
    const policy = textPolicy('echo', (prompt) => `[${prompt}]`);
    expect(policy.id).toBe('echo');
    expect(await policy.generate(chat)).toEqual({
      text: '[Be brief.\n\nHello?]',
      policyVersion: 'echo',
      finish: 'stop',
      promptTokens: new Int32Array(),
      responseTokens: new Int32Array(),
      logProbs: new Float32Array(),
      cachedPromptTokens: 0,
    });
  });

  it('waits for a promise and hands on the request as it came', async () => {
    const seen: GenerationRequest[] = [];
    const policy = textPolicy('later', async (_, asked) => {
      seen.push(asked);
      return Promise.resolve('yes');
    });
    expect((await policy.generate(chat)).text).toBe('yes');
    expect(seen).toEqual([chat]);
    expect(seen[0]).toBe(chat);
  });

  it('gives one entropy and one list of alternatives for each of its tokens: none', async () => {
    const wanted = request(
      { kind: 'transcript', segments: [{ text: 'a' }, { text: 'b' }] },
      {
        want: { entropies: true, topLogProbs: 3 },
      },
    );
    const generation = await textPolicy('echo', (prompt) => prompt).generate(wanted);
    expect(generation).toMatchObject({ text: 'ab', topLogProbs: [] });
    expect(generation.entropies).toHaveLength(0);
  });

  it('refuses a transcript of tokens, and hands on what the function throws', async () => {
    const tokens = request({ kind: 'transcript', segments: [{ tokens: Int32Array.of(1) }] });
    await expect(textPolicy('echo', (prompt) => prompt).generate(tokens)).rejects.toThrow(
      InvalidInputError,
    );
    const broken = textPolicy('broken', () => {
      throw new Error('no connection');
    });
    await expect(broken.generate(chat)).rejects.toThrow('no connection');
  });
});
