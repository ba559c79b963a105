import { showValue } from '@spark-rl/core';

import type { Redact } from './redactor.js';

const LONGEST = 500;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;

/**
 * What a server says went wrong, in its own words: `error.message` (OpenAI, vLLM, llama.cpp), `message`, `error` or `detail` as a text (SGLang,
 * FastAPI), or else the answer itself; without secrets, and only then cut at 500 characters.
 */
export function serverMessage(answer: string, redact: Redact): string {
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
  if (said === undefined) return answer.trim() === '' ? 'nothing' : showValue(redact(answer));
  const safe = redact(said);
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST - 3)}...` : safe;
}
