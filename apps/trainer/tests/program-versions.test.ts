import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { programVersions } from '../src/program-versions.js';

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-versions-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const git = (...args: readonly string[]): string =>
  execFileSync(
    'git',
    [
      '-C',
      folder,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@t',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ],
    { encoding: 'utf8' },
  ).trim();

it('says which commit a program is of, and whether something was changed since', async () => {
  const program = join(folder, 'dist', 'bin.js');
  mkdirSync(join(folder, 'dist'));
  writeFileSync(program, '');
  writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}');
  const node = process.versions.node;
  expect(await programVersions(program)).toEqual({
    node,
    platform: `${process.platform} ${process.arch}`,
    'spark-rl': '1.2.3',
  });
  git('init', '-q');
  git('add', 'package.json');
  git('commit', '-q', '-m', 'without the program');
  // Git does not track it: what lies around it says nothing of it.
  expect(await programVersions(program)).not.toHaveProperty('commit');
  git('add', '.');
  git('commit', '-q', '-m', 'with it');
  const commit = git('rev-parse', 'HEAD');
  expect(await programVersions(program)).toMatchObject({ commit });
  writeFileSync(program, '// changed');
  expect(await programVersions(program)).toMatchObject({ commit: `${commit}+` });
  expect(await programVersions(join(folder, 'no', 'where', 'bin.js'))).toEqual({
    node,
    platform: expect.any(String),
  });
});
