import { inspect } from 'node:util';

import { z } from 'zod';

import { InvalidInputError, parseInput } from '../src/index.js';

describe('parseInput', () => {
  const schema = z.strictObject({ url: z.string(), apiKey: z.string().optional() });

  it('names a field that is not known, and shows nothing of the others', () => {
    const given = { url: 'http://127.0.0.1', apiKey: 'canary-7f3a', timeOut: 3 };
    const refuse = (): unknown => parseInput(schema, given, 'options');
    expect(refuse).toThrow(InvalidInputError);
    expect(refuse).toThrow(/timeOut/);
    try {
      refuse();
    } catch (cause) {
      expect(`${(cause as Error).stack}${inspect(cause, { depth: 9 })}`).not.toContain('canary');
    }
  });

  it('shows what was found in a field that is wrong', () => {
    expect(() => parseInput(schema, { url: 3 }, 'options')).toThrow(/url: .*found 3/);
  });
});
