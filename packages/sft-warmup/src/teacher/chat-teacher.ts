import { parseInput, type JsonValue, type Message, type RandomKey } from '@spark-rl/core';
import { endpointClient, endpointOptionsSchema } from '@spark-rl/core/endpoint';
import { z } from 'zod';

/** The schema of {@link ChatTeacherOptions}. */
const optionsSchema = endpointOptionsSchema.omit({ url: true }).extend({
  baseUrl: z.url({ protocol: /^https?$/, error: 'give an http or https address' }),
  model: z.string().min(1),
  apiKey: z.string().min(1).optional(),
  temperature: z.number().min(0).max(2).default(0),
  maxTokens: z.int().min(1).default(4096),
  /** Further fields of the request, such as `{ response_format: ... }`, for servers that know them. */
  extra: z.record(z.string(), z.json()).default({}),
});

/**
 * Where the teacher is. `baseUrl` is what OpenAI-compatible clients are given, with its version, such as `http://127.0.0.1:8000/v1`;
 * `/chat/completions` is added. The rest is how it is called (see `EndpointOptions`).
 */
export type ChatTeacherOptions = z.input<typeof optionsSchema>;

/** What a teacher said. */
export interface TeacherAnswer {
  readonly text: string;
  /** Whether it was cut off at `maxTokens`. */
  readonly cut: boolean;
}

/** A model that is asked by chat. */
export interface Teacher {
  /** What decides its answers beside the messages: part of the key of a cache. */
  readonly identity: JsonValue;
  readonly ask: (
    messages: readonly Message[],
    options: { readonly key: RandomKey; readonly signal?: AbortSignal | undefined },
  ) => Promise<TeacherAnswer>;
}

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
});

/**
 * Any model behind an OpenAI-compatible endpoint (vLLM, SGLang, llama.cpp, hosted services) as a teacher. The key goes into the header
 * alone, never into errors or caches.
 *
 * @throws InvalidInputError naming the wrong option; from `ask`: EndpointError when it does not answer
 */
export function chatTeacher(options: ChatTeacherOptions): Teacher {
  const settings = parseInput(optionsSchema, options, 'options of chatTeacher');
  const { baseUrl, model, apiKey, temperature, maxTokens, extra, ...how } = settings;
  const client = endpointClient({
    ...how,
    url: `${baseUrl.replace(/\/+$/, '')}/chat/completions`,
    headers: {
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...how.headers,
    },
  });
  const sampling = { model, temperature, max_tokens: maxTokens, ...extra };
  return {
    identity: sampling,
    ask: (messages, { key, signal }) =>
      client.post({
        body: { ...sampling, messages: messages.map(({ role, content }) => ({ role, content })) },
        read: (answer) => {
          const [choice] = parseInput(answerSchema, answer, 'answer of the teacher').choices;
          return { text: choice!.message.content, cut: choice!.finish_reason === 'length' };
        },
        key,
        signal,
      }),
  };
}
