export { endpointClient, type EndpointCall, type EndpointClient } from './endpoint-client.js';
export { endpointOptionsSchema, type EndpointOptions } from './endpoint-options.js';
