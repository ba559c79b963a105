import {
  startDouble,
  type DoubleAnswer,
  type DoubleRequest,
  type ServerDouble,
} from './double-server.js';
import { prefixBlocks } from './prefix-blocks.js';
import { toyModel, toyResponse, type ToyModel } from './toy-model.js';

/** What a double of a hosted API is started with. */
export interface OpenAiDoubleOptions {
  readonly model?: ToyModel;
  readonly apiKey?: string;
}

const refuse = (status: number, message: string, code: string): DoubleAnswer => ({
  status,
  json: { error: { message, type: 'invalid_request_error', param: null, code } },
});

/**
 * A double of OpenAI's API after its public description (https://github.com/openai/openai-openapi): `/v1/chat/completions`, streamed or
 * not, and `/v1/models`. It tells texts, never ids, and repeats a wrong key in its message, as servers do. Its model is a toy.
 */
export async function startOpenAiDouble(options: OpenAiDoubleOptions = {}): Promise<ServerDouble> {
  const model = options.model ?? toyModel();
  // Prompts are cached from 1024 tokens on there; a toy's prompts are shorter.
  const cache = prefixBlocks(32);

  const chat = ({ body }: DoubleRequest): DoubleAnswer => {
    const stop = (body['stop'] ?? []) as string[];
    if (stop.length > 4)
      return refuse(
        400,
        `Invalid 'stop': array too long. Expected an array with maximum length 4.`,
        'array_above_max_length',
      );
    const unknown = ['top_k', 'min_p', 'repetition_penalty'].find((name) => name in body);
    if (unknown !== undefined)
      return refuse(400, `Unrecognized request argument supplied: ${unknown}`, 'unknown_parameter');
    const prompt = model.encode(
      model.renderMessages(body['messages'] as { role: string; content: string }[]),
    );
    const { tokens, text, finish } = toyResponse(model, prompt, {
      temperature: Number(body['temperature'] ?? 1),
      maxTokens: Number(body['max_completion_tokens'] ?? body['max_tokens'] ?? 1024),
      seed: Number(body['seed'] ?? 0),
      stop,
    });
    const usage = {
      prompt_tokens: prompt.length,
      completion_tokens: tokens.length,
      total_tokens: prompt.length + tokens.length,
      prompt_tokens_details: { cached_tokens: cache.lookUp(prompt), audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    };
    const frame = {
      id: 'chatcmpl-toy',
      created: 0,
      model: body['model'],
      service_tier: 'default',
      system_fingerprint: 'fp_toy',
    };
    if (body['stream'] !== true)
      return {
        json: {
          ...frame,
          object: 'chat.completion',
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: text, refusal: null, annotations: [] },
              logprobs: null,
              finish_reason: finish,
            },
          ],
          usage,
        },
      };
    const chunk = (delta: object, finish_reason: string | null): object => ({
      ...frame,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    const events = [
      chunk({ role: 'assistant', content: '', refusal: null }, null),
      ...[...text].map((content) => chunk({ content }, null)),
      chunk({}, finish),
    ];
    const { include_usage } = (body['stream_options'] ?? {}) as { include_usage?: boolean };
    return {
      events:
        include_usage === true
          ? [...events, { ...frame, object: 'chat.completion.chunk', choices: [], usage }]
          : events,
      done: true,
    };
  };

  return startDouble((request) => {
    const { path, headers } = request;
    if (options.apiKey !== undefined && headers.authorization !== `Bearer ${options.apiKey}`)
      return refuse(
        401,
        `Incorrect API key provided: ${headers.authorization?.slice('Bearer '.length) ?? ''}.`,
        'invalid_api_key',
      );
    switch (path) {
      case '/v1/models':
        return {
          json: {
            object: 'list',
            data: [{ id: 'toy', object: 'model', created: 0, owned_by: 'toy' }],
          },
        };
      case '/v1/chat/completions':
        return chat(request);
      default:
        return refuse(404, `Invalid URL (${request.method} ${path})`, 'unknown_url');
    }
  });
}
