// Packs the package in the current directory and checks the tarball as a consumer would see it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dir = mkdtempSync(join(tmpdir(), 'pack-'));
const run = (cmd, args) =>
  execFileSync(cmd, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
try {
  const [{ filename, size, entryCount }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir]),
  );
  const tarball = join(dir, filename);
  process.stdout.write(run('publint', ['run', tarball, '--strict']));
  process.stdout.write(
    run('attw', [tarball, '--profile', 'node16', '--format', 'ascii', '--no-emoji']),
  );
  console.log(`${filename}: ${size} bytes packed, ${entryCount} files`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
