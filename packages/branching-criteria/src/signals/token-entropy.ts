import type { Over } from './summary.js';
import { summarise } from './summary.js';
import { lastTurn, type Signal } from './signal.js';

const tokenEntropy = (over: Over): Signal => ({
  id: `${over}-entropy`,
  want: { entropies: true },
  value: (path) => summarise(lastTurn(path).generation.entropies ?? [], over),
});

/**
 * The mean entropy of a response's tokens, (1/T) sum_j H_j with H_j = -sum_v p_j(v) log p_j(v) over the whole vocabulary, under the
 * distribution sampled from. In nats, in [0, log V]. Null without tokens.
 */
export const meanEntropySignal = (): Signal => tokenEntropy('mean');

/**
 * The largest entropy among a response's tokens, max_j H_j, in nats, in [0, log V]: one contested word in a fluent sentence, which
 * a mean would drown. Null without tokens.
 */
export const maxEntropySignal = (): Signal => tokenEntropy('max');
