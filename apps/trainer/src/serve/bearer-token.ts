import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Checks the header `Authorization: Bearer TOKEN`. Digests are compared, in a time that does not depend on where they differ, so that
 * nothing about a token can be learned from how long a refusal takes, its length included.
 *
 * @param tokens - any of them opens; null lets everybody in
 */
export function bearerCheck(
  tokens: readonly string[] | null,
): (header: string | undefined) => boolean {
  if (tokens === null) return () => true;
  const digests = tokens.map(digest);
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    const shown = digest(given ?? '');
    let found = false;
    // All of them, always: which one it is, or how many there are, is not told either.
    for (const each of digests) found = timingSafeEqual(each, shown) || found;
    return found && given !== undefined;
  };
}

/** A token that nobody can guess: 192 random bits. */
export const newToken = (): string => `spark-${randomBytes(24).toString('base64url')}`;
