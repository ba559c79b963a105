import type { LeafOutcome } from '@spark-rl/core';

/** A share in [0, 1] as `43.2 %`; `–` when there is none. */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined || Number.isNaN(share)
    ? '–'
    : `${(100 * share).toFixed(1)} %`;

/** A count with thousands separated: 1234567 -> `1,234,567`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** A measured number with three significant digits, exponents only where they help. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return count(value);
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** A number with its sign: `+0.58`, `−0.58`, `0.00`. */
export const signed = (value: number, digits = 2): string => {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
};

/** A log-probability, or another number of nats: `−1.43`. */
export const nats = (value: number): string => value.toFixed(2).replace('-', '−');

/** `1 leaf`, `2 leaves`. */
export const plural = (value: number, one: string, many: string): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const OUTCOMES: Readonly<Record<LeafOutcome, string>> = {
  success: 'success',
  failure: 'failure',
  truncated: 'turn limit',
  failed: 'lost',
};

/** How a leaf ended, in words. */
export const outcomeWords = (outcome: LeafOutcome): string => OUTCOMES[outcome];

/** A moment as `2026-11-21 19:06`, in the time zone of the reader. */
export function moment(iso: string | null): string {
  const date = new Date(iso ?? NaN);
  if (Number.isNaN(date.getTime())) return '–';
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
