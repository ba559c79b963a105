import { z } from 'zod';

/** The schema of {@link EndpointOptions}. */
export const endpointOptionsSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'give an http or https address' }),
  headers: z.record(z.string(), z.string()).default({}),
  timeoutMs: z.number().min(1).default(60_000),
  tries: z.int().min(1).default(5),
  firstDelayMs: z.number().min(0).default(500),
  longestDelayMs: z.number().min(0).default(30_000),
  concurrency: z.int().min(1).default(8),
});

/**
 * How an endpoint is called. `timeoutMs` is for one try, the reading of its answer included. Between tries it waits `firstDelayMs`, twice
 * that, ..., at most `longestDelayMs`, each shortened by up to half at random. `concurrency` is the most calls under way at once.
 */
export type EndpointOptions = z.input<typeof endpointOptionsSchema>;
