import { join, resolve } from 'node:path';

import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { findJar, jarFolder } from './find-jar.js';
import { readJarVersion } from './jar-version.js';
import { scratchFolder } from './scratch-folder.js';

const milliseconds = (preset: number): z.ZodDefault<z.ZodNumber> =>
  // The longest that a timer of Node.js takes.
  z.number().min(1).max(2_147_483_647).default(preset);

const optionsSchema = z.strictObject({
  jar: z.string().min(1).optional(),
  java: z.string().min(1).optional(),
  heapMb: z.int().min(64).default(512),
  javaOptions: z.array(z.string()).readonly().default(['-XX:+UseSerialGC']),
  command: z
    .tuple([z.string().min(1)], z.string())
    .readonly()
    .optional(),
  callOrder: z.enum(['official', 'lean']).default('lean'),
  startMs: milliseconds(60_000),
  requestMs: milliseconds(60_000),
  loadMs: milliseconds(300_000),
  idleMs: milliseconds(1_800_000),
  closeMs: milliseconds(2000),
});

/**
 * How the user's simulator is run.
 *
 * - `jar`: path of `scienceworld.jar`; SCIENCEWORLD_JAR, else a Python's packages, by default
 * - `java`: the program; that of JAVA_HOME, else `java` on the path, by default
 * - `heapMb`: bound of Java's heap, 512
 * - `javaOptions`: further options of Java; the serial collector by default, which needs the least memory
 * - `command`: the whole command line instead of Java's; the jar then only tells the version
 * - `callOrder`: `lean` by default
 * - `startMs`, `requestMs`, `loadMs`: how long the start, one request, and loading a task may take; 1, 1 and 5 minutes
 * - `idleMs`: the process of a simulator that nobody asks anything ends after this time, half an hour; the next `load` starts another
 * - `closeMs`: how long it may take to end by itself before it is killed, 2 s
 */
export type JarSimulatorOptions = z.input<typeof optionsSchema>;

/** The options with their defaults, and all that they stand for looked up. */
export interface JarLaunch {
  readonly settings: z.output<typeof optionsSchema>;
  readonly version: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly cwd: string;
}

/**
 * Finds the jar, reads its version, and writes the command line that runs it.
 *
 * @throws InvalidInputError for wrong options, JarNotFoundError where there is no jar
 */
export async function prepareLaunch(options: JarSimulatorOptions): Promise<JarLaunch> {
  const settings = parseInput(optionsSchema, options, 'options of the simulator');
  const jar = findJar(settings.jar);
  const version = await readJarVersion(jar);
  const home = process.env['JAVA_HOME'];
  const named =
    settings.java ?? (home === undefined || home === '' ? 'java' : join(home, 'bin', 'java'));
  // A path is meant from here, and the process runs elsewhere; a bare name is looked for on the path.
  const java = /[\\/]/.test(named) ? resolve(named) : named;
  return {
    settings,
    version,
    cwd: jarFolder(jar) ?? scratchFolder(),
    command: settings.command ?? [
      java,
      `-Xmx${settings.heapMb}m`,
      ...settings.javaOptions,
      '-cp',
      jar,
      'py4j.GatewayServer',
      '--die-on-broken-pipe',
      '0',
    ],
  };
}
