import { GatewayProtocolError } from './errors.js';

/**
 * Cuts a stream of bytes into lines of UTF-8, without their ends. A character, or the line end, may be cut anywhere between two chunks.
 *
 * @param longest - a line with more bytes than this is an error: what floods us must not fill the memory
 */
export function lineReader(longest: number): (chunk: Buffer) => readonly string[] {
  let pieces: Buffer[] = [];
  let held = 0;
  return (chunk) => {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      pieces.push(chunk.subarray(from, end));
      lines.push(Buffer.concat(pieces).toString('utf8'));
      pieces = [];
      held = 0;
      from = end + 1;
    }
    if (from < chunk.length) {
      pieces.push(chunk.subarray(from));
      held += chunk.length - from;
    }
    if (held > longest) {
      throw new GatewayProtocolError(`the gateway sent a line of more than ${longest} bytes`);
    }
    return lines;
  };
}
