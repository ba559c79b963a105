// The whole check behind `npm test`: every step runs, whatever failed before it, and the last line adds up what passed and failed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { packages, root } from './workspace.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const script = (name) => [process.execPath, join(root, 'tools', 'scripts', name)];
const environment = {
  ...process.env,
  CI: 'true',
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  FORCE_COLOR: '0',
};

const nx = (...targets) => [bin('nx'), 'run-many', '-t', ...targets, '--output-style=stream'];
const steps = [
  ['lockfile', script('check-lock.mjs')],
  ['format', [bin('prettier'), '--check', '.', '--log-level', 'warn']],
  ['lint', nx('lint')],
  ['typecheck', nx('typecheck')],
  ['types of the tools', [bin('tsc'), '-p', 'tools']],
  ['build', nx('build')],
  ['unit tests', nx('test')],
  ['packages', nx('check:package')],
  ['unused code', [bin('knip')]],
  ['dependency versions', [bin('syncpack'), 'lint']],
  ['reference docs', [bin('typedoc'), '--emit', 'none']],
  ['README examples', script('readme-examples.mjs')],
  ['guides', script('guide-examples.mjs')],
  ['generators', script('generators-test.mjs')],
  ['tarballs', script('consumer-test.mjs')],
];

const apps = ['trainer', 'studio'].map((name) => join(root, 'apps', name));
const suites = [...packages.map((each) => each.path), ...apps].map((path) =>
  join(path, 'jest-result.json'),
);
for (const suite of suites) rmSync(suite, { force: true });

let passed = 0;
let failed = 0;
const summary = [];
for (const [name, [command, ...args]] of steps) {
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const { status } = spawnSync(command, args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ok = status === 0;
  if (ok) passed++;
  else failed++;
  summary.push(
    `${ok ? 'ok    ' : 'FAILED'} ${name} (${Math.round((Date.now() - started) / 1000)} s)`,
  );
}

let skipped = 0;
for (const suite of suites.filter((each) => existsSync(each))) {
  const result = JSON.parse(readFileSync(suite, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  skipped += result.numPendingTests;
}
console.log(`\n${summary.join('\n')}`);
if (skipped > 0)
  console.log(
    `${skipped} tests skipped, each by name (recordings or engines that are not on this machine)`,
  );
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
