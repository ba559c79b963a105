import {
  meanInterval,
  pairedDifference,
  wilsonInterval,
  type DifferenceInterval,
  type RateInterval,
} from '../statistics/intervals.js';
import { formatCount, formatSeconds } from '../output/progress.js';
import { percent, points, renderTable } from '../output/table.js';
import type { RunProgress } from './checkpoint.js';
import type { Evaluation } from './evaluate.js';
import { tasksTaken } from './grow-step.js';

/** Success before and after, on the same games. */
export interface SuccessSummary {
  readonly warmup: RateInterval;
  readonly final: RateInterval;
  readonly difference: DifferenceInterval;
}

/** The world's own score before and after, on the same games. */
export interface ScoreSummary {
  readonly warmup: DifferenceInterval;
  readonly final: DifferenceInterval;
  readonly difference: DifferenceInterval;
}

/** How the time of reinforcement was spent, without measuring. Rollouts that run ahead overlap with updates: then shares may add up to more than 1. */
export interface Utilisation {
  /** Growing trees, and learning from them, of all the time. */
  readonly rolloutShare: number;
  readonly updateShare: number;
  /** Of growing trees: with the policy at work, and with nothing under way but the environment and the host. */
  readonly policyShare: number;
  readonly environmentShare: number;
  /** Generated, in a second of growing trees. */
  readonly tokensPerSecond: number;
}

/** What a run came to; the content of `summary.json`. */
export interface RunSummary {
  /** At temperature 1, the temperature of the rollouts. */
  readonly success: SuccessSummary;
  /** At temperature 0.4. */
  readonly successAt04: SuccessSummary;
  /** Mean scores at temperatures 1 and 0.4; absent where the score says no more than success does. */
  readonly score?: { readonly at1: ScoreSummary; readonly at04: ScoreSummary };
  readonly tokens: { readonly generated: number; readonly chainEquivalent: number };
  /** Wall time of everything, evaluations included. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly reinforceSeconds: number;
  readonly engine: string;
  readonly device: string;
  readonly seed: number;
  readonly steps: number;
  readonly leavesPerTask: number;
  readonly forksPerTask: number;
  readonly failedLeaves: number;
  /** Episodes of the measurements that a failure of the policy or the environment ended; counted as no success. */
  readonly lostEpisodes: number;
  readonly exploreRatio: {
    readonly expert: number;
    readonly warmup: number;
    readonly rollouts: number;
    readonly final: number;
  };
  readonly invalidRatio: { readonly warmup: number; readonly final: number };
  readonly meanTurns: { readonly warmup: number; readonly final: number };
  readonly utilisation: Utilisation;
  readonly meanDecodeBatch: number;
  readonly cachedPromptShare: number;
}

/** Evaluations of one policy at both temperatures. */
export interface EvaluationPair {
  readonly at1: Evaluation;
  readonly at04: Evaluation;
}

const compare = (warmup: Evaluation, final: Evaluation): SuccessSummary => ({
  warmup: wilsonInterval(warmup.successes),
  final: wilsonInterval(final.successes),
  difference: pairedDifference(warmup.successes, final.successes),
});

const compareScores = (warmup: Evaluation, final: Evaluation): ScoreSummary => ({
  warmup: meanInterval(warmup.scores),
  final: meanInterval(final.scores),
  difference: pairedDifference(warmup.scores, final.scores),
});

/** Whether scores tell more than successes: some episode that did not succeed still earned something. */
export const isGraded = ({ successes, scores }: Evaluation): boolean =>
  scores.some((score, i) => score !== Number(successes[i]));

function utilisationOf(progress: RunProgress): Utilisation {
  const { reinforceSeconds, rolloutSeconds, policySeconds, updateSeconds } = progress;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    rolloutShare: share(rolloutSeconds, reinforceSeconds),
    updateShare: share(updateSeconds, reinforceSeconds),
    policyShare: share(policySeconds, rolloutSeconds),
    environmentShare: share(rolloutSeconds - policySeconds, rolloutSeconds),
    tokensPerSecond: share(progress.generatedTokens, rolloutSeconds),
  };
}

/** Adds up a run. */
export function summarise(run: {
  readonly progress: RunProgress;
  readonly warmup: EvaluationPair;
  readonly final: EvaluationPair;
  readonly seconds: number;
  readonly engine: string;
  readonly device: string;
  readonly seed: number;
  readonly tasksPerStep: number;
}): RunSummary {
  const { progress, warmup, final } = run;
  const tasks = Math.max(1, tasksTaken(progress, run.tasksPerStep));
  return {
    success: compare(warmup.at1, final.at1),
    successAt04: compare(warmup.at04, final.at04),
    ...([warmup.at1, warmup.at04, final.at1, final.at04].some(isGraded) && {
      score: {
        at1: compareScores(warmup.at1, final.at1),
        at04: compareScores(warmup.at04, final.at04),
      },
    }),
    tokens: {
      generated: progress.generatedTokens,
      chainEquivalent: progress.chainEquivalentTokens,
    },
    seconds: run.seconds,
    warmupSeconds: progress.warmupSeconds,
    reinforceSeconds: progress.reinforceSeconds,
    engine: run.engine,
    device: run.device,
    seed: run.seed,
    steps: progress.steps,
    leavesPerTask: progress.leaves / tasks,
    forksPerTask: progress.forks / tasks,
    failedLeaves: progress.failedLeaves,
    lostEpisodes: [warmup.at1, warmup.at04, final.at1, final.at04].reduce(
      (sum, { lost }) => sum + lost,
      0,
    ),
    exploreRatio: {
      expert: progress.expertExploreRatio,
      warmup: warmup.at1.exploreRatio,
      rollouts: progress.exploreTurns / Math.max(1, progress.turns),
      final: final.at1.exploreRatio,
    },
    invalidRatio: { warmup: warmup.at1.invalidRatio, final: final.at1.invalidRatio },
    meanTurns: { warmup: warmup.at1.meanTurns, final: final.at1.meanTurns },
    utilisation: utilisationOf(progress),
    meanDecodeBatch: progress.decodedTokens / Math.max(1, progress.decodeSteps),
    cachedPromptShare: progress.cachedPromptTokens / Math.max(1, progress.promptTokens),
  };
}

/** A rate with its interval: `26.3 % [22.2, 30.8]`. */
export const showRate = ({ rate, low, high }: RateInterval): string =>
  `${percent(rate)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;

/** A difference with its interval, in points: `+13.5 [9.0, 18.0]`. */
export const showDifference = ({ mean, low, high }: DifferenceInterval): string =>
  `${points(mean)} [${points(low)}, ${points(high)}]`;

/** A mean with its interval: `0.713 [0.690, 0.736]`; what cannot be told is a dash, or left out. */
export const showMean = ({ mean, low, high }: DifferenceInterval, sign: '' | '+' = ''): string => {
  const show = (value: number): string => `${value < 0 ? '' : sign}${value.toFixed(3)}`;
  if (!Number.isFinite(mean)) return '-';
  return Number.isFinite(low) ? `${show(mean)} [${show(low)}, ${show(high)}]` : show(mean);
};

/** The tables that end a run. */
export function renderSummary(summary: RunSummary): string {
  const row = (label: string, { warmup, final, difference }: SuccessSummary): string[] => [
    label,
    showRate(warmup),
    showRate(final),
    showDifference(difference),
  ];
  const scoreRow = (label: string, { warmup, final, difference }: ScoreSummary): string[] => [
    label,
    showMean(warmup),
    showMean(final),
    showMean(difference, '+'),
  ];
  const { tokens, score } = summary;
  // A published model may go without.
  const isWarm = summary.warmupSeconds > 0;
  const before = isWarm ? 'after warm-up' : 'as the model came';
  const success = renderTable(
    ['success on unseen games [95 %]', before, 'after SPARK', 'difference, in points'],
    [
      row('temperature 1 (as trained)', summary.success),
      row('temperature 0.4', summary.successAt04),
      ...(score === undefined
        ? []
        : [
            scoreRow('mean score, temperature 1', score.at1),
            scoreRow('mean score, temperature 0.4', score.at04),
          ]),
    ],
  );
  const saved = 1 - tokens.generated / Math.max(1, tokens.chainEquivalent);
  const facts = renderTable(
    ['the run', ''],
    [
      ['games, the same for both, one episode each', formatCount(summary.success.final.episodes)],
      [
        'time',
        `${formatSeconds(summary.seconds)} (${isWarm ? `warm-up ${formatSeconds(summary.warmupSeconds)}` : 'no warm-up'}, SPARK ${formatSeconds(summary.reinforceSeconds)})`,
      ],
      ['tokens generated', formatCount(tokens.generated)],
      [
        'the same leaves as separate chains',
        `${formatCount(tokens.chainEquivalent)} (${percent(saved)} saved)`,
      ],
      [
        'leaves, forks per task',
        `${summary.leavesPerTask.toFixed(1)}, ${summary.forksPerTask.toFixed(1)}`,
      ],
      [
        isWarm ? 'explore ratio: expert, warm-up, SPARK' : 'explore ratio: before, after',
        [
          ...(isWarm ? [summary.exploreRatio.expert] : []),
          summary.exploreRatio.warmup,
          summary.exploreRatio.final,
        ]
          .map(percent)
          .join(', '),
      ],
      [
        'turns per episode: before, after',
        `${summary.meanTurns.warmup.toFixed(1)}, ${summary.meanTurns.final.toFixed(1)}`,
      ],
      [
        'invalid responses: before, after',
        `${percent(summary.invalidRatio.warmup)}, ${percent(summary.invalidRatio.final)}`,
      ],
      [
        'time of SPARK: trees, updates',
        `${percent(summary.utilisation.rolloutShare)}, ${percent(summary.utilisation.updateShare)}`,
      ],
      [
        'of the trees: policy, world and host',
        `${percent(summary.utilisation.policyShare)}, ${percent(summary.utilisation.environmentShare)}`,
      ],
      ['tokens generated in a second of trees', formatCount(summary.utilisation.tokensPerSecond)],
      ['mean decode batch', `${summary.meanDecodeBatch.toFixed(1)} rows`],
      ['prompt tokens from the prefix cache', percent(summary.cachedPromptShare)],
      ...(summary.failedLeaves + summary.lostEpisodes > 0
        ? [
            [
              'lost to failures: leaves, measured episodes',
              `${summary.failedLeaves}, ${summary.lostEpisodes}`,
            ],
          ]
        : []),
      ['engine', `${summary.engine} (${summary.device})`],
      ['seed', String(summary.seed)],
    ],
  );
  return `${success}${facts}`;
}
