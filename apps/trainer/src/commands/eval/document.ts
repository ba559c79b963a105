import type { JsonValue } from '@spark-rl/core';

import {
  describeAnswers,
  describeKinds,
  describePassAt,
} from '../../pipeline/describe-evaluation.js';
import type { Measurement, MeasuredSplit } from './measure.js';

/** What was measured, in words and names. */
export type Subject = Readonly<Record<string, JsonValue>>;

/** What every single game gave. */
function gamesOf({ tasks, single, samples }: MeasuredSplit) {
  return tasks.map(({ id, kind }, place) => ({
    id,
    kind: kind ?? '',
    successes: samples?.successes[place] ?? [single.successes[place]!],
    scores: samples?.scores[place] ?? [single.scores[place]!],
  }));
}

function resultOf(result: MeasuredSplit, topicOf: ((kind: string) => string) | undefined) {
  const { split, single, samples, branching } = result;
  const [all, ...parts] = describeKinds(result, topicOf);
  return {
    split,
    temperature: single.temperature,
    games: single.successes.length,
    episodesPerGame: samples?.episodesPerTask ?? 1,
    interval: samples === undefined ? 'wilson' : 'bootstrap over games',
    success: all!.success,
    score: all!.score,
    kinds: parts.map(({ name, of, games, success, score }) => ({
      name,
      of,
      games,
      success,
      score,
    })),
    turnsPerEpisode: single.meanTurns,
    exploreShare: single.exploreRatio,
    invalidShare: single.invalidRatio,
    lost: single.lost,
    passAt: describePassAt(result),
    branching: branching?.settings ?? null,
    answers: describeAnswers(result),
    episodes: gamesOf(result),
  };
}

/** The JSON document of `spark-rl eval`; docs/evaluation.md says what is in it. Numbers that cannot be told are null. */
export const evaluationDocument = (
  subject: Subject,
  { world, seed, notMeasured }: Measurement,
  results: readonly MeasuredSplit[],
) => ({
  format: 'spark-rl/evaluation/1',
  subject,
  environment: world.environment.id,
  seed,
  results: results.map((result) => resultOf(result, world.topicOf)),
  notMeasured,
});
