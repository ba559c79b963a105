import { pairedDifference, wilsonInterval } from '../statistics/intervals.js';
import type { DifferenceInterval, RateInterval } from '../statistics/intervals.js';
import type { StoredEvaluation } from '../pipeline/evaluation-file.js';

/** What a run did in one of its steps. */
export interface ComparedStep {
  /** Tokens generated up to and with it. */
  readonly tokens: number;
  readonly success: number;
  readonly explore: number;
  /** Share of turns that repeat an action of their path. */
  readonly repeated: number;
  readonly leaves: number;
}

/** One run: a variant with a seed. */
export interface ComparedRun {
  readonly seed: number;
  readonly variant: string;
  readonly label: string;
  /** On the seed's unseen games; the same games for every variant. */
  readonly evaluation: StoredEvaluation;
  readonly tokens: number;
  /** What the same leaves would have taken as separate chains. */
  readonly chainTokens: number;
  readonly seconds: number;
  readonly steps: readonly ComparedStep[];
}

/** A comparison: runs that began with the same warm-up of their seed. */
export interface Comparison {
  readonly title: string;
  readonly command: string;
  readonly environment: string;
  readonly tokens: number;
  readonly runs: readonly ComparedRun[];
  /** The warm-ups that they began with, by seed. */
  readonly before: readonly { readonly seed: number; readonly evaluation: StoredEvaluation }[];
}

export type Temperature = 'at1' | 'at04';

/** How SPARK and another variant stand to each other: wins and losses are intervals that leave zero out. */
export interface Standing {
  readonly difference: DifferenceInterval;
  /** Of how many seeds the mean is higher for SPARK. */
  readonly seedsAhead: number;
  readonly verdict: 'SPARK wins' | 'SPARK loses' | 'a tie';
}

/** A variant over all its seeds. */
export interface VariantSummary {
  readonly variant: string;
  readonly label: string;
  /** Over all games of all seeds. */
  readonly success: RateInterval;
  /** Of each seed, in order. */
  readonly bySeed: readonly number[];
  readonly successAt04: RateInterval;
  readonly meanScore: number;
  readonly tokens: number;
  readonly saved: number;
  readonly seconds: number;
  /** Means of the last five steps of each run. */
  readonly atTheEnd: Omit<ComparedStep, 'tokens'>;
  /** Against SPARK, where there is one and this is another. */
  readonly standing?: Standing;
  readonly standingAt04?: Standing;
}

const LAST = 5;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function standingOf(
  spark: readonly ComparedRun[],
  other: readonly ComparedRun[],
  at: Temperature,
): Standing {
  const pairs = other.flatMap((run) => {
    const own = spark.find(({ seed }) => seed === run.seed);
    return own === undefined
      ? []
      : [{ own: own.evaluation[at].successes, other: run.evaluation[at].successes }];
  });
  const difference = pairedDifference(
    pairs.flatMap((pair) => pair.other),
    pairs.flatMap((pair) => pair.own),
  );
  const rate = (successes: readonly boolean[]): number => mean(successes.map(Number));
  return {
    difference,
    seedsAhead: pairs.filter((pair) => rate(pair.own) > rate(pair.other)).length,
    verdict: difference.low > 0 ? 'SPARK wins' : difference.high < 0 ? 'SPARK loses' : 'a tie',
  };
}

function summaryOf(runs: readonly ComparedRun[], spark: readonly ComparedRun[]): VariantSummary {
  const { variant, label } = runs[0]!;
  const successes = (at: Temperature) => runs.flatMap(({ evaluation }) => evaluation[at].successes);
  const ends = runs.flatMap(({ steps }) => steps.slice(-LAST));
  const end = (of: (step: ComparedStep) => number): number => mean(ends.map(of));
  const tokens = mean(runs.map((run) => run.tokens));
  return {
    variant,
    label,
    success: wilsonInterval(successes('at1')),
    bySeed: runs.map(({ evaluation }) => mean(evaluation.at1.successes.map(Number))),
    successAt04: wilsonInterval(successes('at04')),
    meanScore: mean(runs.flatMap(({ evaluation }) => evaluation.at1.scores)),
    tokens,
    saved: 1 - tokens / mean(runs.map((run) => run.chainTokens)),
    seconds: mean(runs.map((run) => run.seconds)),
    atTheEnd: {
      success: end((step) => step.success),
      explore: end((step) => step.explore),
      repeated: end((step) => step.repeated),
      leaves: end((step) => step.leaves),
    },
    ...(variant !== 'spark' &&
      spark.length > 0 && {
        standing: standingOf(spark, runs, 'at1'),
        standingAt04: standingOf(spark, runs, 'at04'),
      }),
  };
}

/** Adds up a comparison variant by variant, in the order in which they were run. */
export function summariseComparison({ runs }: Comparison): readonly VariantSummary[] {
  const spark = runs.filter(({ variant }) => variant === 'spark');
  const names = [...new Set(runs.map(({ variant }) => variant))];
  return names.map((name) =>
    summaryOf(
      runs.filter(({ variant }) => variant === name),
      spark,
    ),
  );
}

/** The warm-ups that everything began with, as a variant that generated nothing. */
export function summariseWarmups({ before, runs }: Comparison): VariantSummary {
  const spark = runs.filter(({ variant }) => variant === 'spark');
  const warmups = before.map(({ seed, evaluation }) => ({
    seed,
    evaluation,
    variant: 'warmup',
    label: 'warm-up alone',
    tokens: 0,
    chainTokens: 0,
    seconds: 0,
    steps: [],
  }));
  return summaryOf(warmups, spark);
}
