import { showValue } from '@spark-rl/core';

const LONGEST = 500;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;

/**
 * What a server says went wrong, in its own words: `error.message` (OpenAI, vLLM, llama.cpp), `message`, `error` or `detail` as a text (SGLang,
 * FastAPI), or else the answer itself; cut at 500 characters.
 */
export function serverMessage(answer: string): string {
  let said: string | undefined;
  try {
    const json: unknown = JSON.parse(answer);
    said =
      textOf(field(field(json, 'error'), 'message')) ??
      textOf(field(json, 'message')) ??
      textOf(field(json, 'error')) ??
      textOf(field(json, 'detail'));
  } catch {
    // An error page, not JSON: shown as it is.
  }
  if (said === undefined) return answer.trim() === '' ? 'nothing' : showValue(answer);
  return said.length > LONGEST ? `${said.slice(0, LONGEST - 3)}...` : said;
}
