import type { RandomKey } from '@spark-rl/core';

import { clusteredBootstrap, clusteredRate } from '../statistics/clustered-bootstrap.js';
import {
  meanInterval,
  pairedDifference,
  wilsonInterval,
  type DifferenceInterval,
} from '../statistics/intervals.js';
import type { AnsweredTrees, Answers, TokenCounts } from './answer-trees.js';
import type { Measured } from './evaluate-branching.js';

/** Success and mean score of the games of one kind, of one topic, or of all. */
export interface KindResult {
  /** `all`, a topic, or a kind. */
  readonly name: string;
  readonly of: 'all' | 'topic' | 'kind';
  readonly games: number;
  /** Wilson's interval of one episode a game; of several, the bootstrap's over games. */
  readonly success: DifferenceInterval;
  readonly score: DifferenceInterval;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The interval of a mean score; a single game has a score, and no interval. */
const scoreInterval = (scores: readonly number[]): DifferenceInterval =>
  scores.length === 1 ? { mean: scores[0]!, low: NaN, high: NaN } : meanInterval(scores);

/** The draws of the bootstrap. All games have the same for every k, so that pass@1 and the success have one interval. */
const keyOf = (of: KindResult['of'], name: string): RandomKey => ['evaluation', of, name];

/** Success and score of the games at some places. */
function resultAt(
  { single, samples }: Measured,
  places: readonly number[],
  name: string,
  of: KindResult['of'],
): KindResult {
  const base = { name, of, games: places.length };
  if (samples !== undefined) {
    const key = keyOf(of, name);
    return {
      ...base,
      success: clusteredRate(
        places.map((place) => meanOf(samples.successes[place]!.map(Number))),
        key,
      ),
      score: clusteredBootstrap(
        places.map((place) => meanOf(samples.scores[place]!)),
        key,
      ),
    };
  }
  const { rate, low, high } = wilsonInterval(places.map((place) => single.successes[place]!));
  return {
    ...base,
    success: { mean: rate, low, high },
    score: scoreInterval(places.map((place) => single.scores[place]!)),
  };
}

/** Names in order, with numbers in them read as numbers: topic 2 stands before topic 10. Tasks without a kind have no name. */
const inOrder = (names: Iterable<string>): readonly string[] =>
  [...new Set(names)]
    .filter((name) => name !== '')
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

/** Success of all games, then of each kind; where kinds have topics, each topic stands before its kinds. */
export function describeKinds(
  measured: Measured,
  topicOf?: (kind: string) => string,
): readonly KindResult[] {
  const { kinds } = measured.single;
  const at = (holds: (kind: string) => boolean): readonly number[] =>
    kinds.flatMap((kind, place) => (holds(kind) ? [place] : []));
  const ofKinds = (names: Iterable<string>): readonly KindResult[] =>
    inOrder(names).map((name) =>
      resultAt(
        measured,
        at((kind) => kind === name),
        name,
        'kind',
      ),
    );
  const all = resultAt(
    measured,
    at(() => true),
    'all',
    'all',
  );
  if (topicOf === undefined) return [all, ...ofKinds(kinds)];
  return [
    all,
    ...inOrder(kinds.map(topicOf)).flatMap((topic) => [
      resultAt(
        measured,
        at((kind) => topicOf(kind) === topic),
        topic,
        'topic',
      ),
      ...ofKinds(kinds.filter((kind) => topicOf(kind) === topic)),
    ]),
  ];
}

/** pass@k over all games. */
export interface PassAtResult {
  readonly k: number;
  /** The mean of the games' estimates, with the bootstrap's interval over games. */
  readonly success: DifferenceInterval;
  /** Response tokens of k episodes of a game. */
  readonly tokens: number;
}

/** pass@k for every k that was asked for; nothing for single episodes. */
export const describePassAt = ({ samples }: Measured): readonly PassAtResult[] =>
  (samples?.passAt ?? []).map(({ k, ofTasks }) => ({
    k,
    success: clusteredRate(ofTasks, keyOf('all', 'all')),
    tokens: k * samples!.tokens.response,
  }));

/** How the paths that were chosen did. */
export interface AnswerResult {
  /** What was chosen from; `episodes-at-equal-tokens` are as many as cost what the tree cost. */
  readonly from: 'one-sample' | 'tree' | 'episodes-at-equal-tokens' | 'episodes';
  readonly rule: Answers['rule'];
  readonly isOracle: boolean;
  /** With Wilson's interval. */
  readonly success: DifferenceInterval;
  readonly score: DifferenceInterval;
  /** More successes than one sample has, on the same games; null for the sample itself. */
  readonly overOneSample: DifferenceInterval | null;
  /** A tree: more successes than the episodes at equal tokens have by the same rule; otherwise null. */
  readonly overEpisodes: DifferenceInterval | null;
  readonly pathsPerGame: number;
  readonly tokensPerGame: TokenCounts;
  readonly successes: readonly boolean[];
}

/** The rows of what is chosen from several paths, beside one sample; nothing where every game had one path. */
export function describeAnswers({ single, samples, branching }: Measured): readonly AnswerResult[] {
  const oneCosts = samples?.tokens ?? branching?.singleTokens;
  if (oneCosts === undefined) return [];
  const result = (
    from: AnswerResult['from'],
    { rule, isOracle, successes, scores }: Answers,
    cost: Pick<AnsweredTrees, 'pathsPerTask' | 'tokens'>,
    episodes?: Answers,
  ): AnswerResult => {
    const { rate, low, high } = wilsonInterval(successes);
    return {
      from,
      rule,
      isOracle,
      success: { mean: rate, low, high },
      score: scoreInterval(scores),
      overOneSample: from === 'one-sample' ? null : pairedDifference(single.successes, successes),
      overEpisodes: episodes === undefined ? null : pairedDifference(episodes.successes, successes),
      pathsPerGame: cost.pathsPerTask,
      tokensPerGame: cost.tokens,
      successes,
    };
  };
  const rows = (
    from: AnswerResult['from'],
    answered: AnsweredTrees | undefined,
    against?: AnsweredTrees,
  ): readonly AnswerResult[] =>
    (answered?.answers ?? []).map((answers) =>
      result(
        from,
        answers,
        answered!,
        against?.answers.find(({ rule }) => rule === answers.rule),
      ),
    );
  return [
    result(
      'one-sample',
      { rule: 'first', isOracle: false, successes: single.successes, scores: single.scores },
      { pathsPerTask: 1, tokens: oneCosts },
    ),
    ...rows('tree', branching?.answered, branching?.atEqualTokens),
    ...rows('episodes-at-equal-tokens', branching?.atEqualTokens),
    ...rows('episodes', samples?.answered),
  ];
}
