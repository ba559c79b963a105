import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { JarNotFoundError } from './errors.js';

const INSIDE = join('scienceworld', 'scienceworld.jar');
const REMEDY =
  'Install it with `pip install scienceworld`, or give its path as option `jar` or in SCIENCEWORLD_JAR.';

/** What discovery looks at beside the option. */
export interface JarSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
}

const isFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The names in a folder that begin with `start`; none where it cannot be read. */
function namesIn(folder: string, start: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(start))
      .sort();
  } catch {
    return [];
  }
}

/** The folders of an installation of Python where packages may lie. */
function packageFolders(prefix: string): readonly string[] {
  const lib = join(prefix, 'lib');
  const versions = namesIn(lib, 'python3');
  const folders = (versions.length > 0 ? versions : ['python3*']).flatMap((version) => [
    join(lib, version, 'site-packages'),
    join(lib, version, 'dist-packages'),
  ]);
  // Windows has no folder for the version.
  return [...folders, join(prefix, 'Lib', 'site-packages')];
}

/** Where Python may be installed, nearest first: the active environment, one in this folder, the user's, the system's. */
function pythonPrefixes({ env, cwd, home }: JarSurroundings): readonly string[] {
  const active = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']].filter((path) => path !== undefined);
  const versions = join(env['PYENV_ROOT'] ?? join(home, '.pyenv'), 'versions');
  return [
    ...active,
    join(cwd, '.venv'),
    join(cwd, 'venv'),
    join(home, '.local'),
    ...namesIn(versions, '').map((name) => join(versions, name)),
    '/usr/local',
    '/usr',
  ];
}

/**
 * Finds the user's `scienceworld.jar`: the path given, else the one in SCIENCEWORLD_JAR, else the one that `pip install scienceworld` put into
 * the packages of a Python. A path that is given and wrong is an error; nothing else is taken in its place.
 *
 * @returns an absolute path
 * @throws JarNotFoundError that lists what was tried
 */
export function findJar(
  jar?: string,
  surroundings: JarSurroundings = { env: process.env, cwd: process.cwd(), home: homedir() },
): string {
  const named = [
    { where: 'option `jar`', path: jar },
    { where: 'SCIENCEWORLD_JAR', path: surroundings.env['SCIENCEWORLD_JAR'] },
  ].find(({ path }) => path !== undefined && path !== '');
  if (named?.path !== undefined) {
    const path = resolve(surroundings.cwd, named.path);
    if (isFile(path)) return path;
    throw new JarNotFoundError(`${named.where}: there is no file ${path}`, [path], {
      field: named.where === 'SCIENCEWORLD_JAR' ? named.where : 'jar',
      value: named.path,
      remedy: REMEDY,
    });
  }
  const tried: string[] = [];
  for (const prefix of pythonPrefixes(surroundings)) {
    for (const folder of packageFolders(prefix)) {
      const path = join(folder, INSIDE);
      if (isFile(path)) return path;
      tried.push(path);
    }
  }
  throw new JarNotFoundError(
    `no scienceworld.jar was found: option \`jar\` and SCIENCEWORLD_JAR are not set, and there is none at ${tried.join(', ')}`,
    tried,
    { field: 'jar', remedy: REMEDY },
  );
}

/**
 * The folder in which the simulator must run: it reads the numbers of the object types from the working folder. They lie beside the jar in the
 * Python package; undefined where they do not.
 */
export function jarFolder(jar: string): string | undefined {
  const folder = dirname(jar);
  return existsSync(join(folder, 'object_type_ids.tsv')) ? folder : undefined;
}
