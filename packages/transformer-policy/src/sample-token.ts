import type { TokenLogProb } from '@spark-rl/core';

/** What is wanted of a draw beside the token. */
export interface DrawOptions {
  /** 0 takes the likeliest token (the first of equals); otherwise logits are divided by it. */
  readonly temperature: number;
  /** Draws from [0, 1); called once, and not at all at temperature 0. */
  readonly uniform: () => number;
  readonly entropy: boolean;
  /** How many of the likeliest tokens to report; 0 for none. */
  readonly top: number;
}

/** A token, and what is known of the distribution it was drawn from; nats. */
export interface Draw {
  readonly token: number;
  readonly logProb: number;
  readonly entropy?: number;
  readonly top?: readonly TokenLogProb[];
}

/** The indices of the `count` largest values, largest first; the first of equals first. */
function largest(values: Float64Array, count: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < values[i]!) at--;
    if (at >= count) continue;
    best.splice(at, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** Reused by every draw: one allocation per token would keep the garbage collector busy. */
let scratch = new Float64Array(0);

/**
 * Draws a token from softmax(logits / temperature), computed in float64, by inverting its distribution function in the order of token
 * ids. The log-probability is that of the distribution drawn from; at temperature 0 all its mass is on one token: log-probability 0,
 * entropy 0.
 *
 * @param logits - [V], finite
 * @returns null when a logit is not finite
 */
export function sampleToken(logits: Float32Array, options: DrawOptions): Draw | null {
  const { temperature, uniform, entropy, top } = options;
  const size = logits.length;
  if (temperature === 0) {
    const token = argmax(logits);
    if (!Number.isFinite(logits[token])) return null;
    return {
      token,
      logProb: 0,
      ...(entropy ? { entropy: 0 } : {}),
      ...(top > 0 ? { top: [{ token, logProb: 0 }] } : {}),
    };
  }
  let max = -Infinity;
  for (let i = 0; i < size; i++) if (logits[i]! > max) max = logits[i]!;
  if (scratch.length !== size) scratch = new Float64Array(size);
  const weights = scratch;
  let total = 0;
  let moment = 0;
  for (let i = 0; i < size; i++) {
    const shifted = (logits[i]! - max) / temperature;
    const weight = Math.exp(shifted);
    weights[i] = weight;
    total += weight;
    if (entropy && weight > 0) moment += weight * shifted;
  }
  // NaN and infinities all end up here: inf - inf is NaN.
  if (!Number.isFinite(total)) return null;
  const target = uniform() * total;
  let token = -1;
  let sum = 0;
  for (let i = 0; i < size && sum <= target; i++) {
    if (weights[i] === 0) continue;
    sum += weights[i]!;
    token = i;
  }
  const logTotal = Math.log(total);
  const logProb = (id: number): number => (logits[id]! - max) / temperature - logTotal;
  return {
    token,
    logProb: logProb(token),
    ...(entropy ? { entropy: Math.max(0, logTotal - moment / total) } : {}),
    ...(top > 0
      ? { top: largest(weights, top).map((id) => ({ token: id, logProb: logProb(id) })) }
      : {}),
  };
}
