import type { TokenLogProb } from '@spark-rl/core';

import { likeliest, truncates, type Truncation } from './likeliest.js';

/** What is wanted of a draw beside the token. */
export interface DrawOptions extends Truncation {
  /** 0 takes the likeliest token (the first of equals); otherwise logits are divided by it. */
  readonly temperature: number;
  /** Draws from [0, 1); called once, and not at all at temperature 0. */
  readonly uniform: () => number;
  readonly entropy: boolean;
  /** How many of the likeliest tokens to report; 0 for none. */
  readonly top: number;
  /** The only tokens that may be drawn, in the order of their ids, at least one; all by default. */
  readonly allowed?: Int32Array | undefined;
}

/** A token, and what is known of the distribution it was drawn from; nats. */
export interface Draw {
  readonly token: number;
  readonly logProb: number;
  readonly entropy?: number;
  readonly top?: readonly TokenLogProb[];
  /** Log of the probability that the tokens left have under softmax(logits / temperature); present when something may cut it down. */
  readonly logKept?: number;
}

/** The `count` tokens of the largest weights, largest first; the first of equals first. */
function largest(weights: Float64Array, ids: Int32Array, count: number): number[] {
  const best: number[] = [];
  for (const id of ids) {
    let at = best.length;
    while (at > 0 && weights[best[at - 1]!]! < weights[id]!) at--;
    if (at >= count || weights[id] === 0) continue;
    best.splice(at, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}

function argmax(logits: Float32Array, ids: Int32Array): number {
  let best = ids[0]!;
  for (const id of ids) if (logits[id]! > logits[best]!) best = id;
  return best;
}

/** Reused by every draw: allocations per token would keep the garbage collector busy. */
let weightsOfLastDraw = new Float64Array(0);
let allIds = new Int32Array(0);

const everyId = (size: number): Int32Array => {
  if (allIds.length !== size) allIds = Int32Array.from({ length: size }, (_, id) => id);
  return allIds;
};

/** Writes exp((logit - largest logit) / temperature) of the tokens; returns the largest logit and the sum. */
function weigh(
  logits: Float32Array,
  ids: Int32Array,
  temperature: number,
  weights: Float64Array,
): { readonly max: number; readonly total: number } {
  let max = -Infinity;
  for (const id of ids) if (logits[id]! > max) max = logits[id]!;
  let total = 0;
  for (const id of ids) {
    const weight = Math.exp((logits[id]! - max) / temperature);
    weights[id] = weight;
    total += weight;
  }
  return { max, total };
}

function areFinite(logits: Float32Array): boolean {
  for (const logit of logits) if (!Number.isFinite(logit)) return false;
  return true;
}

function greedy(logits: Float32Array, options: DrawOptions): Draw | null {
  // A comparison with NaN is false, so the likeliest would be looked for among the others.
  if (!areFinite(logits)) return null;
  const likely = argmax(logits, everyId(logits.length));
  const token = options.allowed === undefined ? likely : argmax(logits, options.allowed);
  const narrowed = options.allowed !== undefined || truncates(options);
  return {
    token,
    logProb: 0,
    ...(options.entropy ? { entropy: 0 } : {}),
    ...(options.top > 0 ? { top: [{ token, logProb: 0 }] } : {}),
    // The whole distribution has all its mass on one token too.
    ...(narrowed ? { logKept: token === likely ? 0 : -Infinity } : {}),
  };
}

/**
 * Draws a token from softmax(logits / temperature), computed in float64, by inverting its distribution function in the order of token
 * ids. `allowed`, `topK`, `topP` and `minP` cut the distribution down first, in this order (`likeliest`); what is left is
 * renormalised. The log-probability, the entropy and the alternatives are of the distribution drawn from; at temperature 0 all its mass is
 * on one token: log-probability 0, entropy 0.
 *
 * @param logits - [V], finite
 * @returns null when a logit is not finite
 */
export function sampleToken(logits: Float32Array, options: DrawOptions): Draw | null {
  const { temperature, uniform, entropy, top, allowed } = options;
  if (temperature === 0) return greedy(logits, options);
  const size = logits.length;
  const all = everyId(size);
  if (weightsOfLastDraw.length !== size) weightsOfLastDraw = new Float64Array(size);
  const weights = weightsOfLastDraw;
  const whole = weigh(logits, all, temperature, weights);
  // NaN and infinities all end up here: inf - inf is NaN.
  if (!Number.isFinite(whole.total)) return null;
  // Weighed against their own largest logit, tokens that are allowed but hardly likely do not vanish.
  const { max, total: possible } =
    allowed === undefined ? whole : weigh(logits, allowed, temperature, weights);
  if (!Number.isFinite(possible)) return null;
  const cut = truncates(options);
  const ids = cut ? likeliest(weights, allowed ?? all, options) : (allowed ?? all);
  let total = possible;
  if (cut) {
    total = 0;
    for (const id of ids) total += weights[id]!;
  }

  const target = uniform() * total;
  let token = -1;
  let sum = 0;
  for (let i = 0; i < ids.length && sum <= target; i++) {
    const weight = weights[ids[i]!]!;
    if (weight === 0) continue;
    sum += weight;
    token = ids[i]!;
  }
  const logTotal = Math.log(total);
  const shifted = (id: number): number => (logits[id]! - max) / temperature;
  const logProb = (id: number): number => shifted(id) - logTotal;
  let moment = 0;
  if (entropy) for (const id of ids) if (weights[id]! > 0) moment += weights[id]! * shifted(id);
  const logWhole = Math.log(whole.total) + (whole.max - max) / temperature;
  return {
    token,
    logProb: logProb(token),
    ...(entropy ? { entropy: Math.max(0, logTotal - moment / total) } : {}),
    ...(top > 0
      ? { top: largest(weights, ids, top).map((id) => ({ token: id, logProb: logProb(id) })) }
      : {}),
    ...(cut || allowed !== undefined ? { logKept: Math.min(0, logTotal - logWhole) } : {}),
  };
}
