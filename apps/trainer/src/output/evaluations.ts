import {
  describeAnswers,
  describeKinds,
  describePassAt,
  type AnswerResult,
} from '../pipeline/describe-evaluation.js';
import type { Measured } from '../pipeline/evaluate-branching.js';
import { isGraded, showDifference, showMean, showRate } from '../pipeline/summary.js';
import type { DifferenceInterval } from '../statistics/intervals.js';
import { percent, renderTable } from './table.js';

/** What was measured, and the split that it was measured on, where several stand in one table. */
export interface Labelled extends Measured {
  readonly split?: string;
}

const labelOf = ({ split, single }: Labelled): string =>
  `${split === undefined ? '' : `${split}, `}temperature ${single.temperature}`;

const showShare = ({ mean, low, high }: DifferenceInterval): string =>
  showRate({ rate: mean, low, high, episodes: 0 });

/** No tokens were told where there are none: every response has some. */
const showTokens = (tokens: number): string => (tokens === 0 ? '-' : tokens.toFixed(0));

const graded = (results: readonly Labelled[]): boolean =>
  results.some(({ single }) => isGraded(single));

const INDENT = { all: '', topic: '', kind: '  ' } as const;

/** Success over all games, for each topic and for each kind, and the mean score where it says more. */
function samplesTable(
  results: readonly Labelled[],
  topicOf: ((kind: string) => string) | undefined,
): string {
  const withScore = graded(results);
  const episodes = results[0]?.samples?.episodesPerTask ?? 1;
  return renderTable(
    [
      `${episodes === 1 ? 'one sampled episode' : `${episodes} sampled episodes`} of each game`,
      'kind',
      'games',
      'success [95 %]',
      ...(withScore ? ['mean score [95 %]'] : []),
    ],
    results.flatMap((result) =>
      describeKinds(result, topicOf).map(({ name, of, games, success, score }) => [
        labelOf(result),
        `${INDENT[of]}${name}`,
        String(games),
        showShare(success),
        ...(withScore ? [showMean(score)] : []),
      ]),
    ),
    2,
  );
}

function episodesLine(result: Labelled): string {
  const { meanTurns, exploreRatio, invalidRatio, lost } = result.single;
  return (
    `${labelOf(result)}: ${meanTurns.toFixed(1)} turns per episode, explore ratio ${percent(exploreRatio)}, ` +
    `invalid responses ${percent(invalidRatio)}${lost === 0 ? '' : `, ${lost} lost to failures`}\n`
  );
}

function passAtTable(results: readonly Labelled[]): string {
  const rows = results.flatMap((result) =>
    describePassAt(result).map(({ k, success, tokens }) => [
      labelOf(result),
      String(k),
      showShare(success),
      showTokens(tokens),
    ]),
  );
  if (rows.length === 0) return '';
  return `\n${renderTable(['any of k episodes succeeds', 'k', 'pass@k [95 %]', 'tokens per game'], rows)}`;
}

const RULES: Readonly<Record<AnswerResult['rule'], string>> = {
  majority: 'majority of the last actions',
  likeliest: 'likeliest path',
  'best-score': 'best score (an oracle)',
  first: 'first path',
  any: 'any path (an oracle)',
};

const FROM: Readonly<Record<AnswerResult['from'], string>> = {
  'one-sample': 'one sample',
  tree: 'a tree',
  'episodes-at-equal-tokens': 'episodes, equal tokens',
  episodes: 'all episodes',
};

/** A difference in points. Where no game differs the interval would claim certainty, so it says that instead. */
function difference(interval: DifferenceInterval | null): string {
  if (interval === null) return '';
  return interval.low === 0 && interval.high === 0 ? 'no game differs' : showDifference(interval);
}

/** What choosing among several paths adds to one sample, and what it costs. */
function answersTable(results: readonly Labelled[]): string {
  const withScore = graded(results);
  const rows = results.flatMap((result) =>
    describeAnswers(result).map((answer) => ({ label: labelOf(result), answer })),
  );
  if (rows.length === 0) return '';
  const withEpisodes = rows.some(({ answer }) => answer.overEpisodes !== null);
  return `\n${renderTable(
    [
      'several paths of each game',
      'chosen from',
      'the path that answers',
      'success [95 %]',
      ...(withScore ? ['mean score [95 %]'] : []),
      'over one sample, points [95 %]',
      ...(withEpisodes ? ['over the episodes [95 %]'] : []),
      'paths',
      'tokens',
    ],
    rows.map(({ label, answer }) => [
      label,
      FROM[answer.from],
      answer.from === 'one-sample' ? '' : RULES[answer.rule],
      showShare(answer.success),
      ...(withScore ? [showMean(answer.score)] : []),
      difference(answer.overOneSample),
      ...(withEpisodes ? [difference(answer.overEpisodes)] : []),
      answer.pathsPerGame.toFixed(1),
      showTokens(answer.tokensPerGame.response),
    ]),
    3,
  )}`;
}

/** What the tables rest on, in sentences. */
function notes({ samples, branching }: Measured): string {
  const lines: string[] = [];
  if (samples !== undefined) {
    lines.push(
      'pass@k is the unbiased estimate. Intervals of several episodes of a game are over games (bootstrap; of few successes Wilson’s), those of one path Wilson’s.',
    );
  }
  if (branching !== undefined) {
    const { leaves, roots, width } = branching.settings;
    lines.push(
      `Trees of up to ${leaves} leaves from ${roots} ${roots === 1 ? 'root' : 'roots'}, ${width} children where the agent explores; tokens are response tokens of a game, each counted once.`,
    );
    const { answered, atEqualTokens } = branching;
    if (answered.tokens.response === 0)
      lines.push(
        'The server tells no tokens, so what paths cost, and which is the likeliest, is not known.',
      );
    else if (atEqualTokens === undefined)
      lines.push(`--samples ${leaves} sets separate episodes at equal tokens beside the trees.`);
    else if (answered.tokens.response > 1.05 * atEqualTokens.tokens.response)
      lines.push('The separate episodes took fewer tokens than the trees: give more --samples.');
  }
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * The tables of `spark-rl eval`.
 *
 * @param topicOf - what kinds of task belong together under, in a world that has topics
 */
export function renderEvaluations(
  results: readonly Labelled[],
  topicOf?: (kind: string) => string,
): string {
  return (
    samplesTable(results, topicOf) +
    results.map(episodesLine).join('') +
    passAtTable(results) +
    answersTable(results) +
    (results[0] === undefined ? '' : notes(results[0]))
  );
}
