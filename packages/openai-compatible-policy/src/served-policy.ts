import {
  PolicyError,
  randomSource,
  throwIfAborted,
  type Generation,
  type GenerationRequest,
  type Policy,
} from '@spark-rl/core';

import { cassetteWire } from './cassette/cassette-wire.js';
import type { PolicyCapabilities } from './capabilities.js';
import { checkSampled } from './checks/check-sampled.js';
import { checkSampling } from './checks/sampling-limits.js';
import { tokenizerGuard } from './checks/tokenizer-guard.js';
import { vocabularyWatch } from './checks/vocabulary-watch.js';
import type { Ask, Sampled, SampledTokens } from './dialects/dialect.js';
import { presetOf } from './dialects/presets.js';
import { generationOf } from './generation-of.js';
import { readOptions, type ServedPolicyOptions } from './policy-options.js';
import { promptTokens } from './prompt-tokens.js';
import { liveWire } from './servers/live-wire.js';
import { openServer, type Server, type ServerView } from './servers/server.js';
import { stickyRouter } from './servers/sticky-router.js';
import { redactor } from './transport/redactor.js';
import type { WireContext } from './transport/wire-call.js';

/** What a served policy has done since it was made. */
export interface ServedPolicyStats {
  readonly responses: number;
  readonly promptTokens: number;
  /** Prompt tokens that came from a server's prefix cache. */
  readonly cachedPromptTokens: number;
  readonly responseTokens: number;
}

/** A policy behind servers. */
export interface ServedPolicy extends Policy {
  readonly capabilities: PolicyCapabilities;
  /** The version that responses which are asked for now will carry. */
  readonly version: () => string;
  /** The model that is asked for now: with LoRA, the name of an adapter. */
  readonly model: () => string;
  /** From the next call on, asks for another model and stamps its version. Calls under way keep theirs. */
  readonly use: (next: { readonly model: string; readonly version: string }) => void;
  readonly servers: () => readonly ServerView[];
  readonly stats: () => ServedPolicyStats;
  /** Closes the connections, and writes what the cassette has yet to write. Calls under way fail. */
  readonly close: () => Promise<void>;
}

const SEEDS = 2 ** 31;

/**
 * A model behind one or several servers as a policy.
 *
 * Where the server can, prompts go in as token ids and responses come back as the ids that were sampled, with their log-probabilities
 * under the distribution sampled from; nothing is tokenised twice. What the server says is checked against what was sent, and against itself.
 * The seed of a response is drawn from its key; whether the same seed gives the same response is up to the server.
 *
 * @throws InvalidInputError naming the wrong option; from `generate`: EndpointError when no server answers, SamplingUnsupportedError,
 *   TokensUnavailableError, TokenMismatchError, TokenizerChangedError, CassetteMissError, AbortedError
 */
export function openaiCompatiblePolicy(options: ServedPolicyOptions): ServedPolicy {
  const { settings, access } = readOptions(options);
  const { dialect, capabilities } = presetOf(settings);
  const redact = redactor(access.secrets);
  let serving = { model: settings.model, version: settings.version ?? settings.model };

  const guard = capabilities.tokens
    ? tokenizerGuard(dialect, () => serving.model, settings.verifyEveryCalls)
    : undefined;
  const servers: readonly Server[] = access.urls.map((url) =>
    openServer(url, {
      headers: access.headers,
      limits: settings.limits,
      concurrency: settings.concurrency,
      redact,
      health: { call: dialect.health, everyMs: settings.healthEveryMs },
      onRecovery: async (server) => guard?.again(server),
    }),
  );
  const live = liveWire(stickyRouter(servers, settings.patienceMs), settings, guard);
  const { cassette } = options;
  const wire =
    cassette === undefined ? live : cassetteWire(cassette, live, redactor(access.longSecrets));
  const encode = promptTokens(dialect, wire, options.tokenizer, settings.beginOfSequence);
  const watch = vocabularyWatch();
  const look = (tokens: SampledTokens): void => {
    try {
      watch(tokens);
    } catch (cause) {
      // Which server it is, and whether all have changed, their tokenizers tell.
      guard?.doubt();
      throw cause;
    }
  };
  const counts = { responses: 0, promptTokens: 0, cachedPromptTokens: 0, responseTokens: 0 };
  let closed = false;

  const askedPrompt = async (
    { prompt }: GenerationRequest,
    model: string,
    context: WireContext,
  ): Promise<Ask['prompt']> => {
    if (prompt.kind === 'messages' && (!capabilities.tokens || settings.api === 'chat'))
      return prompt;
    if (capabilities.tokens)
      return { kind: 'tokens', tokens: await encode(prompt, model, context) };
    throw new PolicyError('a server that takes no token ids was asked to continue a transcript', {
      field: 'prompt',
      remedy: 'Use a protocol whose prompts are messages, or a server that takes token ids',
    });
  };

  return {
    id: settings.id,
    capabilities,
    version: () => serving.version,
    model: () => serving.model,
    use: (next) => {
      serving = { model: next.model, version: next.version };
    },
    servers: () => servers.map((server) => server.view()),
    generate: async (request): Promise<Generation> => {
      if (closed) throw new PolicyError('the policy is closed', { remedy: 'Make a new one' });
      const { sampling, key, affinity, signal, want = {} } = request;
      throwIfAborted(signal);
      checkSampling(sampling, dialect, capabilities.tokens);
      const { model, version } = serving;
      const context: WireContext = { key, affinity, tokens: sampling.maxTokens, signal };
      const prompt = await askedPrompt(request, model, context);
      const seed = randomSource([...key, 'seed']).integer(SEEDS);
      const { call, read } = dialect.respond({ prompt, model, sampling, seed, key, want });
      const sent = prompt.kind === 'tokens' ? prompt.tokens : undefined;
      const generation = await wire(
        {
          call,
          read: (answer) => {
            const sampled: Sampled = read(answer);
            const tokens = capabilities.tokens
              ? checkSampled(sampled, sent, sampling.maxTokens)
              : undefined;
            if (tokens !== undefined) look(tokens);
            return generationOf({ sampled, tokens, request, version });
          },
        },
        { ...context, tokens: sampling.maxTokens + (sent?.length ?? 0) },
      );
      counts.responses++;
      counts.promptTokens += generation.promptTokens.length;
      counts.cachedPromptTokens += generation.cachedPromptTokens;
      counts.responseTokens += generation.responseTokens.length;
      return generation;
    },
    stats: () => ({ ...counts }),
    close: async () => {
      closed = true;
      await Promise.all([...servers.map((server) => server.close()), cassette?.flush()]);
    },
  };
}
