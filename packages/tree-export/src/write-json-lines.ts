import { writeWhole } from './output-file.js';

/** How much is gathered before it is written. */
const CHUNK = 1 << 20;

/**
 * Writes rows as JSON, one a line, while they come: however many there are, about a megabyte of them is in memory. Numbers keep every
 * digit: a float32 reads back as the same float32.
 *
 * @returns how many rows were written
 * @throws InvalidInputError when the file cannot be written; errors of the rows pass through, and leave no file
 */
export const writeJsonLines = (
  path: string,
  rows: Iterable<object> | AsyncIterable<object>,
): Promise<number> =>
  writeWhole(path, async (handle) => {
    let count = 0;
    let text = '';
    for await (const row of rows) {
      text += `${JSON.stringify(row)}\n`;
      count++;
      if (text.length < CHUNK) continue;
      await handle.appendFile(text);
      text = '';
    }
    await handle.appendFile(text);
    return count;
  });
