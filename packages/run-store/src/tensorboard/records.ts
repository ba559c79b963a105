import { maskedCrc32c } from './crc32c.js';

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;
const HEADER_BYTES = LENGTH_BYTES + CRC_BYTES;

/**
 * One record of a TFRecord file: the length of the data (uint64), its masked CRC-32C, the data, their masked CRC-32C; all
 * little-endian.
 */
export function encodeRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(HEADER_BYTES + data.length + CRC_BYTES);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, LENGTH_BYTES)), LENGTH_BYTES);
  record.set(data, HEADER_BYTES);
  record.writeUInt32LE(maskedCrc32c(data), HEADER_BYTES + data.length);
  return record;
}

/** The records at the beginning of a file, and how many of its bytes they take. */
export interface CompleteRecords {
  readonly records: readonly Uint8Array[];
  /** What follows is torn or damaged. */
  readonly length: number;
}

/** Reads records up to the first that is incomplete or whose checksums are wrong. */
export function readRecords(file: Uint8Array): CompleteRecords {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const records: Uint8Array[] = [];
  let at = 0;
  while (at + HEADER_BYTES + CRC_BYTES <= bytes.length) {
    const header = bytes.subarray(at, at + LENGTH_BYTES);
    if (bytes.readUInt32LE(at + LENGTH_BYTES) !== maskedCrc32c(header)) break;
    const length = Number(header.readBigUInt64LE());
    const end = at + HEADER_BYTES + length;
    if (end + CRC_BYTES > bytes.length) break;
    const data = bytes.subarray(at + HEADER_BYTES, end);
    if (bytes.readUInt32LE(end) !== maskedCrc32c(data)) break;
    records.push(data);
    at = end + CRC_BYTES;
  }
  return { records, length: at };
}
