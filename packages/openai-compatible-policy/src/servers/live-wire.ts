import { EndpointError, throwIfAborted } from '@spark-rl/core';
import { pause, retryDelay, type RetryRules } from '@spark-rl/core/endpoint';

import type { TokenizerGuard } from '../checks/tokenizer-guard.js';
import type { Wire } from '../transport/wire-call.js';
import type { Server } from './server.js';
import type { Router } from './sticky-router.js';

/**
 * Carries calls to real servers: each to the server of its tree, and again where that may help. A try that failed is made at once when another
 * server takes over, else after a back-off with keyed jitter, and not before the time that the server asked for. Where it asked for
 * more than `longestDelayMs`, the call fails rather than to come too early.
 */
export function liveWire(
  router: Router,
  rules: RetryRules,
  guard: TokenizerGuard | undefined,
): Wire {
  const attempt = async (
    server: Server,
    query: Parameters<Wire>[0],
    context: Parameters<Wire>[1],
  ) => {
    const wait = server.busyUntil() - performance.now();
    if (wait > 0) await pause(Math.min(wait, rules.longestDelayMs), context.signal);
    await guard?.before(server, context.signal);
    return server.call(query, context.tokens, context.signal);
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
        if (!(cause instanceof EndpointError) || !cause.retryable || tried >= rules.tries)
          throw cause;
        const next = router.pick(affinity);
        if (next === server) {
          const asked = cause.retryAfterMs;
          if (asked !== undefined && asked > rules.longestDelayMs) throw cause;
          await pause(retryDelay(rules, tried, key, asked), signal);
        }
        server = next;
      }
    }
  }) as Wire;
}
