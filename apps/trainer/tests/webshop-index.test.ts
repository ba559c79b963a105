import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { syntheticCatalogue, writeCatalogueFiles } from '@spark-rl/env-webshop';

import { indexCommand } from '../src/commands/webshop/index-files.js';
import { searchCommand } from '../src/commands/webshop/search.js';
import { start } from './command.js';

jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), 'webshop-index-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A synthetic catalogue in files, by the names that the commands have for them. */
function written(name: string, size: number, seed = 0): { items: string; ins: string } {
  const files = writeCatalogueFiles(syntheticCatalogue({ size, seed }), join(folder, name));
  return { items: files.items, ins: files.instructions };
}

/** Runs a command in this process. @returns what it wrote */
async function inside(
  command: (output: { write: (text: string) => void; interactive: boolean }) => Promise<number>,
): Promise<string> {
  let text = '';
  const code = await command({ write: (more) => void (text += more), interactive: false });
  expect(code).toBe(0);
  return text;
}

type Files = ReturnType<typeof written>;
const build = (files: Files, out: string): Promise<string> =>
  inside((output) => indexCommand({ ...files, out }, output));
const search = (files: Files, index?: string): Promise<string> =>
  inside((output) =>
    searchCommand(
      'wool socks',
      { ...files, count: 5, ...(index === undefined ? {} : { index }) },
      output,
    ),
  );

describe('webshop index', () => {
  const files = written('data', 3000);

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'leaves no index that opens, or the one before, when it is stopped by %s',
    async (signal) => {
      const out = join(folder, signal);
      const stop = async (): Promise<void> => {
        const { child, sees, finished } = start([
          ...['webshop', 'index', '--items', files.items, '--ins', files.ins, '--out', out],
        ]);
        // Half-way: the products are read, the texts are not.
        await sees(/products after/);
        child.kill(signal);
        expect((await finished).output).not.toMatch(/terms after/);
      };
      await stop();
      expect(readdirSync(out)).toEqual(['unfinished']);
      await expect(search(files, out)).rejects.toThrow(/cannot be read. Build the index anew/);
      // The next one clears up.
      expect(await build(files, out)).toMatch(/^3,000 products after .*\n[\d,]+ terms after/);
      expect(readdirSync(out).sort()).toEqual(['products.index', 'search.index']);
      const found = await search(files, out);
      expect(found).toEqual(await search(files));
      if (signal === 'SIGINT') return;
      await stop();
      expect(await search(files, out)).toEqual(found);
    },
  );

  it('says at which byte a file is damaged, and leaves nothing', async () => {
    const damaged = written('damaged', 20);
    const out = join(folder, 'damaged-index');
    const whole = readFileSync(damaged.ins);
    const colon = whole.indexOf(':', 200);
    writeFileSync(damaged.ins, Buffer.concat([whole.subarray(0, colon), Buffer.from(';')]));
    await expect(build(damaged, out)).rejects.toThrow(
      new RegExp(`items_ins_v2.json is damaged at byte ${colon}: expected .*, found ";"`),
    );
    expect(readdirSync(out)).toEqual([]);
  });

  it('names a product that has no instruction entry', async () => {
    const lacking = written('lacking', 20);
    writeFileSync(lacking.ins, '{}');
    const { asin } = (JSON.parse(readFileSync(lacking.items, 'utf8')) as { asin: string }[])[0]!;
    const message = new RegExp(`no entry for product ${asin} .*Give the instruction file`);
    await expect(build(lacking, join(folder, 'lacking-index'))).rejects.toThrow(message);
    await expect(search(lacking)).rejects.toThrow(message);
  });

  it('is refused where it is of another catalogue, cut off or of another version', async () => {
    const mine = written('mine', 30);
    const other = written('other', 31, 5);
    const [mineIndex, otherIndex] = [join(folder, 'mine-index'), join(folder, 'other-index')];
    await build(mine, mineIndex);
    await build(other, otherIndex);
    await expect(search(mine, otherIndex)).rejects.toThrow(/has changed .* Index the data files/);
    const path = join(mineIndex, 'search.index');
    const bytes = readFileSync(path);
    writeFileSync(path, readFileSync(join(otherIndex, 'search.index')));
    await expect(search(mine, mineIndex)).rejects.toThrow(/another catalogue. Build the index/);
    writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
    await expect(search(mine, mineIndex)).rejects.toThrow(/is cut off. Build the index/);
    writeFileSync(path, Buffer.concat([Buffer.from('SPARKWS0'), bytes.subarray(8)]));
    await expect(search(mine, mineIndex)).rejects.toThrow(/kind and version. Build the index/);
    for (const name of ['products.index', 'search.index']) {
      const whole = readFileSync(join(otherIndex, name));
      for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
        writeFileSync(join(otherIndex, name), whole.subarray(0, Math.floor(share * whole.length)));
        await expect(search(other, otherIndex)).rejects.toThrow(/Build the index anew/);
      }
      writeFileSync(join(otherIndex, name), whole);
    }
    expect(await search(other, otherIndex)).toEqual(await search(other));
  });
});
