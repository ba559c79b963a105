import {
  startDouble,
  type DoubleAnswer,
  type DoubleRequest,
  type ServerDouble,
} from './double-server.js';
import { prefixBlocks } from './prefix-blocks.js';
import { logSoftmax, toyModel, toyResponse, type ToyModel } from './toy-model.js';

/** What a double of vLLM is started with; flags of `vllm serve` by their names. */
export interface VllmDoubleOptions {
  readonly model?: ToyModel;
  readonly servedModelName?: string;
  readonly logprobsMode?: 'raw_logprobs' | 'processed_logprobs';
  readonly apiKey?: string;
  readonly maxModelLen?: number;
  /** How many blocks of 16 tokens the prefix cache holds. */
  readonly cacheBlocks?: number;
}

/** A double of vLLM. */
export interface VllmDouble extends ServerDouble {
  /** From now on the server has another model, as after a restart. */
  readonly restart: (model: ToyModel) => void;
  /** LoRA adapters by name, as `/v1/load_lora_adapter` loads them. */
  readonly adapters: ReadonlyMap<string, string>;
}

const error = (status: number, message: string): DoubleAnswer => ({
  status,
  json: { error: { message, type: 'BadRequestError', param: null, code: status } },
});

/**
 * A double of `vllm serve` after its public API (vllm/entrypoints/openai/completion/protocol.py, chat_completion/protocol.py and
 * serve/tokenize/protocol.py): `/v1/completions` and `/v1/chat/completions` with token ids and log-probabilities, `/tokenize`,
 * `/v1/models`, `/health`, and the loading of LoRA adapters. Its model is a toy.
 */
export async function startVllmDouble(options: VllmDoubleOptions = {}): Promise<VllmDouble> {
  const { servedModelName = 'toy', logprobsMode = 'raw_logprobs', maxModelLen = 4096 } = options;
  let model = options.model ?? toyModel();
  let cache = prefixBlocks(16, options.cacheBlocks);
  const adapters = new Map<string, string>();

  const tokenize = ({ body }: DoubleRequest): DoubleAnswer => {
    const messages = body['messages'] as { role: string; content: string }[] | undefined;
    const text = messages === undefined ? String(body['prompt']) : model.renderMessages(messages);
    const tokens = model.encode(text);
    return { json: { count: tokens.length, max_model_len: maxModelLen, tokens, token_strs: null } };
  };

  const generate = ({ body, path }: DoubleRequest): DoubleAnswer => {
    const chat = path === '/v1/chat/completions';
    const asked = String(body['model']);
    if (asked !== servedModelName && !adapters.has(asked))
      return error(404, `The model \`${asked}\` does not exist.`);
    const given = body['prompt'];
    const prompt = chat
      ? model.encode(model.renderMessages(body['messages'] as { role: string; content: string }[]))
      : Array.isArray(given)
        ? (given as number[])
        : model.encode(String(given));
    const maxTokens = Number(body['max_tokens'] ?? body['max_completion_tokens'] ?? 16);
    if (prompt.length + maxTokens > maxModelLen)
      return error(
        400,
        `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${prompt.length + maxTokens} tokens.`,
      );
    const stranger = prompt.find((token) => token >= model.vocabularySize);
    if (stranger !== undefined) return error(400, `Token id ${stranger} is out of vocabulary`);
    const temperature = Number(body['temperature'] ?? 1);
    const stop = (body['stop'] ?? []) as string[];
    const drawn = toyResponse(model, prompt, {
      temperature,
      maxTokens,
      seed: Number(body['seed'] ?? 0),
      stop,
    });
    const { tokens, finish, stoppedBy } = drawn;
    const shown = logprobsMode === 'raw_logprobs' || temperature === 0 ? 1 : temperature;
    const cachedTokens = cache.lookUp(prompt);
    const text =
      stoppedBy !== undefined && body['include_stop_str_in_output'] === true
        ? drawn.text + stoppedBy
        : drawn.text;
    const asIds = body['return_tokens_as_token_ids'] === true;
    const name = (token: number): string => (asIds ? `token_id:${token}` : model.piece(token));
    const top = Number(body[chat ? 'top_logprobs' : 'logprobs'] ?? 0);
    const rows = drawn.logits.map((logits) => logSoftmax(logits, shown));
    const likeliest = (row: readonly number[]): [number, number][] =>
      [...row.entries()].sort((a, b) => b[1] - a[1]).slice(0, top);
    const ids = body['return_token_ids'] === true;
    const usage = {
      prompt_tokens: prompt.length,
      total_tokens: prompt.length + tokens.length,
      completion_tokens: tokens.length,
      prompt_tokens_details: { cached_tokens: cachedTokens },
    };
    const logprobs = chat
      ? body['logprobs'] === true
        ? {
            content: tokens.map((token, i) => ({
              token: name(token),
              logprob: rows[i]![token],
              bytes: [...new TextEncoder().encode(model.piece(token))],
              top_logprobs: likeliest(rows[i]!).map(([id, logprob]) => ({
                token: name(id),
                logprob,
              })),
            })),
          }
        : null
      : body['logprobs'] === undefined
        ? null
        : {
            text_offset: tokens.map((_, i) => model.decode(tokens.slice(0, i)).length),
            token_logprobs: tokens.map((token, i) => rows[i]![token]),
            tokens: tokens.map(name),
            top_logprobs: tokens.map((token, i) =>
              // The drawn token is told beside the likeliest ones.
              Object.fromEntries(
                [...likeliest(rows[i]!), [token, rows[i]![token]!] as const].map(
                  ([id, logprob]) => [name(id), logprob],
                ),
              ),
            ),
          };
    const choice = {
      index: 0,
      ...(chat ? { message: { role: 'assistant', content: text } } : { text }),
      logprobs,
      finish_reason: finish,
      stop_reason: stoppedBy ?? null,
      token_ids: ids ? tokens : null,
      ...(!chat && { prompt_token_ids: ids ? prompt : null, prompt_logprobs: null }),
    };
    const frame = {
      id: `${chat ? 'chatcmpl' : 'cmpl'}-1`,
      object: chat ? 'chat.completion' : 'text_completion',
      created: 0,
      model: asked,
    };
    if (body['stream'] !== true)
      return {
        json: {
          ...frame,
          choices: [choice],
          usage,
          ...(chat && { prompt_token_ids: ids ? prompt : null }),
        },
      };
    return { events: streamed(), done: true };

    /** One event a token; the prompt's ids in the first, the reason in the last, usage in an event of its own. */
    function streamed(): readonly unknown[] {
      let told = '';
      const events = tokens.map((token, i) => {
        const last = i === tokens.length - 1;
        const now = last ? text : model.decode(tokens.slice(0, i + 1)).slice(0, text.length);
        const delta = now.slice(told.length);
        told = now;
        return {
          ...frame,
          object: chat ? 'chat.completion.chunk' : 'text_completion',
          ...(chat && i === 0 && { prompt_token_ids: ids ? prompt : null }),
          choices: [
            {
              index: 0,
              ...(chat ? { delta: { content: delta } } : { text: delta }),
              logprobs:
                logprobs === null
                  ? null
                  : 'content' in logprobs
                    ? { content: [logprobs.content[i]] }
                    : {
                        text_offset: [logprobs.text_offset[i]],
                        token_logprobs: [logprobs.token_logprobs[i]],
                        tokens: [logprobs.tokens[i]],
                        top_logprobs: [logprobs.top_logprobs[i]],
                      },
              finish_reason: last ? finish : null,
              stop_reason: last ? (stoppedBy ?? null) : null,
              token_ids: ids ? [token] : null,
              ...(!chat && { prompt_token_ids: ids && i === 0 ? prompt : null }),
            },
          ],
        };
      });
      const { include_usage } = (body['stream_options'] ?? {}) as { include_usage?: boolean };
      return include_usage === true ? [...events, { ...frame, choices: [], usage }] : events;
    }
  };

  const double = await startDouble((request) => {
    const { headers, path, body } = request;
    if (path === '/health') return { status: 200, text: '' };
    if (options.apiKey !== undefined && headers.authorization !== `Bearer ${options.apiKey}`)
      return { status: 401, json: { error: `Unauthorized: ${headers.authorization}` } };
    switch (path) {
      case '/v1/models':
        return {
          json: {
            object: 'list',
            data: [servedModelName, ...adapters.keys()].map((id) => ({
              id,
              object: 'model',
              created: 0,
              owned_by: 'vllm',
              root: adapters.get(id) ?? id,
              parent: adapters.has(id) ? servedModelName : null,
              max_model_len: maxModelLen,
            })),
          },
        };
      case '/tokenize':
        return tokenize(request);
      case '/v1/completions':
      case '/v1/chat/completions':
        return generate(request);
      case '/v1/load_lora_adapter': {
        const name = String(body['lora_name']);
        if (adapters.has(name))
          return error(400, `The lora adapter '${name}' has already been loaded.`);
        adapters.set(name, String(body['lora_path']));
        return { status: 200, text: `Success: LoRA adapter '${name}' added successfully.` };
      }
      case '/v1/unload_lora_adapter': {
        const name = String(body['lora_name']);
        if (!adapters.delete(name))
          return error(404, `The lora adapter '${name}' cannot be found.`);
        return { status: 200, text: `Success: LoRA adapter '${name}' removed successfully.` };
      }
      default:
        return { status: 404, json: { detail: 'Not Found' } };
    }
  });
  return {
    ...double,
    adapters,
    restart: (next) => {
      model = next;
      cache = prefixBlocks(16, options.cacheBlocks);
    },
  };
}
