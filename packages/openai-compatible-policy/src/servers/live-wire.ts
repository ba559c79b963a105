import { EndpointError, throwIfAborted } from '@spark-rl/core';
import { pause, retryDelay, type RetryRules } from '@spark-rl/core/endpoint';

import type { TokenizerGuard } from '../checks/tokenizer-guard.js';
import type { Wire } from '../transport/wire-call.js';
import type { Server } from './server.js';
import type { Router } from './sticky-router.js';

const isUp = (server: Server): boolean => server.view().status === 'up';

/** The server went down while a call waited for its place there, and another is up. */
class GoElsewhere extends Error {}

/**
 * Carries calls to real servers: each to the server of its tree, and again where that may help. A try that failed is made at once when another
 * server that is up takes over, else after a back-off with keyed jitter, and never before the time that the server asked for. Where it asked
 * for more than `longestDelayMs`, the call fails rather than to come too early.
 */
export function liveWire(
  router: Router,
  rules: RetryRules,
  guard: TokenizerGuard | undefined,
): Wire {
  const mayBeSent = async (
    server: Server,
    { affinity, signal }: Parameters<Wire>[1],
  ): Promise<void> => {
    for (;;) {
      if (!isUp(server) && isUp(router.pick(affinity))) throw new GoElsewhere();
      const wait = server.busyUntil() - performance.now();
      if (wait <= 0) return;
      if (wait > rules.longestDelayMs) {
        throw new EndpointError(
          `${server.url} asked to be left alone for another ${Math.ceil(wait)} ms`,
          {
            field: 'longestDelayMs',
            value: rules.longestDelayMs,
            status: 429,
            retryable: true,
            retryAfterMs: wait,
            remedy: 'Try again later, or allow for a longer delay.',
          },
        );
      }
      await pause(wait, signal);
    }
  };
  const attempt = async (
    server: Server,
    query: Parameters<Wire>[0],
    context: Parameters<Wire>[1],
  ) => {
    const { tokens, signal } = context;
    const ready = () => mayBeSent(server, context);
    await ready();
    await guard?.before(server, signal);
    // Asked again when it has its place: what others learned of the server meanwhile counts for it, too.
    return server.call(query, tokens, signal, ready);
  };
  return (async (query, context) => {
    const { key, affinity, signal } = context;
    throwIfAborted(signal);
    let server = router.pick(affinity);
    for (let tried = 1; ; tried++) {
      try {
        return await attempt(server, query, context);
      } catch (cause) {
        throwIfAborted(signal);
        if (cause instanceof GoElsewhere) {
          server = router.pick(affinity);
          tried--;
          continue;
        }
        if (!(cause instanceof EndpointError) || !cause.retryable || tried >= rules.tries)
          throw cause;
        const next = router.pick(affinity);
        if (next === server || !isUp(next)) {
          const asked = cause.retryAfterMs;
          if (asked !== undefined && asked > rules.longestDelayMs) throw cause;
          await pause(retryDelay(rules, tried, key, asked), signal);
        }
        server = next;
      }
    }
  }) as Wire;
}
