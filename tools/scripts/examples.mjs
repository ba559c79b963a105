// The example projects, as somebody outside would use them: copied away, installed from tarballs, started, and what they print compared
// with what their README says they print.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { closureOf, packages, root } from './workspace.mjs';

const folder = join(root, 'examples');
/** A new environment shall take fewer lines than this. */
const ENVIRONMENT_LINES = 60;

/** The names of the example projects. */
export const examples = readdirSync(folder);

/** The project's dependencies as tarballs: its own as they are named, what those depend on as overrides. */
function fromTarballs(manifest, tarballs) {
  const own = Object.keys(manifest.dependencies).filter((name) => tarballs.has(name));
  const all = new Set(own.flatMap((name) => [...closureOf(name)]));
  const files = (names) =>
    Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]));
  return {
    ...manifest,
    dependencies: {
      ...manifest.dependencies,
      ...files(own),
    },
    overrides: files([...all].filter((name) => !own.includes(name))),
    // Linked from here instead: they are tools, and large.
    devDependencies: {},
  };
}

/** Installs a project's dependencies from tarballs, and links its tools. Gives what runs its scripts. */
function installed(project, tarballs, run) {
  const file = join(project, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(fromTarballs(manifest, tarballs), null, 2));
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
  return (script) =>
    run('npm', ['run', '--silent', script], project, {
      PATH: `${tools}${delimiter}${process.env.PATH}`,
    });
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
  const printed = installed(project, tarballs, run)('start');
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

/** Every package and the app from their tarballs, in one empty project with tsx: what the functions below run in. */
function everything(work, tarballs, run) {
  const project = join(work, 'everything');
  mkdirSync(project);
  const files = Object.fromEntries(
    [...tarballs].map(([name, tarball]) => [name, `file:${tarball}`]),
  );
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ private: true, dependencies: files, overrides: files }),
  );
  writeFileSync(join(project, '.npmrc'), 'onnxruntime-node-install=skip\nloglevel=error\n');
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', '--omit=optional'],
    project,
  );
  return project;
}

/**
 * In an empty folder, from the tarballs only: the first example of each package's README, then the app as its README begins, from its
 * help to a short training run, its trees and its report.
 */
export function runReadmesAndApp(work, tarballs, run) {
  const project = everything(work, tarballs, run);
  for (const { path, name, folder: short } of packages) {
    const [, block] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(path, 'README.md'), 'utf8'));
    const file = join(project, `${short}.mts`);
    writeFileSync(file, block);
    const printed = run(
      process.execPath,
      ['--import', join(root, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs'), file],
      project,
    );
    if (printed.trim() === '') throw new Error(`the example of ${name} printed nothing`);
  }
  const app = (...args) => run(join(project, 'node_modules', '.bin', 'spark-rl'), args, project);
  app('--help');
  app('doctor');
  app('train', '--preset', 'smoke', '--id', 'first');
  app('studio', 'runs/first', '--export', 'first.html');
  for (const file of ['runs/first/summary.json', 'first.html']) {
    if (!existsSync(join(project, file))) throw new Error(`${file} was not written`);
  }
}

/** Makes a project with `spark-rl new environment`, and runs its tests and its rollout as they stand. */
export function runNewProject(work, tarballs, run) {
  const project = join(work, 'new-project');
  const command = ['--conditions=@spark-rl/source', '--import', 'tsx', 'apps/trainer/src/bin.ts'];
  run(process.execPath, [...command, 'new', 'environment', 'made-world', '--out', project], root);
  const script = installed(project, tarballs, run);
  const tests = script('test');
  if (!/^# pass 7$/m.test(tests) || !/^# fail 0$/m.test(tests)) throw new Error(tests);
  const printed = script('start');
  if (!/^(train-0-\d: \d leaves, \d+ turns, \d with success\n){4}$/.test(printed))
    throw new Error(`it printed\n${printed}`);
}
