import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Fields of `tensorflow.Event` (tensorflow/core/util/event.proto) that are written here. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
/** Fields of `tensorflow.Summary` and its `Value` (tensorflow/core/framework/summary.proto), and of `SessionLog`. */
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1 } as const;
const SESSION_START = 1;

/** The scalars of one step by tag. */
export type Scalars = ReadonlyMap<string, number>;

/** An event of a TensorBoard file, as far as this package writes them. */
export type TensorboardEvent =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'scalars'; readonly step: number; readonly scalars: Scalars }
  /** The run went back: TensorBoard forgets what it read of this step and later ones. */
  | { readonly kind: 'restart'; readonly step: number };

/**
 * Encodes an event as the protocol buffer `tensorflow.Event`; scalars as `simple_value`, which is a float32.
 *
 * @param wallTime - seconds since 1970
 */
export function encodeEvent(event: TensorboardEvent, wallTime: number): Uint8Array {
  const writer = new BinaryWriter().tag(EVENT.wallTime, WireType.Bit64).double(wallTime);
  if (event.kind === 'version')
    return writer.tag(EVENT.fileVersion, WireType.LengthDelimited).string(event.version).finish();
  writer.tag(EVENT.step, WireType.Varint).int64(event.step);
  if (event.kind === 'restart') {
    const log = writer.tag(EVENT.sessionLog, WireType.LengthDelimited).fork();
    return log.tag(SESSION_LOG.status, WireType.Varint).int32(SESSION_START).join().finish();
  }
  const summary = writer.tag(EVENT.summary, WireType.LengthDelimited).fork();
  for (const [tag, value] of event.scalars) {
    const entry = summary.tag(SUMMARY.value, WireType.LengthDelimited).fork();
    entry.tag(VALUE.tag, WireType.LengthDelimited).string(tag);
    entry.tag(VALUE.simpleValue, WireType.Bit32).float(value).join();
  }
  return summary.join().finish();
}

type FieldReaders = Readonly<Record<number, () => void>>;

function readFields(reader: BinaryReader, end: number, fields: FieldReaders): void {
  while (reader.pos < end) {
    const [field, type] = reader.tag();
    const read = fields[field];
    if (read === undefined) reader.skip(type, field);
    else read();
  }
}

const endOfMessage = (reader: BinaryReader): number => {
  const length = reader.uint32();
  return reader.pos + length;
};

/**
 * Decodes what {@link encodeEvent} encodes; undefined for events of other kinds.
 *
 * @throws Error when the bytes are no protocol buffer
 */
export function decodeEvent(bytes: Uint8Array): TensorboardEvent | undefined {
  const reader = new BinaryReader(bytes);
  let step = 0;
  let version: string | undefined;
  let restarts = false;
  let scalars: Map<string, number> | undefined;
  const readValue = (into: Map<string, number>): void => {
    let tag = '';
    let value: number | undefined;
    readFields(reader, endOfMessage(reader), {
      [VALUE.tag]: () => (tag = reader.string()),
      [VALUE.simpleValue]: () => (value = reader.float()),
    });
    if (value !== undefined) into.set(tag, value);
  };
  readFields(reader, bytes.length, {
    [EVENT.step]: () => (step = Number(reader.int64())),
    [EVENT.fileVersion]: () => (version = reader.string()),
    [EVENT.summary]: () => {
      const into = (scalars ??= new Map<string, number>());
      readFields(reader, endOfMessage(reader), { [SUMMARY.value]: () => readValue(into) });
    },
    [EVENT.sessionLog]: () =>
      readFields(reader, endOfMessage(reader), {
        [SESSION_LOG.status]: () => (restarts = reader.int32() === SESSION_START),
      }),
  });
  if (version !== undefined) return { kind: 'version', version };
  if (restarts) return { kind: 'restart', step };
  return scalars === undefined ? undefined : { kind: 'scalars', step, scalars };
}
