/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

const SHOWN_INSTEAD = '[secret]';

/**
 * Makes a function that takes the given secrets out of texts: as they are, and as they stand in JSON and in addresses. What a server
 * answers may repeat the key that it was sent, and answers end up in error messages.
 */
export function redactor(secrets: readonly string[]): Redact {
  const forms = new Set(
    secrets
      .filter((secret) => secret !== '')
      .flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
      ]),
  );
  // The longest first: one secret may be part of another.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((left, form) => left.replaceAll(form, SHOWN_INSTEAD), text);
}

/**
 * What may be attached to an error as its cause: the name, code and message of what was thrown, without secrets and without the
 * objects that clients hang on their errors (requests, headers, raw bytes).
 */
export function safeCause(cause: unknown, redact: Redact): Error {
  if (!(cause instanceof Error)) return new Error(redact(String(cause)));
  const safe = new Error(redact(cause.message));
  safe.name = cause.name;
  const { code } = cause as { code?: unknown };
  return typeof code === 'string' ? Object.assign(safe, { code }) : safe;
}
