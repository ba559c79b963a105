import { leastRecentlyUsed } from '../least-recently-used.js';
import type { Server } from './server.js';

/** Trees whose server is remembered; far more than are grown at once. */
const REMEMBERED_TREES = 65_536;

/** Says which server a call goes to. */
export interface Router {
  /** @throws what the servers were refused for, when all of them were */
  readonly pick: (affinity: string) => Server;
}

/** The one that costs least; of equals the first. */
function least(
  servers: readonly Server[],
  cost: (server: Server) => readonly [number, number],
): Server {
  return servers.reduce((best, server) => {
    const [a, b] = [cost(server), cost(best)];
    return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]) ? server : best;
  });
}

const idlest = (servers: readonly Server[]): Server =>
  least(servers, (server) => [server.view().tokensInFlight, server.view().trees]);

/**
 * Keeps every tree with one server, whose prefix cache knows it. A tree that is new, or whose server is gone, goes to the server with the
 * fewest tokens in flight (of equals, the one with the fewest trees, then the first). A server that asked to be left alone keeps its trees
 * when it asked for no more than `patienceMs`; otherwise a call goes elsewhere once, and the tree stays where it is.
 */
export function stickyRouter(servers: readonly Server[], patienceMs: number): Router {
  const homes = leastRecentlyUsed<string, Server>(REMEMBERED_TREES, (home) => home.adopt(-1));
  const settle = (affinity: string, server: Server): Server => {
    homes.get(affinity)?.adopt(-1);
    homes.set(affinity, server);
    server.adopt(1);
    return server;
  };
  return {
    pick: (affinity) => {
      const wait = (server: Server): number => server.busyUntil() - performance.now();
      const up = servers.filter((server) => server.view().status === 'up');
      const free = up.filter((server) => wait(server) <= 0);
      const home = homes.get(affinity);
      if (home !== undefined && up.includes(home))
        return wait(home) <= patienceMs || free.length === 0 ? home : idlest(free);
      if (up.length > 0) return settle(affinity, idlest(free.length > 0 ? free : up));
      // None is up: the call itself finds out whether one is again, each in its turn. The tree keeps its home, whose cache may have survived.
      const down = servers.filter((server) => server.view().status === 'down');
      if (down.length === 0) throw servers[0]!.refusal()!;
      return least(down, (server) => [server.view().failed, 0]);
    },
  };
}
