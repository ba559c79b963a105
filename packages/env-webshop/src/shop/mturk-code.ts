import { createHash } from 'node:crypto';

/** The code that the site shows a person after buying: the first ten digits of the SHA-1 of the visit's name, upper case. */
export const mturkCode = (sessionId: string): string =>
  createHash('sha1').update(sessionId).digest('hex').slice(0, 10).toUpperCase();
