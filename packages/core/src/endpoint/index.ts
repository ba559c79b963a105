export { callQueue } from './call-queue.js';
export { endpointClient, type EndpointCall, type EndpointClient } from './endpoint-client.js';
export { endpointOptionsSchema, type EndpointOptions } from './endpoint-options.js';
export { isTransientStatus, retryAfterMs, shownUrl } from './refusal.js';
export { pause, retryDelay, withRetries, type RetryRules } from './retries.js';
