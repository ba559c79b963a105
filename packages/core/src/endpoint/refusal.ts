/** Statuses that a later try may not get: the server is busy, starting, restarting, or gave up waiting. */
export const isTransientStatus = (status: number): boolean =>
  status >= 500 || [408, 409, 425, 429].includes(status);

/** The address without what may be secret: no query, no credentials. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** How long a server asks to wait by its `Retry-After` header, ms; undefined when it does not say. It says seconds, or a date. */
export function retryAfterMs(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
