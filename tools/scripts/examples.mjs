// The example projects, as somebody outside would use them: copied away, installed from tarballs, started, and what they print compared
// with what their README says they print.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { closureOf, root } from './workspace.mjs';

const folder = join(root, 'examples');
/** A new environment shall take fewer lines than this. */
const ENVIRONMENT_LINES = 60;

/** The names of the example projects. */
export const examples = readdirSync(folder);

/** The project's dependencies as tarballs: its own as they are named, what those depend on as overrides. */
function fromTarballs(manifest, tarballs) {
  const own = Object.keys(manifest.dependencies);
  const all = new Set(own.flatMap((name) => [...closureOf(name)]));
  const files = (names) =>
    Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]));
  return {
    ...manifest,
    dependencies: files(own),
    overrides: files([...all].filter((name) => !own.includes(name))),
    // Linked from here instead: they are tools, and large.
    devDependencies: {},
  };
}

/**
 * Installs and starts one example; throws where it does not install, fails, or prints something else.
 *
 * @param name - its folder
 * @param work - where to copy it
 * @param tarballs - the packed packages by name
 * @param run - runs a command and gives what it printed
 */
export function runExample(name, work, tarballs, run) {
  const from = join(folder, name);
  const project = join(work, `example-${name}`);
  cpSync(from, project, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|dist)$/.test(path),
  });
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify(fromTarballs(manifest, tarballs), null, 2),
  );
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', '--omit=optional'],
    project,
  );
  for (const tool of Object.keys(manifest.devDependencies ?? {})) {
    const target = join(project, 'node_modules', tool);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(root, 'node_modules', tool), target);
  }
  const tools = join(root, 'node_modules', '.bin');
  const printed = run('npm', ['start', '--silent'], project, {
    PATH: `${tools}${delimiter}${process.env.PATH}`,
  });
  const promised = /```text\n([\s\S]*?)```/.exec(
    readFileSync(join(from, 'README.md'), 'utf8'),
  )?.[1];
  if (printed.trim() !== promised?.trim())
    throw new Error(`README.md promises\n${promised}\nbut it printed\n${printed}`);
  if (readdirSync(from).includes('environment.ts')) {
    const lines = readFileSync(join(from, 'environment.ts'), 'utf8').trimEnd().split('\n').length;
    if (lines >= ENVIRONMENT_LINES)
      throw new Error(`environment.ts has ${lines} lines, not under ${ENVIRONMENT_LINES}`);
  }
}
