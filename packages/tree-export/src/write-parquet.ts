import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { writeWhole } from './output-file.js';
import { parquetSchema, type Columns } from './parquet-schema.js';

const optionsSchema = z.strictObject({ rowGroupRows: z.int().min(1).default(1000) });

/** `rowGroupRows`: how many rows are gathered into a row group, which is what stands in memory at once. */
export type ParquetOptions = z.input<typeof optionsSchema>;

/**
 * Writes rows as Parquet (Snappy) while they come, row group by row group.
 *
 * @param columns - what each column holds; fields of rows that are not among them are left out
 * @returns how many rows were written
 * @throws InvalidInputError naming a wrong option, or when the file cannot be written; errors of the rows pass through, and leave no file
 */
export async function writeParquet(
  path: string,
  columns: Columns,
  rows: Iterable<object> | AsyncIterable<object>,
  options: ParquetOptions = {},
): Promise<number> {
  const { rowGroupRows } = parseInput(optionsSchema, options, 'options of writeParquet');
  // An ES module alone: imported when needed, so that CommonJS code can use this package, too.
  const { ByteWriter, parquetWriteRows } = await import('hyparquet-writer');
  return writeWhole(path, async (handle) => {
    const writer = new ByteWriter();
    const flush = async (): Promise<void> => {
      await handle.appendFile(new Uint8Array(writer.buffer.slice(0, writer.index)));
      writer.index = 0;
    };
    let count = 0;
    const counted = async function* (): AsyncGenerator<Record<string, unknown>, void, undefined> {
      for await (const row of rows) {
        count++;
        yield row as Record<string, unknown>;
      }
    };
    await parquetWriteRows({
      writer: Object.assign(writer, { flush, finish: flush }),
      rows: counted(),
      columns: Object.keys(columns).map((name) => ({ name })),
      schema: parquetSchema(columns),
      rowGroupSize: rowGroupRows,
      createdBy: '@spark-rl/tree-export',
    });
    return count;
  });
}
