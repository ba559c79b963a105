import fc from 'fast-check';

import { jsonItems, type JsonItem } from '../src/catalogue/json-items.js';

const encoder = new TextEncoder();

async function read(text: string | Uint8Array, cut = 1 << 20): Promise<JsonItem[]> {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += cut) chunks.push(bytes.subarray(at, at + cut));
  const items: JsonItem[] = [];
  for await (const item of jsonItems(chunks, 'file')) items.push(item);
  return items;
}

describe('jsonItems', () => {
  it('gives the elements of an array with their places in bytes', async () => {
    expect(await read(' [ 1 ,"é", {"a":[2,null]},-1.5e3]\n')).toEqual([
      { key: null, value: 1, offset: 3, length: 1 },
      { key: null, value: 'é', offset: 6, length: 4 },
      { key: null, value: { a: [2, null] }, offset: 12, length: 14 },
      { key: null, value: -1500, offset: 27, length: 6 },
    ]);
  });

  it('reads whatever JSON.stringify writes, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(undefined, 1),
        async (content, cut, indent) => {
          const text = JSON.stringify(content, null, indent);
          const expected = JSON.parse(text) as typeof content;
          const items = await read(text, cut);
          if (Array.isArray(expected)) {
            expect(items.map(({ value }) => value)).toEqual(expected);
            expect(items.every(({ key }) => key === null)).toBe(true);
          } else {
            const object: Record<string, unknown> = {};
            for (const { key, value } of items)
              Object.defineProperty(object, key!, { value, enumerable: true });
            expect(Object.entries(object)).toEqual(Object.entries(expected));
          }
          const bytes = encoder.encode(text);
          for (const { offset, length, value } of items) {
            const part = new TextDecoder().decode(bytes.subarray(offset, offset + length));
            expect(JSON.parse(part)).toEqual(value);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('accepts exactly what JSON.parse accepts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...'[]{}:,"\\u01-.eE tfnull'.split(''), 'true', 'null'), {
          maxLength: 12,
        }),
        async (parts) => {
          const text = `[${parts.join('')}]`;
          const isJson = (() => {
            try {
              JSON.parse(text);
              return true;
            } catch {
              return false;
            }
          })();
          const isRead = await read(text, 3).then(
            () => true,
            () => false,
          );
          expect([text, isRead]).toEqual([text, isJson]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['[1,]', /byte 3: expected a value, found "]"/],
    ['[{"a" 1}]', /byte 6: expected a colon, found "1"/],
    ['[{"a":1} {"b":2}]', /byte 9: expected a comma or a closing bracket, found "{"/],
    ['["é\n"]', /byte 4: expected a character of a string, found a control character/],
    ['[tru]', /byte 4: expected true, false or null/],
    ['[01]', /byte 1: expected a digit, found 01/],
    ['[1', /byte 2: expected a digit, found the end of the file/],
    ['', /byte 0: expected a value, found the end/],
    ['[1] x', /byte 4: expected the end, found "x"/],
    ['"a"', /byte 0: expected a value/],
  ])('says where %j is damaged', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const bytes = encoder.encode('["a?"]');
    bytes[3] = 0xff;
    await expect(read(bytes)).rejects.toThrow(/value at byte 1 is not valid UTF-8/);
  });
});
