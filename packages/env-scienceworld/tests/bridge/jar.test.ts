import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import { strToU8, zipSync } from 'fflate';

import { JarNotFoundError } from '../../src/bridge/errors.js';
import { findJar, jarFolder, type JarSurroundings } from '../../src/bridge/find-jar.js';
import { jarSimulator } from '../../src/bridge/jar-simulator.js';
import { readJarVersion } from '../../src/bridge/jar-version.js';
import { manifestJar } from '../double/double.js';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'scienceworld-jar-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, content: string | Uint8Array = ''): string => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};
const around = (env: JarSurroundings['env'] = {}): JarSurroundings => ({
  env,
  cwd: join(root, 'work'),
  home: join(root, 'home'),
});
const IN_PYTHON = 'lib/python3.11/site-packages/scienceworld/scienceworld.jar';

describe('finding the jar', () => {
  it('takes the option, then SCIENCEWORLD_JAR, then the packages of the active Python, then others', () => {
    const user = put(`home/.local/${IN_PYTHON}`);
    const pyenv = put(`home/.pyenv/versions/3.11.9/${IN_PYTHON}`);
    const local = put(`work/.venv/${IN_PYTHON}`);
    const active = put(`active/${IN_PYTHON}`);
    const named = put('named.jar');
    const given = put('work/given.jar');
    const env = { SCIENCEWORLD_JAR: named, VIRTUAL_ENV: join(root, 'active') };
    expect(findJar('given.jar', around(env))).toBe(given);
    expect(findJar(undefined, around(env))).toBe(named);
    expect(findJar(undefined, around({ ...env, SCIENCEWORLD_JAR: '' }))).toBe(active);
    expect(findJar(undefined, around())).toBe(local);
    rmSync(local);
    expect(findJar(undefined, around())).toBe(user);
    rmSync(user);
    expect(findJar(undefined, around())).toBe(pyenv);
  });

  it('finds the packages of Python on Windows', () => {
    const path = put('env/Lib/site-packages/scienceworld/scienceworld.jar');
    expect(findJar(undefined, around({ VIRTUAL_ENV: join(root, 'env') }))).toBe(path);
  });

  it('takes nothing in the place of a path that is wrong', () => {
    put(`work/.venv/${IN_PYTHON}`);
    expect(() => findJar('no.jar', around())).toThrow(
      `option \`jar\`: there is no file ${join(root, 'work', 'no.jar')}`,
    );
    expect(() => findJar(undefined, around({ SCIENCEWORLD_JAR: root }))).toThrow(
      'SCIENCEWORLD_JAR: there is no file',
    );
  });

  it('names every place that it tried', () => {
    const tried = (() => {
      try {
        return findJar(undefined, around({ VIRTUAL_ENV: join(root, 'active') }));
      } catch (error) {
        expect(error).toBeInstanceOf(JarNotFoundError);
        expect((error as Error).message).toMatch(/pip install scienceworld/);
        return (error as JarNotFoundError).tried;
      }
    })();
    expect(tried).toContain(
      join(root, 'active/lib/python3*/site-packages/scienceworld/scienceworld.jar'),
    );
    expect(tried).toContain(
      join(root, 'work/.venv/lib/python3*/site-packages/scienceworld/scienceworld.jar'),
    );
  });

  it('runs the simulator where the numbers of the object types lie', () => {
    const jar = put('a/scienceworld.jar');
    expect(jarFolder(jar)).toBeUndefined();
    put('a/object_type_ids.tsv');
    expect(jarFolder(jar)).toBe(join(root, 'a'));
  });
});

describe('the version of a jar', () => {
  const versionOf = (manifest: string): Promise<string> =>
    readJarVersion(put('v.jar', manifestJar(manifest)));

  it('is that of the manifest', async () => {
    expect(await versionOf('A: b\r\nSpecification-Version: 1.3.0\r\n')).toBe('1.3.0');
    expect(await versionOf('Implementation-Version: 1.2.3\nSpecification-Version: 1.2\n')).toBe(
      '1.2',
    );
    expect(await versionOf('Implementation-Version: 1.2.3\n')).toBe('1.2.3');
    expect(await versionOf('Specification-Version: 1.\r\n 3.1\r\n')).toBe('1.3.1');
  });

  it.each([
    ['no zip', strToU8('not a zip at all'), 'is no jar that can be read'],
    ['an empty file', new Uint8Array(), 'is no jar that can be read'],
    ['a zip without a manifest', zipSync({ a: strToU8('b') }), 'holds no META-INF/MANIFEST.MF'],
    ['no version', manifestJar('Manifest-Version: 1.0\n'), 'names no Specification-Version'],
    ['an empty version', manifestJar('Specification-Version: \n'), 'names no'],
  ])('is refused for %s', async (_, bytes, message) => {
    const jar = put('bad.jar', bytes);
    await expect(readJarVersion(jar)).rejects.toThrow(InvalidInputError);
    await expect(readJarVersion(jar)).rejects.toThrow(message);
  });

  it('is read before anything is started', async () => {
    const jar = put('bad.jar', 'x');
    await expect(jarSimulator({ jar, command: ['/no/such/program'] })).rejects.toThrow(jar);
  });
});

describe('options of the simulator', () => {
  it.each([
    [{ heapMb: 1 }, 'heapMb'],
    [{ idleMs: 0 }, 'idleMs'],
    [{ callOrder: 'fast' }, 'callOrder'],
    [{ command: [] }, 'command'],
    [{ jars: 'x' }, 'jars'],
  ])('%p is refused by name', async (options, name) => {
    await expect(jarSimulator(options as object)).rejects.toThrow(name);
  });
});
