import { EndpointError } from '@spark-rl/core';

import type { Dialect } from '../dialects/dialect.js';
import { TokenizerChangedError } from '../errors.js';
import type { Server } from '../servers/server.js';

/** Whitespace, digits, tags, accents, another script and an emoji: where tokenizers differ. */
const SAMPLE = 'The <think>naïve</think> agent: 1234567 → {"a": [0]}\n\tgo  north 🚪 進む';

/** Makes sure that all servers, and each one all the time, have the same tokenizer. */
export interface TokenizerGuard {
  /** Looks again when it is due. Throws a TokenizerChangedError, and puts the server out of service. */
  readonly before: (server: Server, signal: AbortSignal | undefined) => Promise<void>;
  /** Has every server looked at again before its next call. */
  readonly doubt: () => void;
  /** Looks again now. */
  readonly again: (server: Server) => Promise<void>;
}

/** Servers without a tokenizer to ask answer so. */
const hasNone = (cause: unknown): boolean =>
  cause instanceof EndpointError &&
  cause.status !== undefined &&
  [404, 405, 501].includes(cause.status);

/**
 * Has a fixed text tokenized by each server before it is used, after it was down, and after every `everyCalls` calls, and compares. Servers
 * that offer no tokenizer are watched by their responses alone.
 */
export function tokenizerGuard(
  dialect: Dialect,
  model: () => string,
  everyCalls: number,
): TokenizerGuard {
  let agreed: { readonly url: string; readonly tokens: string } | undefined;
  const looks = new Map<Server, { calls: number; look: Promise<void> }>();

  const look = async (server: Server, signal: AbortSignal | undefined): Promise<void> => {
    if (dialect.encode === undefined) return;
    let tokens: string;
    try {
      tokens = (await server.call(dialect.encode(SAMPLE, model()), 0, signal)).join(' ');
    } catch (cause) {
      if (hasNone(cause)) return;
      throw cause;
    }
    agreed ??= { url: server.url, tokens };
    if (tokens === agreed.tokens) return;
    const error = new TokenizerChangedError(
      `${server.url} has another tokenizer than ${agreed.url === server.url ? 'before' : agreed.url}`,
      {
        field: 'url',
        value: server.url,
        remedy:
          'Start every server with the same model and tokenizer, and begin the run anew if it changed: kept token ids mean other texts now',
      },
    );
    server.refuse(error);
    throw error;
  };
  const start = (server: Server, signal: AbortSignal | undefined): Promise<void> => {
    const looking = look(server, signal);
    looks.set(server, { calls: 0, look: looking });
    // A look that failed is made again by the next call.
    looking.catch(() => looks.delete(server));
    return looking;
  };
  return {
    before: async (server, signal) => {
      const known = looks.get(server);
      if (known === undefined || ++known.calls >= everyCalls) await start(server, signal);
      // Not awaited with the signal of whoever looked first: its stop is not ours.
      else
        await known.look.catch(() =>
          signal?.aborted === true ? undefined : start(server, signal),
        );
    },
    doubt: () => looks.clear(),
    again: (server) => start(server, undefined),
  };
}
