import { retryAfterMs } from '@spark-rl/core/endpoint';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A duration as OpenAI writes it, `1s`, `6m0s`, `20ms`, `1h2m`, in ms. */
export function durationMs(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trim()) return undefined;
  return parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * MS[unit as keyof typeof MS],
    0,
  );
}

const one = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/**
 * How long a server asks to wait, ms: `retry-after-ms`, `retry-after`, or the reset of whichever rate limit is spent
 * (`x-ratelimit-remaining-requests` or `-tokens` at 0; https://platform.openai.com/docs/guides/rate-limits).
 */
export function askedDelayMs(headers: Headers): number | undefined {
  const exact = Number(one(headers, 'retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const asked = retryAfterMs(one(headers, 'retry-after'));
  if (asked !== undefined) return asked;
  const resets = ['requests', 'tokens']
    .filter((what) => one(headers, `x-ratelimit-remaining-${what}`) === '0')
    .map((what) => durationMs(one(headers, `x-ratelimit-reset-${what}`) ?? ''))
    .filter((ms) => ms !== undefined);
  return resets.length === 0 ? undefined : Math.max(...resets);
}
