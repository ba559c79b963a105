import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './command.js';

jest.setTimeout(60_000);

const data = join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'webshop');
const whereRecorded = existsSync(data) ? it : it.skip;
const files = [
  '--items',
  join(data, 'items_shuffle_1000.reconstructed.json'),
  '--ins',
  join(data, 'items_ins_v2_1000.json'),
];

/** A file of its own with some content. */
function written(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'webshop-')), 'file.json');
  writeFileSync(path, content);
  return path;
}

describe('spark-rl webshop', () => {
  whereRecorded('search prints the hits as JSON (needs ../shared/data)', async () => {
    const { code, output } = await runCommand(['webshop', 'search', ...files, 'women jumpsuits']);
    expect(code).toBe(0);
    const hits = JSON.parse(output) as { asin: string; score: number; price: string }[];
    expect(hits).toHaveLength(50);
    expect(hits.slice(0, 3).map(({ asin }) => asin)).toEqual([
      'B09NDS8F4V',
      'B09PVNLVRW',
      'B09RV4TXKJ',
    ]);
    expect(hits[0]!.score).toBeCloseTo(5.0116, 2);
  });

  whereRecorded('index saves what search then opens (needs ../shared/data)', async () => {
    const out = mkdtempSync(join(tmpdir(), 'webshop-index-'));
    const indexed = await runCommand(['webshop', 'index', ...files, '--out', out]);
    expect(indexed.output).toMatch(/^1,000 products after .*\n[\d,]+ terms after/);
    const search = (...more: string[]) =>
      runCommand(['webshop', 'search', ...files, '--count', '3', ...more, 'denim skirt']);
    expect(await search('--index', out)).toEqual(await search());
  });

  whereRecorded('verify passes the golden episodes (needs ../shared/data)', async () => {
    const golden = join(data, 'golden_text_env.json');
    const { code, output } = await runCommand(['webshop', 'verify', golden, ...files]);
    expect(output).toMatch(/^episodes: 39 passed, 0 failed$/m);
    expect(code).toBe(0);
  });

  whereRecorded('verify finds one changed word in an episode (needs ../shared/data)', async () => {
    const golden = readFileSync(join(data, 'golden_text_env.json'), 'utf8');
    const changed = written(
      golden.replace('Page 1 (Total results: 23)', 'Page 1 (Total results: 24)'),
    );
    const { code, output } = await runCommand(['webshop', 'verify', changed, ...files]);
    expect(output).toMatch(
      /^episodes: 38 passed, 1 failed\n {2}first failure: episode 0, step 1 /m,
    );
    expect(code).toBe(1);
  });

  it('says what is wrong with a file, and where', async () => {
    const vectors = written('{"pricing": [[null, [100.0], "$100.0"], ["$5", [6.0], "$6.0"]]}');
    const verified = await runCommand(['webshop', 'verify', vectors]);
    expect(verified.output).toMatch(/pricing: 1 passed, 1 failed\n {2}first failure: "\$5"/);
    expect(verified.code).toBe(1);
    const broken = written('[{"asin": "a",}]');
    const searched = await runCommand([
      'webshop',
      'search',
      '--items',
      broken,
      '--ins',
      written('{}'),
      'mug',
    ]);
    expect(searched.output).toMatch(/damaged at byte 14: expected a key, found "}"/);
    expect(searched.code).toBe(1);
  });
});
