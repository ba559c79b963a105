/** CRC-32C (Castagnoli), polynomial 0x1EDC6F41, bits reflected: RFC 3720, appendix B.4. One entry for each value of a byte. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  return crc;
});

/**
 * The CRC-32C of some bytes. Node's `zlib.crc32` is another polynomial.
 *
 * @returns an unsigned 32-bit number; 0xe3069283 for the ASCII digits `123456789`
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** TensorFlow's masked CRC, for records that may themselves hold CRCs: rotated right by 15 bits, plus 0xa282ead8. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}
