import {
  startDouble,
  type DoubleAnswer,
  type DoubleRequest,
  type ServerDouble,
} from './double-server.js';
import { prefixBlocks } from './prefix-blocks.js';
import { logSoftmax, toyModel, toyResponse, type ToyModel } from './toy-model.js';

/** What a double of SGLang is started with. */
export interface SglangDoubleOptions {
  readonly model?: ToyModel;
  /** The environment variable of this name: log-probabilities from before the temperature. */
  readonly returnOriginalLogprob?: boolean;
  readonly contextLength?: number;
}

const error = (status: number, message: string): DoubleAnswer => ({
  status,
  json: { error: { message } },
});

/**
 * A double of SGLang's server after its public API (python/sglang/srt/managers/io_struct.py and entrypoints/openai/protocol.py): `/generate`
 * with token ids and log-probabilities, `/tokenize`, `/health`, `/v1/models`. Its prefix cache is a radix tree, so it knows prefixes to the
 * token. Its model is a toy.
 */
export async function startSglangDouble(options: SglangDoubleOptions = {}): Promise<ServerDouble> {
  const { contextLength = 4096, returnOriginalLogprob = false } = options;
  const model = options.model ?? toyModel();
  const cache = prefixBlocks(1);

  const generate = ({ body }: DoubleRequest): DoubleAnswer => {
    const prompt =
      (body['input_ids'] as number[] | undefined) ?? model.encode(String(body['text']));
    const sampling = (body['sampling_params'] ?? {}) as Readonly<Record<string, unknown>>;
    const temperature = Number(sampling['temperature'] ?? 1);
    const maxTokens = Number(sampling['max_new_tokens'] ?? 128);
    if (prompt.length + maxTokens > contextLength)
      return error(
        400,
        `Requested token count exceeds the model's maximum context length of ${contextLength} tokens.`,
      );
    const { tokens, logits, text, finish, stoppedBy } = toyResponse(model, prompt, {
      temperature,
      maxTokens,
      seed: Number(sampling['sampling_seed'] ?? 0),
      stop: (sampling['stop'] ?? []) as string[],
    });
    const rows = logits.map((row) =>
      logSoftmax(row, returnOriginalLogprob || temperature === 0 ? 1 : temperature),
    );
    const withText = body['return_text_in_logprobs'] === true;
    const entry = (row: readonly number[], token: number): unknown[] => [
      row[token],
      token,
      withText ? model.piece(token) : null,
    ];
    const top = Number(body['top_logprobs_num'] ?? 0);
    const cached = cache.lookUp(prompt);
    return {
      json: {
        text,
        output_ids: tokens,
        meta_info: {
          id: 'toy',
          finish_reason:
            finish === 'length'
              ? { type: 'length', length: maxTokens }
              : { type: 'stop', matched: stoppedBy ?? model.endOfSequence },
          prompt_tokens: prompt.length,
          completion_tokens: tokens.length,
          cached_tokens: cached,
          weight_version: 'default',
          e2e_latency: 0.01,
          ...(body['return_logprob'] === true && {
            input_token_logprobs: [],
            output_token_logprobs: tokens.map((token, i) => entry(rows[i]!, token)),
            ...(top > 0 && {
              output_top_logprobs: rows.map((row) =>
                [...row.entries()]
                  .sort((a, b) => b[1] - a[1])
                  .slice(0, top)
                  .map(([token]) => entry(row, token)),
              ),
            }),
          }),
        },
      },
    };
  };

  return startDouble((request) => {
    const { path, body } = request;
    switch (path) {
      case '/health':
        return { status: 200, text: '' };
      case '/v1/models':
        return {
          json: { object: 'list', data: [{ id: 'toy', object: 'model', owned_by: 'sglang' }] },
        };
      case '/tokenize':
      case '/v1/tokenize': {
        const messages = body['messages'] as { role: string; content: string }[] | undefined;
        const text =
          messages === undefined ? String(body['prompt']) : model.renderMessages(messages);
        const tokens = model.encode(text);
        return { json: { tokens, count: tokens.length, max_model_len: contextLength } };
      }
      case '/generate':
        return generate(request);
      default:
        return { status: 404, json: { detail: 'Not Found' } };
    }
  });
}
