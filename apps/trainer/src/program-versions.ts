import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What git says in a folder; undefined where it is not there, or the folder is in no repository. */
const git = (folder: string, ...args: readonly string[]): Promise<string | undefined> =>
  run('git', ['-C', folder, ...args], { timeout: 5000 }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );

/** The version in the package.json above the program's folder. */
async function packageVersion(folder: string): Promise<string | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, '..', 'package.json'), 'utf8'));
    const { version } = parsed as { readonly version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What a run was made with, for its manifest: Node, the platform, the program's version and, where it runs from a repository that git
 * tracks it in, the commit, with `+` behind it when tracked files were changed since.
 *
 * @param program - the file that runs
 */
export async function programVersions(
  program = process.argv[1] ?? '',
): Promise<Readonly<Record<string, string>>> {
  const file = await realpath(program).catch(() => program);
  const folder = dirname(file);
  const version = await packageVersion(folder);
  // A program in node_modules is not what the repository around it tracks.
  const tracked = await git(folder, 'ls-files', '--error-unmatch', file);
  const commit = tracked === undefined ? undefined : await git(folder, 'rev-parse', 'HEAD');
  const changes =
    commit === undefined ? '' : await git(folder, 'status', '--porcelain', '--untracked-files=no');
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    ...(version !== undefined && { 'spark-rl': version }),
    ...(commit !== undefined && { commit: changes === '' ? commit : `${commit}+` }),
  };
}
