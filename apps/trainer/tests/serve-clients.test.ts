import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';

import { serveTiny, type Served } from './tiny-model.js';

const TOKEN = 'a-token-of-ours';
const MESSAGES = [
  { role: 'system' as const, content: 'You are in the kitchen.' },
  { role: 'user' as const, content: 'where is the mug?' },
];

let served: Served;
beforeAll(async () => {
  served = await serveTiny({ tokens: [TOKEN] });
});
afterAll(() => served.close());

/** What the policy itself answers, with the stream that a seed names. */
const inProcess = (seed: number, maxTokens: number, temperature = 1) =>
  served.policy.generate({
    prompt: { kind: 'messages', messages: MESSAGES },
    sampling: { temperature, maxTokens },
    key: ['seed', seed],
    affinity: 'test',
    want: { topLogProbs: 3 },
  });

describe('the client of OpenAI', () => {
  const client = (apiKey = TOKEN): OpenAI =>
    new OpenAI({ baseURL: `${served.server.url}/v1`, apiKey, maxRetries: 0 });

  it('chats, and gets what the policy samples with the same seed', async () => {
    const expected = await inProcess(7, 12);
    const answer = await client().chat.completions.create({
      model: 'tiny',
      messages: MESSAGES,
      seed: 7,
      max_completion_tokens: 12,
      logprobs: true,
      top_logprobs: 3,
    });
    const [choice] = answer.choices;
    expect(choice!.message).toEqual({
      role: 'assistant',
      content: expected.text,
      refusal: null,
    });
    expect(choice!.finish_reason).toBe(expected.finish);
    expect(answer.system_fingerprint).toBe('v1');
    const content = choice!.logprobs!.content!;
    expect(content.map(({ logprob }) => logprob)).toEqual([...expected.logProbs]);
    expect(content[0]!.top_logprobs.map(({ logprob }) => logprob)).toEqual(
      expected.topLogProbs![0]!.map(({ logProb }) => logProb),
    );
    expect(answer.usage).toMatchObject({
      prompt_tokens: expected.promptTokens.length,
      completion_tokens: expected.responseTokens.length,
      total_tokens: expected.promptTokens.length + expected.responseTokens.length,
    });
    expect(answer.usage!.prompt_tokens_details!.cached_tokens).toBeGreaterThan(0);
  });

  it('reads the same chat as a stream, with usage at its end', async () => {
    const expected = await inProcess(7, 12);
    const stream = await client().chat.completions.create({
      model: 'tiny',
      messages: MESSAGES,
      seed: 7,
      max_tokens: 12,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let parts = 0;
    let finish: string | null = null;
    let completion = 0;
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      if (choice?.delta.content) {
        text += choice.delta.content;
        parts++;
      }
      finish = choice?.finish_reason ?? finish;
      completion = chunk.usage?.completion_tokens ?? completion;
    }
    expect(text).toBe(expected.text);
    expect(parts).toBeGreaterThan(2);
    expect(finish).toBe(expected.finish);
    expect(completion).toBe(expected.responseTokens.length);
  });

  it('completes texts and token ids, several at once', async () => {
    const prompt = 'On the table 1, you see';
    const body = { model: 'tiny', prompt, seed: 3, max_tokens: 6, logprobs: 2 } as const;
    const whole = await client().completions.create(body);
    const [choice] = whole.choices;
    expect(choice!.logprobs!.tokens).toHaveLength(choice!.logprobs!.token_logprobs!.length);
    expect(Object.keys(choice!.logprobs!.top_logprobs![0]!).length).toBeGreaterThanOrEqual(2);
    const ids = [...served.model.tokenizer.encode(prompt)];
    const byIds = await client().completions.create({ ...body, prompt: ids });
    expect(byIds.choices[0]!.text).toBe(choice!.text);
    const two = await client().completions.create({ ...body, prompt: [prompt, prompt], n: 2 });
    expect(two.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(new Set(two.choices.map(({ text }) => text)).size).toBeGreaterThan(1);
    expect(two.usage!.prompt_tokens).toBe(2 * whole.usage!.prompt_tokens);
    let streamed = '';
    for await (const chunk of await client().completions.create({ ...body, stream: true }))
      streamed += chunk.choices[0]?.text ?? '';
    expect(streamed).toBe(choice!.text);
  });

  it('lists models, and gets errors in the form it knows', async () => {
    const models = await client().models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['tiny']);
    expect((await client().models.retrieve('tiny')).id).toBe('tiny');
    await expect(client('wrong').models.list()).rejects.toThrow(OpenAI.AuthenticationError);
    await expect(
      client().chat.completions.create({ model: 'other', messages: MESSAGES }),
    ).rejects.toThrow(OpenAI.NotFoundError);
    const tools = client().chat.completions.create({
      model: 'tiny',
      messages: MESSAGES,
      tools: [{ type: 'function', function: { name: 'f' } }],
    });
    await expect(tools).rejects.toMatchObject({
      status: 400,
      param: 'tools',
      code: 'unsupported_parameter',
    });
  });
});

describe('the AI SDK', () => {
  const model = () =>
    createOpenAICompatible({
      name: 'spark',
      baseURL: `${served.server.url}/v1`,
      apiKey: TOKEN,
      includeUsage: true,
    })('tiny');

  it('generates and streams the same text', async () => {
    const expected = await inProcess(11, 10, 0.7);
    const call = {
      model: model(),
      messages: MESSAGES,
      allowSystemInMessages: true,
      seed: 11,
      temperature: 0.7,
      maxOutputTokens: 10,
      maxRetries: 0,
    };
    const whole = await generateText(call);
    expect(whole.text).toBe(expected.text);
    expect(whole.usage.outputTokens).toBe(expected.responseTokens.length);
    expect(whole.usage.inputTokens).toBe(expected.promptTokens.length);
    const stream = streamText(call);
    let text = '';
    for await (const part of stream.textStream) text += part;
    expect(text).toBe(expected.text);
    expect((await stream.usage).outputTokens).toBe(expected.responseTokens.length);
    expect(await stream.finishReason).toBe(expected.finish);
  });
});
