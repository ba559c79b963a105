import { AbortedError, parseInput, throwIfAborted } from '@spark-rl/core';
import { z } from 'zod';

import type { AdapterServer } from './adapter-server.js';
import { disagreement } from './agree.js';
import { WeightsError } from './weights-error.js';

const optionsSchema = z.strictObject({
  prefix: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'give letters, digits, dots and dashes'),
  firstNumber: z.int().min(1).default(1),
  keep: z.int().min(1).default(2),
  tolerance: z.number().min(0).default(0.05),
});

/** How adapters are published. */
export type ServedWeightsOptions = z.input<typeof optionsSchema> & {
  /** All of them serve a version, or none does. */
  readonly servers: readonly AdapterServer[];
  /** Told each new version once all servers have it: what asks for responses uses it from then on. */
  readonly onVersion?: (version: string) => void;
};

/** Writes an adapter to a folder that is named after its version, and says where the servers find it. */
export type WriteAdapter = (version: string) => string | Promise<string>;

/** Versions of weights on servers. */
export interface ServedWeights {
  /** The version that all servers have; null before the first. */
  readonly version: () => string | null;
  /**
   * Publishes an adapter under a new name: writes it, loads it into all servers, has each generate with it, and only then moves the version
   * on and drops those before the last `keep`. When anything fails, the servers are told to drop it, and the version stays.
   *
   * @returns the new version
   * @throws WeightsError; AbortedError, after the servers were told; what `write` throws
   */
  readonly publish: (
    write: WriteAdapter,
    options?: { readonly signal?: AbortSignal | undefined },
  ) => Promise<string>;
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/** The number in a name of ours; 0 for other names. */
function numberOf(name: string, prefix: string): number {
  const digits = name.startsWith(`${prefix}-v`) ? name.slice(prefix.length + 2) : '';
  return /^\d+$/.test(digits) ? Number(digits) : 0;
}

/**
 * Keeps servers at the newest weights. A version is a name that is never used twice: a server that had other weights under the same name could
 * answer from the keys and values it kept of them (vLLM issue 42125). Numbers of attempts that failed are not used again either, nor any
 * that a server has heard of; give `prefix` the name of the run, and `firstNumber` when it is resumed, so that no other run's are.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function servedWeights(options: ServedWeightsOptions): ServedWeights {
  const { servers, onVersion, ...rest } = options;
  const { prefix, firstNumber, keep, tolerance } = parseInput(
    optionsSchema,
    rest,
    'options of servedWeights',
  );
  parseInput(z.array(z.unknown()).min(1, 'give at least one server'), servers, 'servers');
  let next = firstNumber;
  let serving: string | null = null;
  /** Loaded on all servers, oldest first. */
  let loaded: readonly string[] = [];
  /** Given up or too old, where a server could not be told. */
  const leftovers = new Map<AdapterServer, Set<string>>(servers.map((each) => [each, new Set()]));
  let last: Promise<unknown> = Promise.resolve();

  /** Has a server drop names; what it cannot be told now it is told next time. */
  const drop = async (server: AdapterServer, names: readonly string[]): Promise<void> => {
    const left = leftovers.get(server)!;
    for (const name of names) left.add(name);
    for (const name of [...left]) {
      await server.unload(name).then(
        () => left.delete(name),
        () => undefined,
      );
    }
  };
  const dropEverywhere = (names: readonly string[]): Promise<unknown> =>
    Promise.all(servers.map((server) => drop(server, names)));

  const newName = async (signal: AbortSignal | undefined): Promise<string> => {
    const known = await Promise.all(servers.map((server) => server.names({ signal })));
    for (const name of known.flat()) next = Math.max(next, numberOf(name, prefix) + 1);
    return `${prefix}-v${String(next++).padStart(6, '0')}`;
  };

  /** Loads and probes everywhere; throws the first problem, once all servers have answered. */
  const install = async (
    name: string,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const all = async <Value>(
      what: (server: AdapterServer) => Promise<Value>,
    ): Promise<readonly Value[]> => {
      const settled = await Promise.allSettled(servers.map(what));
      throwIfAborted(signal);
      return settled.map((result, i) => {
        if (result.status === 'fulfilled') return result.value;
        throw new Error(`${servers[i]!.id}: ${reasonOf(result.reason)}`, {
          cause: result.reason,
        });
      });
    };
    await all((server) => server.load({ name, path }, { signal }));
    const probes = await all((server) => server.probe(name, { signal }));
    for (const [i, probe] of probes.entries()) {
      const problem = disagreement(probe, probes[0]!, tolerance);
      if (problem !== undefined)
        throw new Error(`${servers[i]!.id} does not serve the same weights: ${problem}`);
    }
  };

  const publish = async (write: WriteAdapter, signal: AbortSignal | undefined): Promise<string> => {
    throwIfAborted(signal);
    const name = await newName(signal);
    const path = await write(name);
    try {
      await install(name, path, signal);
    } catch (cause) {
      // Also where loading failed: a call that timed out may have been obeyed.
      await dropEverywhere([name]);
      if (cause instanceof AbortedError) throw cause;
      const leftOn = servers.filter((each) => leftovers.get(each)!.has(name)).map(({ id }) => id);
      throw new WeightsError(`version ${name} is not served: ${reasonOf(cause)}`, {
        field: 'version',
        value: name,
        remedy: `All servers go on with ${serving ?? 'what they had'}; publish again when the cause is mended`,
        attempted: name,
        serving,
        leftOn,
        cause,
      });
    }
    serving = name;
    onVersion?.(name);
    const kept = [...loaded, name];
    loaded = kept.slice(-keep);
    await dropEverywhere(kept.slice(0, -keep));
    return name;
  };

  return {
    version: () => serving,
    publish: (write, { signal } = {}) => {
      const turn = last.then(() => publish(write, signal));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
