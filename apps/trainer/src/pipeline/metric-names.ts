/**
 * What the learner's metrics are called in `metrics.jsonl`: as verl calls the quantity, where it has it. The others are `learn/...` with
 * words parted by underscores; `docs/logging.md` has the whole table, with TRL's names.
 */
const LEARNER_METRICS: Readonly<Record<string, string>> = {
  policyLoss: 'actor/pg_loss',
  kl: 'actor/kl_loss',
  policyKl: 'actor/ppo_kl',
  entropy: 'actor/entropy',
  clipRatio: 'actor/pg_clipfrac',
  gradientNorm: 'actor/grad_norm',
  learningRate: 'actor/lr',
  meanStaleness: 'learn/staleness',
};

/** The name of a learner's metric in a metrics file: `gradientNorm` is `actor/grad_norm`, `paddedTokens` is `learn/padded_tokens`. */
export const learnerMetricName = (name: string): string =>
  LEARNER_METRICS[name] ??
  `learn/${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;

/** Metrics that a clock decides: two runs of one seed differ in them, and in no others. */
export const isTimed = (name: string): boolean => /^(timing_s|perf)\//.test(name);
