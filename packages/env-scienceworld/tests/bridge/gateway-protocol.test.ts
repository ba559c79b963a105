import fc from 'fast-check';

import { GatewayProtocolError } from '../../src/bridge/errors.js';
import {
  decodeReply,
  encodeCall,
  encodeConstruct,
  encodeRelease,
  encodeStackTrace,
  JAVA_STRING,
} from '../../src/bridge/gateway-protocol.js';
import { lineReader } from '../../src/bridge/line-reader.js';

describe('requests of the gateway', () => {
  it('are the bytes that the original client sends', () => {
    expect(encodeConstruct('scienceworld.runtime.pythonapi.PythonInterface')).toBe(
      'i\nscienceworld.runtime.pythonapi.PythonInterface\ne\n',
    );
    expect(encodeCall('o0', 'getScore')).toBe('c\no0\ngetScore\ne\n');
    expect(encodeCall('o0', 'load', ['boil', 3, 'easy', true])).toBe(
      'c\no0\nload\nsboil\ni3\nseasy\nbTrue\ne\n',
    );
    expect(encodeCall(JAVA_STRING, 'join', ['\n', { ref: 'o1' }])).toBe(
      'c\nz:java.lang.String\njoin\ns\\n\nro1\ne\n',
    );
    expect(encodeRelease({ ref: 'o1' })).toBe('m\nd\no1\ne\n');
    expect(encodeStackTrace({ ref: 'o2' })).toBe('p\nro2\ne\n');
  });

  it.each([
    [null, 'n'],
    [false, 'bFalse'],
    ['', 's'],
    ['a\\n\r\nb', 's' + 'a\\\\n\\r\\nb'],
    ['e', 'se'],
    [2_147_483_647, 'i2147483647'],
    [-2_147_483_648, 'i-2147483648'],
    [2_147_483_648, 'L2147483648'],
    [0.5, 'd0.5'],
    [-0, 'd0'],
    [NaN, 'dNaN'],
    [Infinity, 'dInfinity'],
  ])('carry %p as %p', (value, line) => {
    expect(encodeCall('o0', 'm', [value])).toBe(`c\no0\nm\n${line}\ne\n`);
  });

  it('keep one line for one argument, whatever a text holds', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const lines = encodeCall('o0', 'step', texts).split(/\r\n|\r|\n/);
        expect(lines).toHaveLength(texts.length + 5);
      }),
    );
  });
});

describe('replies of the gateway', () => {
  it.each([
    ['!yro0', { ref: 'o0' }],
    ['!ylo1', { ref: 'o1' }],
    ['!yd0.0', 0],
    ['!yd-1.0E-5', -1e-5],
    ['!ydNaN', NaN],
    ['!yd-Infinity', -Infinity],
    ['!yi-3', -3],
    ['!yL5000000000', 5_000_000_000],
    ['!ybtrue', true],
    ['!ybfalse', false],
    ['!yv', undefined],
    ['!yn', null],
    ['!ys', ''],
    ['!ysa\\nb\\\\n\\r', 'a\nb\\n\r'],
    ['!ysé世界', 'é世界'],
  ])('%p is the value %p', (line, value) => {
    expect(decodeReply(line)).toEqual({ ok: true, value });
  });

  it.each([
    [
      '!xspy4j.Py4JException: Method nosuch([]) does not exist\\n\tat x',
      'py4j.Py4JException: Method nosuch([]) does not exist\n\tat x',
    ],
    ['!xro12', { ref: 'o12' }],
    ['!x', ''],
    ['!xout of order', 'out of order'],
  ])('%p is the error %p', (line, error) => {
    expect(decodeReply(line)).toEqual({ ok: false, error });
  });

  it.each([
    '',
    '!',
    '!y',
    'yv',
    '!yvoid',
    '!ynull',
    '!yi1.5',
    '!yi',
    '!yi0x10',
    '!yiNaN',
    '!yL99999999999999999999',
    '!yd',
    '!yd1,5',
    '!ybTrue',
    '!yr',
    '!yro 1',
    '!yq1',
    '!ys\\t',
    '!ysa\\',
    'HTTP/1.1 400 Bad Request',
  ])('%p is none', (line) => {
    expect(() => decodeReply(line)).toThrow(GatewayProtocolError);
  });

  it('give any text back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = encodeCall('o0', 'step', [text]).split('\n')[3]!;
        expect(decodeReply(`!y${line}`)).toEqual({ ok: true, value: text });
      }),
    );
  });
});

describe('a reader of lines', () => {
  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '))),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const read = lineReader(1000);
          const got: string[] = [];
          for (let at = 0; at < bytes.length;) {
            const size = sizes.next().value as number;
            got.push(...read(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(got).toEqual(lines);
        },
      ),
    );
  });

  it('refuses a line without an end', () => {
    const read = lineReader(10);
    expect(read(Buffer.from('0123456789'))).toEqual([]);
    expect(() => read(Buffer.from('0'))).toThrow(GatewayProtocolError);
  });
});
