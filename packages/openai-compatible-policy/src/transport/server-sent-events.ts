import { InvalidInputError, type JsonValue } from '@spark-rl/core';

/** What ends a stream of OpenAI-style servers. */
const END = '[DONE]';

/**
 * The data of server-sent events as JSON values (https://html.spec.whatwg.org/multipage/server-sent-events.html). The closing `[DONE]` is
 * left out: whether a stream is complete is for its reader to say, since not every server sends one. A last event without its blank line
 * was cut off, and is dropped as the specification says.
 *
 * @throws InvalidInputError when the data of an event is no JSON
 */
export function serverSentEvents(text: string): JsonValue {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n').slice(0, -1);
  return blocks.flatMap((block): JsonValue[] => {
    const data = block
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).replace(/^ /, ''))
      .join('\n');
    if (data === '' || data === END) return [];
    try {
      return [JSON.parse(data) as JsonValue];
    } catch (cause) {
      throw new InvalidInputError('an event of the stream is no JSON', {
        field: 'data',
        value: data,
        cause,
      });
    }
  });
}
