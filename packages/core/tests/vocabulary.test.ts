import fc from 'fast-check';
import { z } from 'zod';

import {
  AbortedError,
  BudgetError,
  CheckpointError,
  childId,
  comparePaths,
  createdLeaves,
  decodeArray,
  encodeArray,
  EngineUnavailableError,
  EnvironmentError,
  hashBytes,
  hashText,
  InvalidInputError,
  observationText,
  parseInput,
  PolicyError,
  rootId,
  RunStoreError,
  showValue,
  someEnvironment,
  SparkError,
  taskId,
  throwIfAborted,
  withEnvironment,
} from '../src/index.js';
import { corridor } from '../src/testing/index.js';

describe('ids', () => {
  it('say where a turn stands', () => {
    expect(childId(childId(rootId(3), 0), 12)).toBe('3.0.12');
  });

  it('sort number by number, parents before children', () => {
    const sorted = ['0', '0.0', '0.0.1', '0.0.2', '0.0.10', '0.1', '1', '2', '2.0', '10'];
    expect([...sorted].reverse().sort(comparePaths)).toEqual(sorted);
  });

  it('sort like arrays of numbers', () => {
    const path = fc.array(fc.nat(120), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(path, path, (a, b) => {
        const at = a.findIndex((number, i) => number !== b[i]);
        const expected = at < 0 ? a.length - b.length : b[at] === undefined ? 1 : a[at]! - b[at];
        expect(Math.sign(comparePaths(a.join('.'), b.join('.')))).toBe(Math.sign(expected));
      }),
    );
  });
});

describe('parseInput', () => {
  const schema = z.object({ roots: z.int().min(1), nested: z.object({ name: z.string() }) });

  it('gives back what is valid, defaults filled in', () => {
    expect(parseInput(z.object({ width: z.int().default(2) }), {}, 'options')).toEqual({
      width: 2,
    });
  });

  it('names the place, the field, the value and the remedy', () => {
    const input = { roots: 0, nested: { name: 'x' } };
    let caught: unknown;
    try {
      parseInput(schema, input, 'options of rolloutTree', 'Give at least one root.');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidInputError);
    const { message, field, value, remedy, code } = caught as InvalidInputError;
    expect(message).toMatch(
      /^options of rolloutTree: roots: .*\(found 0\)\. Give at least one root\.$/,
    );
    expect({ field, value, remedy, code }).toEqual({
      field: 'roots',
      value: 0,
      remedy: 'Give at least one root.',
      code: 'invalid-input',
    });
  });

  it('names nested fields, what is missing, and how many more are wrong', () => {
    expect(() => parseInput(schema, { roots: 1, nested: { name: 5 } }, 'x')).toThrow(
      /nested\.name: .*\(found 5\)/,
    );
    expect(() => parseInput(schema, {}, 'x')).toThrow(/roots: .*\(found undefined\), and 1 more/);
    expect(() => parseInput(schema, 'text', 'the file')).toThrow(/^the file: .*\(found "text"\)/);
  });

  it('shows long and odd values short', () => {
    expect(showValue('a'.repeat(200))).toHaveLength(80);
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect([showValue(cycle), showValue({ n: 1n })]).toEqual([
      '[object Object]',
      '[object Object]',
    ]);
    // The message must name the field, whatever stands there.
    expect(() =>
      parseInput(z.object({ policy: z.string() }), { policy: cycle }, 'options'),
    ).toThrow(/options: policy: .*found \[object Object\]/);
    expect([showValue(undefined), showValue(10n), showValue({ a: 1 })]).toEqual([
      'undefined',
      '10',
      '{"a":1}',
    ]);
  });
});

describe('encoded arrays', () => {
  it('are base64 of little-endian bytes', () => {
    expect(encodeArray(Int32Array.of(1, -1))).toEqual({ type: 'int32', base64: 'AQAAAP////8=' });
    expect(encodeArray(Float32Array.of(1))).toEqual({ type: 'float32', base64: 'AACAPw==' });
  });

  it('come back bit for bit, views and special values too', () => {
    fc.assert(
      fc.property(fc.int32Array({ maxLength: 50 }), fc.float32Array({ maxLength: 50 }), (i, f) => {
        expect(decodeArray(encodeArray(i))).toEqual(i);
        expect(decodeArray(encodeArray(f))).toEqual(f);
        expect(decodeArray(encodeArray(i.subarray(1)))).toEqual(i.slice(1));
      }),
    );
  });

  it('may be long', () => {
    const long = Int32Array.from({ length: 50_000 }, (_, index) => index * 7919);
    expect(decodeArray(encodeArray(long))).toEqual(long);
  });
});

describe('errors', () => {
  it.each([
    [InvalidInputError, 'invalid-input'],
    [BudgetError, 'budget'],
    [EnvironmentError, 'environment'],
    [PolicyError, 'policy'],
    [EngineUnavailableError, 'engine-unavailable'],
    [CheckpointError, 'checkpoint'],
    [RunStoreError, 'run-store'],
    [AbortedError, 'aborted'],
  ] as const)('%p carries its code, its name and what caused it', (Kind, code) => {
    const cause = new Error('below');
    const error = new Kind('it broke', { remedy: 'Mend it.', field: 'f', value: 3, cause });
    expect(error).toBeInstanceOf(SparkError);
    expect(error).toMatchObject({ code, name: Kind.name, field: 'f', value: 3, cause });
    expect(error.message).toBe('it broke. Mend it.');
  });

  it('a policy error is not retryable unless it says so', () => {
    expect(new PolicyError('x').retryable).toBe(false);
    expect(new PolicyError('x', { retryable: true }).retryable).toBe(true);
  });

  it('throwIfAborted throws exactly when the signal was aborted', () => {
    const controller = new AbortController();
    expect(() => throwIfAborted(undefined)).not.toThrow();
    expect(() => throwIfAborted(controller.signal)).not.toThrow();
    controller.abort();
    expect(() => throwIfAborted(controller.signal)).toThrow(AbortedError);
  });
});

describe('small parts', () => {
  it('hashes as SHA-256 does', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(hashText('abc')).toBe(abc);
    expect(hashBytes(new Uint8Array([97, 98, 99]))).toBe(abc);
  });

  it('reads the text of an observation of parts', () => {
    const image = { type: 'image', mediaType: 'image/png', base64: '' } as const;
    expect(observationText('plain')).toBe('plain');
    expect(observationText([{ type: 'text', text: 'a' }, image, { type: 'text', text: 'b' }])).toBe(
      'ab',
    );
  });

  it('opens an environment whose state type is hidden', async () => {
    const some = someEnvironment(corridor());
    expect(some.id).toBe('corridor');
    const status = await withEnvironment(some, async (environment) => {
      const task = {
        id: taskId('t'),
        environment: 'corridor',
        split: 'train',
        data: { start: 2, goal: 0 },
      };
      const start = await environment.reset(task);
      return (await environment.step(start.state, 'wait')).status;
    });
    expect(status).toBe('running');
  });

  it('counts created leaves: ended, failed and running ones', () => {
    expect(createdLeaves({ limit: 8, used: 2, failed: 1, reserved: 3, free: 2 })).toBe(6);
  });
});
