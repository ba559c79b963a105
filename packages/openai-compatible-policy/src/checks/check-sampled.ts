import { TokenMismatchError, TokensUnavailableError } from '../errors.js';
import type { Sampled, SampledTokens } from '../dialects/dialect.js';

function mismatch(what: string, value: unknown): TokenMismatchError {
  return new TokenMismatchError(`the server's account of its tokens does not fit: ${what}`, {
    field: 'answer',
    value,
    remedy: 'Check that nothing between here and the model changes prompts or responses',
  });
}

const firstDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
};

function checkPrompt(told: readonly number[], sent: Int32Array): void {
  const at = firstDifference(told, sent);
  if (at === told.length && at === sent.length) return;
  throw mismatch(
    `${sent.length} prompt tokens were sent, and it read ${told.length}, from position ${at} on others`,
    told.length,
  );
}

/** Finite and at most 0, but for rounding. */
const isLogProb = (x: number): boolean => x > -Infinity && x < 1e-3;

function checkResponse({ response, logProbs, named, texts, top }: SampledTokens): void {
  const { length } = response;
  for (const [what, list] of [
    ['log-probabilities', logProbs],
    ['names of tokens', named],
    ['texts of tokens', texts],
    ['lists of alternatives', top],
  ] as const) {
    if (list === undefined || list.length === length) continue;
    throw mismatch(`${length} response tokens and ${list.length} ${what}`, list.length);
  }
  const at = (named ?? []).findIndex((id, i) => id !== undefined && id !== response[i]);
  if (at >= 0)
    throw mismatch(
      `response token ${at} is ${response[at]} in one place, ${named![at]} in another`,
      at,
    );
  const wrong = logProbs.find((x) => !isLogProb(x));
  if (wrong !== undefined) throw mismatch(`a log-probability of ${wrong}`, wrong);
}

/** The tokens of a response that fit together, and the ids of the prompt that it answers. */
export interface CheckedTokens extends SampledTokens {
  readonly sent: Int32Array;
}

function missing(what: string): never {
  throw new TokensUnavailableError(`the server told no ${what}`, {
    field: 'answer',
    remedy:
      'Use a version of the server that tells them (see the presets), or give tokens: false to evaluate only',
  });
}

/**
 * Checks that what a server says of a response fits together, and with what was sent: all counts agree, the prompt was read as it is, and
 * every log-probability is one.
 *
 * @param sent - the ids that the server was to continue; undefined where it made them of messages, and says which
 * @param maxTokens - the most tokens that it was to answer
 * @throws TokensUnavailableError when it told no tokens or no log-probabilities; TokenMismatchError
 */
export function checkSampled(
  sampled: Sampled,
  sent: Int32Array | undefined,
  maxTokens: number,
): CheckedTokens {
  const { tokens, usage, cachedPromptTokens } = sampled;
  if (tokens === undefined) return missing('token ids of its response');
  const { prompt, response, logProbs } = tokens;
  if (response.length > 0 && logProbs.length === 0) missing('log-probabilities of its response');
  if (sent !== undefined && prompt !== undefined) checkPrompt(prompt, sent);
  const read =
    sent ?? (prompt === undefined ? missing('token ids of the prompt') : Int32Array.from(prompt));
  for (const [problem, found, holds] of [
    [
      `${read.length} prompt tokens were sent, and it counted ${usage.prompt}`,
      usage.prompt,
      usage.prompt === read.length,
    ],
    [
      `it told ${response.length} response tokens, and counted ${usage.response}`,
      usage.response,
      usage.response === response.length,
    ],
    [
      `it answered ${response.length} tokens where ${maxTokens} were the most`,
      response.length,
      response.length <= maxTokens,
    ],
    [
      `${cachedPromptTokens} of ${read.length} prompt tokens were cached`,
      cachedPromptTokens,
      cachedPromptTokens <= read.length,
    ],
  ] as const)
    if (found !== undefined && !holds) throw mismatch(problem, found);
  checkResponse(tokens);
  return { ...tokens, sent: read };
}
