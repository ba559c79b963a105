/**
 * The 256 printable characters that stand for the 256 bytes in byte-level vocabularies (Radford et al. 2019): printable Latin-1 bytes
 * stand for themselves, the others for the characters from U+0100 on. Index: byte.
 */
export const BYTE_ALPHABET: readonly string[] = ((): string[] => {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printable(byte) ? byte : next++),
  );
})();

const encoder = new TextEncoder();

/** The bytes of a text, written in the byte alphabet. */
export const toByteAlphabet = (text: string): string =>
  Array.from(encoder.encode(text), (byte) => BYTE_ALPHABET[byte]).join('');
