import { InvalidInputError } from '@spark-rl/core';

/**
 * The address of a server. What is wrong with one is said without showing it: it may hold a password.
 *
 * @param what - whose option it is, for the message
 * @throws InvalidInputError when it is no http or https address, or holds credentials or a query
 */
export function serverAddress(text: unknown, what: string): URL {
  const wrong = (problem: string, remedy: string): never => {
    throw new InvalidInputError(`options of ${what}: url: ${problem}`, { field: 'url', remedy });
  };
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return wrong('it is no http or https address', 'Give one such as http://127.0.0.1:8000');
  if (url.username !== '' || url.password !== '' || url.search !== '')
    return wrong('it holds credentials or a query', 'Give the key as apiKey');
  return url;
}
