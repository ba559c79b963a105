import { ApiError } from './api-error.js';
import { answerContext, type AnswerContext, type AnswerForm } from './answer-parts.js';
import { answerStream } from './answer-stream.js';
import { chatForm } from './chat-form.js';
import { readChatRequest } from './chat-request.js';
import { completionForm } from './completion-form.js';
import { readCompletionRequest } from './completion-request.js';
import type { GenerationPlan } from './generation-plan.js';
import { runPlan } from './run-plan.js';
import { sampledTokens } from './sampled-tokens.js';
import type { ServedModel } from './served-model.js';
import { detokenize, tokenize } from './tokenize.js';
import { usageOf } from './usage.js';

/** A request, without how it came. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** The body as JSON; asked only where one is read. */
  readonly body: () => Promise<unknown>;
  /** Names this request: random streams and ids follow from it. */
  readonly id: string;
  /** Aborted when the client left. */
  readonly signal: AbortSignal;
  /** Now, in seconds since 1970, for `created`. */
  readonly now: number;
}

/** One JSON object, or a stream of them. */
export type ApiReply =
  { readonly json: object } | { readonly events: AsyncGenerator<object, void, undefined> };

type Handler = (request: ApiRequest, model: ServedModel) => ApiReply | Promise<ApiReply>;

const modelObject = ({ name, created, contextLength }: ServedModel): object => ({
  id: name,
  object: 'model',
  created,
  owned_by: 'spark-rl',
  ...(contextLength !== undefined && { max_model_len: contextLength }),
});

function checkModel(asked: string | undefined, { name }: ServedModel): void {
  if (asked === undefined || asked === name) return;
  throw new ApiError(404, `The model \`${asked}\` does not exist; here is \`${name}\``, {
    param: 'model',
    code: 'model_not_found',
  });
}

/** Answers a request for completions of one kind. */
const completions =
  (
    read: (
      body: unknown,
      model: ServedModel,
      id: string,
    ) => GenerationPlan & { readonly model: string | undefined },
    formOf: (context: AnswerContext) => AnswerForm,
  ): Handler =>
  async (request, model) => {
    const plan = read(await request.body(), model, request.id);
    checkModel(plan.model, model);
    const form = formOf(answerContext(plan, model));
    const head = {
      id: `${form.idPrefix}${request.id}`,
      created: request.now,
      model: model.name,
    };
    if (plan.stream) return { events: answerStream(plan, model, form, head, request.signal) };
    const choices = await runPlan(plan, model.policy, model.parse, request.signal);
    const pieces = choices.map((choice) => ({
      index: choice.index,
      text: choice.generation.text,
      tokens: sampledTokens(choice.generation),
      offset: 0,
      done: choice,
    }));
    return { json: form.whole(head, pieces, usageOf(choices)) };
  };

const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/health': { GET: () => ({ json: { status: 'ok' } }) },
  '/v1/models': {
    GET: (_, model) => ({ json: { object: 'list', data: [modelObject(model)] } }),
  },
  '/v1/completions': { POST: completions(readCompletionRequest, completionForm) },
  '/v1/chat/completions': { POST: completions(readChatRequest, chatForm) },
  '/tokenize': { POST: async ({ body }, model) => ({ json: tokenize(await body(), model) }) },
  '/detokenize': { POST: async ({ body }, model) => ({ json: detokenize(await body(), model) }) },
};

/** The paths that anybody may ask: they say nothing but that somebody is there. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/health']);

/**
 * Answers one request.
 *
 * @throws ApiError, or what the policy throws
 */
export async function answer(request: ApiRequest, model: ServedModel): Promise<ApiReply> {
  const { method, path } = request;
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (methods !== undefined) {
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (handler !== undefined) return handler(request, model);
    throw new ApiError(405, `${path} takes ${Object.keys(methods).join(', ')}, not ${method}`);
  }
  const named = /^\/v1\/models\/(.+)$/.exec(path)?.[1];
  if (named !== undefined && method === 'GET') {
    checkModel(decodeURIComponent(named), model);
    return { json: modelObject(model) };
  }
  throw new ApiError(404, `there is nothing at ${method} ${path}`);
}
