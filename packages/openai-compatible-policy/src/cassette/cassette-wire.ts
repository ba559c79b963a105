import type { JsonValue } from '@spark-rl/core';

import type { Redact } from '../transport/redactor.js';
import type { Wire } from '../transport/wire-call.js';
import type { Cassette } from './cassette.js';

/** Puts a cassette before the servers: what is recorded is answered by it, what the servers answer is recorded. Failed calls are not. */
export const cassetteWire =
  (cassette: Cassette, live: Wire, redact: Redact): Wire =>
  async (query, context) => {
    const { call, read } = query;
    const known = cassette.recall(call, context.key, redact);
    if (known !== undefined) return read(known);
    let answer: JsonValue = null;
    const value = await live(
      {
        call,
        read: (told) => {
          answer = told;
          return read(told);
        },
      },
      context,
    );
    await cassette.keep(call, context.key, answer, redact);
    return value;
  };
