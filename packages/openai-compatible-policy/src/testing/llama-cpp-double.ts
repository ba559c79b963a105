import {
  startDouble,
  type DoubleAnswer,
  type DoubleRequest,
  type ServerDouble,
} from './double-server.js';
import { prefixBlocks } from './prefix-blocks.js';
import { logSoftmax, toyModel, toyResponse, type ToyModel } from './toy-model.js';

/** What a double of llama-server is started with. */
export interface LlamaCppDoubleOptions {
  readonly model?: ToyModel;
  readonly ctxSize?: number;
}

/**
 * A double of `llama-server` after its public API (llama.cpp, tools/server/README.md): `/completion` with ids, probabilities and streams,
 * `/tokenize`, `/apply-template`, `/health`. As the real one, it leaves the probabilities of the tokens of a stop string out of an
 * answer that is not streamed, and those of tokens that end inside a character out of every answer. Its model is a toy.
 */
export async function startLlamaCppDouble(
  options: LlamaCppDoubleOptions = {},
): Promise<ServerDouble> {
  const { ctxSize = 4096 } = options;
  const model = options.model ?? toyModel();
  const cache = prefixBlocks(1);

  const complete = ({ body }: DoubleRequest): DoubleAnswer => {
    const given = body['prompt'];
    const prompt = Array.isArray(given) ? (given as number[]) : model.encode(String(given));
    if (prompt.length >= ctxSize)
      return {
        status: 400,
        json: {
          error: {
            code: 400,
            message: `the request exceeds the available context size (${ctxSize} tokens), try increasing it`,
            type: 'exceed_context_size_error',
            n_prompt_tokens: prompt.length,
            n_ctx: ctxSize,
          },
        },
      };
    const temperature = Number(body['temperature'] ?? 0.8);
    const { tokens, logits, text, finish, stoppedBy } = toyResponse(model, prompt, {
      temperature,
      maxTokens: Number(body['n_predict'] ?? -1),
      seed: Number(body['seed'] ?? 0),
      stop: (body['stop'] ?? []) as string[],
    });
    const after = body['post_sampling_probs'] === true;
    const top = Number(body['n_probs'] ?? 0);
    const probability = (row: readonly number[], id: number): object => ({
      id,
      token: model.piece(id),
      bytes: [...new TextEncoder().encode(model.piece(id))],
      ...(after ? { prob: Math.fround(Math.exp(row[id]!)) } : { logprob: row[id] }),
    });
    const told = tokens.map((id, i) => {
      const row = logSoftmax(logits[i]!, after ? temperature : 1);
      const likeliest = [...row.entries()].sort((a, b) => b[1] - a[1]).slice(0, top);
      return {
        ...probability(row, id),
        [after ? 'top_probs' : 'top_logprobs']: likeliest.map(([each]) => probability(row, each)),
      };
    });
    // A token that ends inside a character is drawn, and counted, but never told of.
    const whole = tokens.map((_, i) => !model.decode(tokens.slice(0, i + 1)).endsWith('\ufffd'));
    const cached = cache.lookUp(prompt);
    const last = {
      index: 0,
      content: '',
      tokens: [] as readonly number[],
      id_slot: 0,
      stop: true,
      model: 'toy',
      tokens_predicted: tokens.length,
      tokens_evaluated: prompt.length,
      has_new_line: text.includes('\n'),
      truncated: false,
      stop_type: finish === 'length' ? 'limit' : stoppedBy === undefined ? 'eos' : 'word',
      stopping_word: stoppedBy ?? '',
      tokens_cached: prompt.length + tokens.length - 1,
      timings: {
        cache_n: cached,
        prompt_n: prompt.length - cached,
        predicted_n: tokens.length,
      },
    };
    if (body['stream'] !== true) {
      const hidden = stoppedBy === undefined ? 0 : model.encode(stoppedBy).length;
      const shown = told.filter((_, i) => whole[i]);
      return {
        json: {
          ...last,
          content: text,
          tokens: body['return_tokens'] === true ? tokens : [],
          ...(top > 0 && { completion_probabilities: shown.slice(0, shown.length - hidden) }),
        },
      };
    }
    let sent = '';
    const events = tokens.flatMap((token, i) => {
      if (whole[i] !== true) return [];
      const now =
        i === tokens.length - 1 ? text : model.decode(tokens.slice(0, i + 1)).slice(0, text.length);
      const content = now.slice(sent.length);
      sent = now;
      return {
        index: 0,
        content,
        tokens: [token],
        stop: false,
        id_slot: -1,
        tokens_predicted: i + 1,
        tokens_evaluated: prompt.length,
        ...(top > 0 && { completion_probabilities: [told[i]] }),
      };
    });
    return { events: [...events, last], done: false };
  };

  return startDouble((request) => {
    const { path, body } = request;
    switch (path) {
      case '/health':
        return { json: { status: 'ok' } };
      case '/tokenize':
        return { json: { tokens: model.encode(String(body['content'])) } };
      case '/apply-template':
        return {
          json: {
            prompt: model.renderMessages(body['messages'] as { role: string; content: string }[]),
          },
        };
      case '/completion':
        return complete(request);
      default:
        return {
          status: 404,
          json: { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } },
        };
    }
  });
}
