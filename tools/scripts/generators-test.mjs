// Makes one of each kind that `npm run new` knows, in a copy of this checkout, and runs the checks of what was made as it stands.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { packages, root } from './workspace.mjs';

const copy = realpathSync(mkdtempSync(join(tmpdir(), 'generators-')));
const environment = { ...process.env, CI: 'true', NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };

/** Where the packages and apps of the workspace are, by name. */
const links = readdirSync(join(root, 'node_modules', '@spark-rl')).map((name) => ({
  name: `@spark-rl/${name}`,
  folder: relative(root, realpathSync(join(root, 'node_modules', '@spark-rl', name))),
}));

/** What git knows or would add, and what the type checker found out already. */
function copyCheckout() {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const built = packages.map(({ folder }) => `packages/${folder}/out-tsc`);
  for (const path of [...listed.split('\0'), ...built]) {
    const from = join(root, path);
    if (path === '' || !existsSync(from)) continue;
    cpSync(from, join(copy, path), { recursive: true, preserveTimestamps: true });
  }
}

const link = (folder, name) => symlinkSync(join(copy, folder), join(copy, 'node_modules', name));

/** All modules as they are here, but for the workspace's own, which are those of the copy. */
function linkModules() {
  for (const folder of ['.', ...links.map((each) => each.folder)]) {
    const from = join(root, folder, 'node_modules');
    if (!existsSync(from)) continue;
    mkdirSync(join(copy, folder, 'node_modules'), { recursive: true });
    for (const name of readdirSync(from)) {
      if (name === '@spark-rl') continue;
      symlinkSync(join(from, name), join(copy, folder, 'node_modules', name));
    }
  }
  mkdirSync(join(copy, 'node_modules', '@spark-rl'));
  for (const { folder, name } of links) link(folder, name);
}

let failures = 0;
function check(what, command, args, { folder = '.', refused, says } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: join(copy, folder),
    env: environment,
    encoding: 'utf8',
  });
  const ok = refused === undefined ? status === 0 : status === 1 && refused.test(stderr);
  if (ok && (says === undefined || says.test(stdout))) {
    console.log(`ok ${what}`);
    return stdout;
  }
  failures++;
  console.error(`FAILED ${what} (exit ${status})\n${stdout}${stderr}`);
  return '';
}

const tsx = ['--conditions=@spark-rl/source', '--import', 'tsx'];
const bin = (name) => join(copy, 'node_modules', '.bin', name);
const generate = (what, args, expected) =>
  check(what, process.execPath, [...tsx, 'tools/generators/main.ts', ...args], expected);
const NAMES = {
  environment: 'made-world',
  criterion: 'made-criterion',
  estimator: 'made-estimator',
};

/** All files of the sources, to see that a refusal writes none. */
const sources = () =>
  ['packages', '.changeset', 'apps/trainer/src']
    .flatMap((folder) => readdirSync(join(copy, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('out-tsc'))
    .map((path) => `${path} ${readFileSync(path).length}`)
    .join('\n');

try {
  copyCheckout();
  linkModules();
  const before = sources();
  const written = [];
  for (const [kind, name] of Object.entries(NAMES)) {
    generate(`${kind}: --dry-run lists files`, [kind, name, '--dry-run'], { says: /would write/ });
    generate(`${kind}: refuses a name that npm would not take`, [kind, 'My World'], {
      refused: /cannot be "My World"\. Give at most 50 lower-case letters/,
    });
  }
  generate('environment: refuses a package that is there', ['environment', 'alfworld'], {
    refused: /packages\/env-alfworld\/package\.json exists already\. Choose another name/,
  });
  generate('criterion: refuses a name that is taken', ['criterion', 'explore-tag'], {
    refused: /exploreTag is the name of something else\. Choose another name/,
  });
  generate('estimator: refuses a word of the language', ['estimator', 'delete'], {
    refused: /delete is the name of something else\. Choose another name/,
  });
  if (sources() !== before) {
    failures++;
    console.error('FAILED a refusal or --dry-run wrote files');
  }
  for (const [kind, name] of Object.entries(NAMES)) {
    const said = generate(`${kind}: makes ${name}`, [kind, name, '--no-install'], {
      says: /^wrote/,
    });
    written.push(...[...said.matchAll(/^ {2}(\S+\.\S+)$/gm)].map(([, path]) => path));
    const made = sources();
    generate(`${kind}: refuses to make it twice`, [kind, name, '--no-install'], {
      refused: /exists already|is the name of something else/,
    });
    if (sources() !== made) {
      failures++;
      console.error(`FAILED ${kind}: the refused second run changed files`);
    }
  }
  link('packages/env-made-world', '@spark-rl/env-made-world');

  const world = 'packages/env-made-world';
  const [criteria, estimators] = [
    'packages/branching-criteria',
    'packages/advantage-normalization',
  ];
  const jest = ['--silent', '--colors=false'];
  check('environment: tests', bin('jest'), jest, { folder: world });
  check('criterion: tests', bin('jest'), [...jest, 'tests/made-criterion.test.ts'], {
    folder: criteria,
  });
  check(
    'estimator: tests, and what is asked of every estimator',
    bin('jest'),
    [...jest, '-t', 'made-estimator', 'made-estimator', 'properties', 'unbiased'],
    { folder: estimators },
  );
  check('environment: README example', process.execPath, [
    'tools/scripts/readme-examples.mjs',
    '@spark-rl/env-made-world',
  ]);
  check('types', bin('tsc'), ['-b', world, criteria, estimators]);
  check('lint and borders of the environment', bin('nx'), ['lint', '@spark-rl/env-made-world']);
  check('lint', bin('eslint'), [
    '--max-warnings=0',
    ...['src/criteria', 'tests'].map((each) => `${criteria}/${each}/made-criterion*.ts`),
    ...['src/grpo', 'tests'].map((each) => `${estimators}/${each}/made-estimator*.ts`),
    `${estimators}/tests/every-estimator.ts`,
  ]);
  check('format', bin('prettier'), ['--check', '--log-level=warn', ...written]);
  check('the app knows the criterion and the estimator by their names', process.execPath, [
    ...tsx,
    '--eval',
    `(async () => {
       const { configureFrom, presetNamed } = await import('./apps/trainer/src/config/presets.ts');
       const { rolloutMethod } = await import('./apps/trainer/src/pipeline/method.ts');
       const { estimatorOf } = await import('./apps/trainer/src/pipeline/estimator.ts');
       const config = configureFrom(presetNamed('smoke'), ['rollout.criterion=made-criterion', 'learning.estimator=made-estimator']);
       const found = [rolloutMethod(config).growth.criterion.id, estimatorOf(config).id].join();
       if (found !== 'made-criterion(40,2),made-estimator') throw new Error(found);
     })()`,
  ]);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);
