import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import protobuf from 'protobufjs';

import { configHash, createRun, openRun, type Manifest } from '../src/index.js';
import { crc32c, maskedCrc32c } from '../src/tensorboard/crc32c.js';
import { openEventWriter } from '../src/tensorboard/event-writer.js';
import { encodeRecord, readRecords } from '../src/tensorboard/records.js';

// The fields of TensorFlow's own schema that are read here (tensorflow/core/util/event.proto, framework/summary.proto).
const Event = protobuf
  .parse(
    `syntax = "proto3"; package tensorflow;
     message Event { double wall_time = 1; int64 step = 2;
       oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; } }
     message SessionLog { enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; }
       SessionStatus status = 1; }
     message Summary { message Value { string tag = 1; oneof value { float simple_value = 2; } } repeated Value value = 1; }`,
  )
  .root.lookupType('tensorflow.Event');

interface PlainEvent {
  wallTime: number;
  step?: number;
  fileVersion?: string;
  sessionLog?: { status: string };
  summary?: { value: { tag: string; simpleValue: number }[] };
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'events-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const onlyFile = (phase: string): string => {
  const names = readdirSync(join(folder, phase));
  expect(names).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+\.spark-rl$/)]);
  return join(folder, phase, names[0]!);
};

const eventsOf = (path: string): PlainEvent[] => {
  const bytes = readFileSync(path);
  const { records, length } = readRecords(bytes);
  expect(length).toBe(bytes.length);
  return records.map(
    (record) =>
      Event.toObject(Event.decode(record), { longs: Number, enums: String }) as PlainEvent,
  );
};

/** What TensorBoard shows of a file: a restart forgets that step and later ones. */
const shownBy = (path: string): Record<number, Record<string, number>> => {
  let shown: [number, Record<string, number>][] = [];
  for (const { step = 0, sessionLog, summary } of eventsOf(path)) {
    if (sessionLog !== undefined) shown = shown.filter(([each]) => each < step);
    if (summary !== undefined)
      shown.push([
        step,
        Object.fromEntries(summary.value.map(({ tag, simpleValue }) => [tag, simpleValue])),
      ]);
  }
  expect(new Set(shown.map(([step]) => step)).size).toBe(shown.length);
  return Object.fromEntries(shown);
};

const rows = (from: number, to: number, scale = 1) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({
    phase: 'reinforce',
    step: from + i,
    'learn/loss': (from + i) * 0.5 * scale,
  }));

const writeAll = async (
  recorded: Parameters<typeof openEventWriter>[1],
  fresh: Parameters<typeof openEventWriter>[1],
) => {
  const writer = await openEventWriter(folder, recorded, () => 1_700_000_000.25);
  for (const row of fresh) await writer.record(row);
  await writer.close();
};

describe('records', () => {
  it('have the checksums of RFC 3720 and the mask of TensorFlow', () => {
    // RFC 3720, B.4: the CRCs of 32 zeros, 32 ones, and 0 to 31; the check value of the digits.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8_ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd_794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283);
    // ((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8, by hand: 0x2507c60d + 0xa282ead8.
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe(0xc78a_b0e5);
  });

  it('are read up to the first that is torn or damaged', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.boolean(),
        (data, at, torn) => {
          const encoded = data.map(encodeRecord);
          const file = Buffer.concat(encoded);
          const place = at % file.length;
          const damaged = torn ? file.subarray(0, place) : Buffer.from(file);
          if (!torn) damaged[place]! ^= 1;
          let length = 0;
          const whole = encoded.filter((record) => (length += record.length) <= place).length;
          expect(readRecords(damaged).records.map((each) => [...each])).toEqual(
            data.slice(0, whole).map((each) => [...each]),
          );
          expect(readRecords(file).records).toHaveLength(data.length);
        },
      ),
    );
  });
});

describe('event files', () => {
  it('hold a version, then the numbers of each row, as TensorFlow’s schema has them', async () => {
    const row = {
      phase: 'reinforce',
      step: 3,
      'learn/loss': 0.25,
      'tree/leaves': 6,
      note: 'x',
      odd: null,
    };
    await writeAll([], [row]);
    expect(eventsOf(onlyFile('reinforce'))).toEqual([
      { wallTime: 1_700_000_000.25, fileVersion: 'brain.Event:2' },
      {
        wallTime: 1_700_000_000.25,
        step: 3,
        summary: {
          value: [
            { tag: 'learn/loss', simpleValue: 0.25 },
            { tag: 'tree/leaves', simpleValue: 6 },
          ],
        },
      },
    ]);
  });

  it('have a folder for each phase, and none for rows that hold nothing to show', async () => {
    await writeAll(
      [],
      [
        { phase: 'warmup', step: 1, loss: 2 },
        { phase: '../up', step: 1, loss: 2 },
        { step: 0, loss: 2 },
        { phase: 'words', step: 1, said: 'nothing' },
        { phase: 'nowhere', loss: 2 },
        { phase: 'half', step: 1.5, loss: 2 },
      ],
    );
    expect(readdirSync(folder).sort()).toEqual(['.._up', 'run', 'warmup']);
  });

  it('go on in the same file, and get what a kill kept from them', async () => {
    await writeAll([], rows(1, 3));
    const path = onlyFile('reinforce');
    await writeAll(rows(1, 5), rows(6, 7));
    expect(onlyFile('reinforce')).toBe(path);
    expect(shownBy(path)).toEqual(
      Object.fromEntries(rows(1, 7).map((row) => [row.step, { 'learn/loss': row['learn/loss'] }])),
    );
  });

  it('do not repeat steps that were done again after a resume', async () => {
    await writeAll([], rows(1, 5));
    const before = readFileSync(onlyFile('reinforce'));
    await writeAll(rows(1, 5), rows(4, 5));
    expect(readFileSync(onlyFile('reinforce'))).toEqual(before);
  });

  it('tell TensorBoard to forget steps that came out otherwise', async () => {
    await writeAll([], rows(1, 5));
    await writeAll(rows(1, 5), rows(4, 4, 2));
    const path = onlyFile('reinforce');
    expect(eventsOf(path).filter(({ sessionLog }) => sessionLog)).toEqual([
      { wallTime: 1_700_000_000.25, step: 4, sessionLog: { status: 'START' } },
    ]);
    expect(shownBy(path)).toMatchObject({ 3: { 'learn/loss': 1.5 }, 4: { 'learn/loss': 4 } });
    expect(Object.keys(shownBy(path))).toHaveLength(4);
  });

  it('lose a torn or damaged end, and get it again', async () => {
    await writeAll([], rows(1, 5));
    const path = onlyFile('reinforce');
    const whole = readFileSync(path);
    for (const damage of [
      () => truncateSync(path, whole.length - 1),
      () => truncateSync(path, 3),
      () => truncateSync(path, 0),
      () => appendFileSync(path, 'rubbish'),
      () => writeFileSync(path, Buffer.from(whole).fill(0x55, 60)),
    ]) {
      damage();
      await writeAll(rows(1, 5), []);
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it('are rebuilt when they are gone', async () => {
    await writeAll(rows(1, 3), []);
    const whole = readFileSync(onlyFile('reinforce'));
    rmSync(onlyFile('reinforce'));
    await writeAll(rows(1, 3), []);
    expect(readFileSync(onlyFile('reinforce'))).toEqual(whole);
  });
});

describe('a run', () => {
  const config = { steps: 2 };
  const manifest: Manifest = {
    format: 1,
    id: 'demo',
    createdAt: '2026-01-01T00:00:00.000Z',
    command: ['demo'],
    seed: 0,
    config,
    configHash: configHash(config),
    engine: 'none',
    device: 'none',
    versions: {},
  };

  it('writes events beside its metrics, also of rows from before it was opened', async () => {
    const root = folder;
    const run = await createRun(root, manifest);
    await run.recordMetrics({ phase: 'reinforce', step: 1, loss: 0.5 });
    await run.close();
    rmSync(join(run.folder, 'tensorboard'), { recursive: true });
    const again = await openRun(run.folder);
    await again.recordMetrics({ phase: 'reinforce', step: 2, loss: 0.25 });
    await again.close();
    folder = join(run.folder, 'tensorboard');
    expect(shownBy(onlyFile('reinforce'))).toEqual({ 1: { loss: 0.5 }, 2: { loss: 0.25 } });
    folder = root;
  });

  it('can be gone on with although its metrics are damaged', async () => {
    const run = await createRun(folder, manifest);
    await run.recordMetrics({ phase: 'reinforce', step: 1, loss: 0.5 });
    await run.close();
    writeFileSync(join(run.folder, 'metrics.jsonl'), 'no JSON\n');
    const again = await openRun(run.folder);
    await again.recordMetrics({ phase: 'reinforce', step: 2, loss: 0.25 });
    await expect(again.close()).resolves.toBeUndefined();
  });
});
