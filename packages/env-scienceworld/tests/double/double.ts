import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { strToU8, zipSync } from 'fflate';

import type { JarSimulatorOptions } from '../../src/bridge/jar-simulator-options.js';

/** What the double does wrong; see gateway-double.mjs. */
export interface Faults {
  readonly firstLine?: string;
  readonly portAfterMs?: number;
  readonly exitAtStart?: number;
  readonly flood?: number;
  readonly delayMs?: Readonly<Record<string, number>>;
  readonly at?: Readonly<Record<string, string>>;
  readonly bytes?: boolean;
  readonly stray?: boolean;
  readonly deaf?: boolean;
}

/** The command line of a double. */
export const doubleCommand = (faults: Faults = {}): [string, ...string[]] => [
  process.execPath,
  join(__dirname, 'gateway-double.mjs'),
  JSON.stringify(faults),
];

/** A jar that holds its manifest only: enough to tell a version. */
export const manifestJar = (manifest: string): Uint8Array =>
  zipSync({ 'META-INF/MANIFEST.MF': strToU8(manifest) });

const folder = mkdtempSync(join(tmpdir(), 'scienceworld-double-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const jar = join(folder, 'scienceworld.jar');
writeFileSync(jar, manifestJar('Manifest-Version: 1.0\r\nSpecification-Version: 1.3.0\r\n'));

/** Options that run the double in Java's place. */
export const doubleOptions = (
  faults: Faults = {},
  options: JarSimulatorOptions = {},
): JarSimulatorOptions => ({ jar, command: doubleCommand(faults), ...options });

/** The user's own jar, where there is one. */
export const REAL_JAR = process.env['SCIENCEWORLD_JAR'];

/** `it`, or a skipped test whose name says why. */
export const describeWithJar = (name: string, body: () => void): void => {
  if (REAL_JAR === undefined)
    describe.skip(`${name} (SCIENCEWORLD_JAR does not name a scienceworld.jar)`, body);
  else describe(name, body);
};
