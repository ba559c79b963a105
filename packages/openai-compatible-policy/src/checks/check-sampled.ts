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

function checkResponse({ response, logProbs, named, texts }: SampledTokens): void {
  const { length } = response;
  for (const [what, list] of [
    ['log-probabilities', logProbs],
    ['names of tokens', named],
    ['texts of tokens', texts],
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

/**
 * Checks that what a server says of a response fits together, and with what was sent: all counts agree, the prompt was read as it is, and
 * every log-probability is one.
 *
 * @param sent - the ids that the server was to continue
 * @param maxTokens - the most tokens that it was to answer
 * @throws TokensUnavailableError when it told no tokens or no log-probabilities; TokenMismatchError
 */
export function checkSampled(sampled: Sampled, sent: Int32Array, maxTokens: number): SampledTokens {
  const { tokens, usage } = sampled;
  if (tokens === undefined || (tokens.response.length > 0 && tokens.logProbs.length === 0)) {
    throw new TokensUnavailableError(
      `the server told no ${tokens === undefined ? 'token ids' : 'log-probabilities'} of its response`,
      {
        field: 'answer',
        remedy:
          'Use a server in a version that tells them (see the presets), or give tokens: false to evaluate only',
      },
    );
  }
  const { prompt, response } = tokens;
  if (prompt !== undefined) checkPrompt(prompt, sent);
  if (usage.prompt !== undefined && usage.prompt !== sent.length)
    throw mismatch(
      `${sent.length} prompt tokens were sent, and it counted ${usage.prompt}`,
      usage.prompt,
    );
  if (usage.response !== undefined && usage.response !== response.length)
    throw mismatch(
      `it told ${response.length} response tokens, and counted ${usage.response}`,
      usage.response,
    );
  if (response.length > maxTokens)
    throw mismatch(
      `it answered ${response.length} tokens where ${maxTokens} were the most`,
      response.length,
    );
  if (sampled.cachedPromptTokens > sent.length)
    throw mismatch(
      `${sampled.cachedPromptTokens} of ${sent.length} prompt tokens were cached`,
      sampled.cachedPromptTokens,
    );
  checkResponse(tokens);
  return tokens;
}
