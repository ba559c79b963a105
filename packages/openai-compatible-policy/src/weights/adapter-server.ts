/** What a server answered when it was asked whether it serves an adapter. */
export interface AdapterProbe {
  /** The likeliest tokens after a fixed prompt. */
  readonly tokens: readonly number[];
  /** Their log-probabilities, nats. */
  readonly logProbs: readonly number[];
}

/** An adapter as a server is told of it. */
export interface NamedAdapter {
  /** What requests will call it, for ever. */
  readonly name: string;
  /** The folder of `adapter_config.json` and `adapter_model.safetensors`, as the server sees it. */
  readonly path: string;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One server that adapters are loaded into while it runs. Every call throws an EndpointError when it fails. */
export interface AdapterServer {
  /** Its address, without secrets. */
  readonly id: string;
  /** The names of all models and adapters that it serves now. */
  readonly names: (options?: CallOptions) => Promise<readonly string[]>;
  readonly load: (adapter: NamedAdapter, options?: CallOptions) => Promise<void>;
  /** Also when it was not loaded. */
  readonly unload: (name: string, options?: CallOptions) => Promise<void>;
  /** Has it generate a little with the adapter, greedily. */
  readonly probe: (name: string, options?: CallOptions) => Promise<AdapterProbe>;
}
