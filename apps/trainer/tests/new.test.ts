import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { main } from '../src/cli.js';
import { PACKAGE_RANGES } from '../src/commands/new/project-files.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'new-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const write = (text: string): void => void (said += text);
  const code = await main(['new', 'environment', ...args], { write, interactive: false });
  return { code, said };
}
const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();

describe('spark-rl new environment', () => {
  it('makes a project and says what to do with it', async () => {
    const out = join(folder, 'deep', 'boxes');
    const { code, said } = await run('lucky-boxes', '--out', out);
    expect(code).toBe(0);
    expect(said).toContain(`cd ${out} && npm install && npm test && npm start`);
    expect(filesIn(out)).toEqual([
      '.gitignore',
      'README.md',
      'package.json',
      'src',
      'src/brief.ts',
      'src/environment.test.ts',
      'src/environment.ts',
      'src/expert.ts',
      'src/main.ts',
      'tsconfig.json',
    ]);
    expect(readFileSync(join(out, 'src', 'environment.ts'), 'utf8')).toContain(
      'export function luckyBoxesEnvironment(',
    );
    expect(readdirSync(join(folder, 'deep'))).toEqual(['boxes']);
  });

  it('writes nothing over what is there', async () => {
    const out = join(folder, 'boxes');
    await run('lucky-boxes', '--out', out);
    writeFileSync(join(out, 'src', 'environment.ts'), 'mine');
    const again = await run('lucky-boxes', '--out', out);
    expect(again.code).toBe(1);
    expect(again.said).toContain(
      `${out} is not empty. Give a folder that does not exist yet: --out DIR.`,
    );
    expect(readFileSync(join(out, 'src', 'environment.ts'), 'utf8')).toBe('mine');
    writeFileSync(join(folder, 'file'), '');
    expect((await run('lucky-boxes', '--out', join(folder, 'file'))).said).toContain(
      'is not empty',
    );
  });

  it.each(['Lucky', 'lucky_boxes', '-lucky', 'lucky-', '1st', 'a'.repeat(51), '../up'])(
    'refuses the name %j',
    async (name) => {
      const out = join(folder, 'boxes');
      const { code, said } = await run('--out', out, '--', name);
      expect(code).toBe(1);
      expect(said).toContain(`the name of the environment cannot be "${name}". Give at most 50`);
      expect(existsSync(out)).toBe(false);
    },
  );

  it('depends on the packages as they are versioned here', () => {
    for (const [name, range] of Object.entries(PACKAGE_RANGES)) {
      if (!name.startsWith('@spark-rl/')) continue;
      const path = join(
        __dirname,
        '../../../packages',
        name.slice('@spark-rl/'.length),
        'package.json',
      );
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
      expect([name, range]).toEqual([name, `^${version}`]);
    }
  });
});
