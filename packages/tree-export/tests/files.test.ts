import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';

import {
  preferenceRows,
  rowsOf,
  tokenRows,
  verlColumns,
  verlRows,
  writeJsonLines,
  writeParquet,
  type Columns,
} from '../src/index.js';
import { anyTree, credits, forked } from './trees.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tree-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

const readRows = async (path: string): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(path) });

describe('writeParquet', () => {
  it('reads back as it was, nested lists and structs, nulls and exact float32 included', async () => {
    const path = join(folder, 'verl.parquet');
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyTree('t'), { maxLength: 4 }),
        fc.constantFrom(1, 3, 1000),
        async (trees, rowGroupRows) => {
          const exported = trees.map((tree, i) => (i === 0 ? { tree } : { tree, credits: [] }));
          const expected = exported.flatMap(verlRows);
          const count = await writeParquet(path, verlColumns, rowsOf(exported, verlRows), {
            rowGroupRows,
          });
          expect(count).toBe(expected.length);
          expect(await readRows(path)).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
    const tree = forked();
    const given = { tree, credits: credits(tree) };
    await writeParquet(path, verlColumns, rowsOf([given], verlRows));
    expect(await readRows(path)).toEqual(verlRows(given));
  });

  it('writes row group by row group while the rows come', async () => {
    const path = join(folder, 'groups.parquet');
    const columns: Columns = { n: 'int32', on: 'boolean', deep: { list: { list: 'double' } } };
    const row = (n: number) => ({
      n,
      on: n % 2 === 0,
      deep: n % 3 === 0 ? null : [[n, n / 3], [], [0.1]],
    });
    let made = 0;
    let written = 0;
    async function* rows() {
      for (let n = 0; n < 25; n++) {
        made++;
        yield row(n);
        // The group before is on disk when the next one begins.
        if (made === 21) written = (await readFile(`${path}.writing`)).length;
      }
    }
    expect(await writeParquet(path, columns, rows(), { rowGroupRows: 10 })).toBe(25);
    expect(written).toBeGreaterThan(100);
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([10, 10, 5]);
    // The reader says undefined for a list that is null.
    const back = (await readRows(path)).map((each) => ({ ...each, deep: each['deep'] ?? null }));
    expect(back).toEqual(Array.from({ length: 25 }, (_, n) => row(n)));
  });

  it('makes a readable file of no rows', async () => {
    const path = join(folder, 'empty.parquet');
    expect(await writeParquet(path, verlColumns, [])).toBe(0);
    expect(await readRows(path)).toEqual([]);
  });
});

describe('writeJsonLines', () => {
  it('reads back as it was, exact float32 included', async () => {
    const path = join(folder, 'rows.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.array(anyTree('t'), { maxLength: 4 }), async (trees) => {
        const exported = trees.map((tree) => ({ tree }));
        const expected = exported.flatMap(tokenRows);
        expect(await writeJsonLines(path, rowsOf(exported, tokenRows))).toBe(expected.length);
        const lines = (await readFile(path, 'utf8')).split('\n');
        expect(lines.pop()).toBe('');
        const back = lines.map((line) => JSON.parse(line) as (typeof expected)[number]);
        expect(back).toEqual(expected);
        for (const { sampling_logps } of back)
          expect(sampling_logps.map(Math.fround)).toEqual(sampling_logps);
      }),
      { numRuns: 40 },
    );
  });

  it('asks for trees one by one', async () => {
    let given = 0;
    let most = 0;
    let open = 0;
    function* trees() {
      for (; given < 50; given++) {
        open++;
        most = Math.max(most, open);
        yield { tree: forked() };
        open--;
      }
    }
    const path = join(folder, 'lazy.jsonl');
    expect(await writeJsonLines(path, rowsOf(trees(), preferenceRows))).toBe(50);
    expect(most).toBe(1);
  });
});

describe('a file appears whole or not at all', () => {
  it.each([
    ['JSON lines', (path: string, rows: AsyncIterable<object>) => writeJsonLines(path, rows)],
    [
      'Parquet',
      (path: string, rows: AsyncIterable<object>) => writeParquet(path, verlColumns, rows),
    ],
  ])('%s', async (_, write) => {
    const path = join(folder, 'broken');
    async function* broken() {
      yield* verlRows({ tree: forked() });
      await Promise.resolve();
      throw new RangeError('a broken tree');
    }
    await expect(write(path, broken())).rejects.toThrow('a broken tree');
    expect((await readdir(folder)).filter((name) => name.startsWith('broken'))).toEqual([]);
    const nowhere = write(join(folder, 'no', 'such', 'folder'), broken());
    await expect(nowhere).rejects.toThrow(InvalidInputError);
  });
});
