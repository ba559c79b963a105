// Installs every package from its tarball, alone but for the tarballs of its own workspace dependencies, in an empty project; imports
// and requires each of its entry points, and type-checks against them under both module resolutions. Then runs the example projects from the
// same tarballs, a project that `spark-rl new environment` makes, and, with everything in one folder, the README's examples and the app. Names of
// package folders, examples, new-project or readmes-and-app limit it to those.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { examples, runExample, runNewProject, runReadmesAndApp } from './examples.mjs';
import { apps, closureOf, packages, root } from './workspace.mjs';

const only = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'consumer-'));
const run = (command, args, cwd, environment = {}) =>
  execFileSync(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });

/** Type errors in the consumer's files or in our declarations; those in other people's declarations (TensorFlow.js has some) are not ours. */
function checkTypes(args, cwd) {
  try {
    run(join(root, 'node_modules', '.bin', 'tsc'), args, cwd);
  } catch (error) {
    const ours = error.stdout
      .split('\n')
      .filter((line) => /error TS/.test(line) && !/^node_modules\/(?!@spark-rl\/)/.test(line));
    if (ours.length > 0 || !/error TS/.test(error.stdout)) throw error;
  }
}

const tarballsOf = (members) =>
  members.map(({ name, path }) => {
    const [{ filename }] = JSON.parse(
      run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], path),
    );
    return [name, join(work, filename)];
  });
const tarballs = new Map(tarballsOf(packages));

let failures = 0;
try {
  for (const { name, folder, manifest } of packages) {
    if (only.length > 0 && !only.includes(folder)) continue;
    const project = join(work, `use-${folder}`);
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true }\n');
    writeFileSync(join(project, '.npmrc'), 'onnxruntime-node-install=skip\nloglevel=error\n');
    // Patterns name files, not modules.
    const entries = Object.keys(manifest.exports).filter(
      (entry) => entry !== './package.json' && !entry.includes('*'),
    );
    const specifiers = entries.map((entry) => name + entry.slice(1));
    const imports = specifiers.map((each, i) => `import * as m${i} from '${each}';`).join('\n');
    const count = specifiers.map((_, i) => `Object.keys(m${i}).length`).join(' + ');
    writeFileSync(
      join(project, 'use.mjs'),
      `${imports}\nif (${count} === 0) throw new Error('exports nothing');\n`,
    );
    writeFileSync(
      join(project, 'use.cjs'),
      `${specifiers.map((each, i) => `const m${i} = require('${each}');`).join('\n')}\nif (${count} === 0) throw new Error('exports nothing');\n`,
    );
    // An unknown name must be an error: otherwise the types have silently become `any`.
    const typed = specifiers
      .map((_, i) => `// @ts-expect-error no such export\nvoid m${i}.noSuchExport;`)
      .join('\n');
    for (const extension of ['mts', 'cts']) {
      writeFileSync(join(project, `types.${extension}`), `${imports}\n${typed}\n`);
    }
    try {
      const needed = [...closureOf(name)].map((each) => tarballs.get(each));
      run(
        'npm',
        ['install', '--no-audit', '--no-fund', '--no-package-lock', '--omit=optional', ...needed],
        project,
      );
      run('node', ['use.mjs'], project);
      run('node', ['use.cjs'], project);
      mkdirSync(join(project, 'node_modules', '@types'), { recursive: true });
      for (const types of ['node']) {
        const target = join(project, 'node_modules', '@types', types);
        rmSync(target, { recursive: true, force: true });
        symlinkSync(join(root, 'node_modules', '@types', types), target);
      }
      const base = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        'false',
        '--target',
        'es2022',
        '--types',
        'node',
      ];
      checkTypes([...base, '--module', 'nodenext', 'types.mts', 'types.cts'], project);
      checkTypes(
        [...base, '--module', 'esnext', '--moduleResolution', 'bundler', 'types.mts'],
        project,
      );
      console.log(`ok ${name}: ${needed.length} tarballs, ${specifiers.length} entry points`);
    } catch (error) {
      failures++;
      console.error(`FAILED ${name}\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  }
  const projects = [
    ...examples.map((name) => [name, () => runExample(name, work, tarballs, run)]),
    ['new-project', () => runNewProject(work, tarballs, run)],
    [
      'readmes-and-app',
      () => runReadmesAndApp(work, new Map([...tarballs, ...tarballsOf(apps)]), run),
    ],
  ];
  for (const [name, use] of projects) {
    if (only.length > 0 && !only.includes(name)) continue;
    try {
      use();
      console.log(`ok example ${name}`);
    } catch (error) {
      failures++;
      console.error(
        `FAILED example ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`,
      );
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);
