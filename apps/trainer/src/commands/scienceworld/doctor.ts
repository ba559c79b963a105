import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { AbortedError } from '@spark-rl/core';
import {
  capacityFromMemory,
  findJar,
  jarSimulator,
  readJarVersion,
} from '@spark-rl/env-scienceworld';

import type { Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { withStopSignal } from '../../stop-signal.js';
import { withSimulator, type JarPlace } from './open-jar.js';

export interface DoctorOptions extends JarPlace {
  /** Heap of a world, MB. */
  readonly heap: number;
}

/** One thing that was looked at: what was found, or what is missing and what to do about it. */
interface Finding {
  readonly what: 'java' | 'jar' | 'version' | 'memory' | 'world';
  readonly ok: boolean;
  readonly says: string;
}

const MB = 1024 * 1024;

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/** What `java -version` says first, on its error output. */
const javaVersion = (java: string, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(java, ['-version'], { signal, timeout: 30_000 }, (error, out, said) => {
      if (error === null) resolve((said || out).split('\n')[0]!.trim());
      else reject(new Error(error.message, { cause: error }));
    });
  });

function javaProgram({ java }: JarPlace): string {
  const home = process.env['JAVA_HOME'];
  return java ?? (home === undefined || home === '' ? 'java' : join(home, 'bin', 'java'));
}

/** Looks at one thing after another; what depends on something that is missing is left out. */
async function examine(
  options: DoctorOptions,
  signal: AbortSignal,
  tell: (finding: Finding) => void,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const look = async (
    what: Finding['what'],
    ask: () => Promise<string> | string,
    explain: (cause: unknown) => string = reasonOf,
  ): Promise<boolean> => {
    let finding: Finding;
    try {
      finding = { what, ok: true, says: await ask() };
    } catch (cause) {
      if (signal.aborted) throw new AbortedError();
      finding = { what, ok: false, says: explain(cause) };
    }
    findings.push(finding);
    tell(finding);
    return finding.ok;
  };

  const java = javaProgram(options);
  const hasJava = await look(
    'java',
    async () => `${java}: ${await javaVersion(java, signal)}`,
    (cause) =>
      `${java} does not run (${reasonOf(cause).split('\n')[0]}). Install a Java runtime, version 8 or later, or name one with --java or JAVA_HOME.`,
  );
  let jar = '';
  const hasJar = await look('jar', () => (jar = findJar(options.jar)));
  if (hasJar) await look('version', () => readJarVersion(jar));
  await look('memory', () => {
    const free = process.availableMemory();
    const shown = `${(free / MB).toFixed(0)} MB free`;
    if (free < options.heap * MB) {
      throw new Error(
        `${shown}, and a world has a heap of ${options.heap} MB. Free some, or take a smaller heap with --heap.`,
      );
    }
    const worlds = capacityFromMemory(free, options.heap);
    return `${shown}: room for ${worlds} live ${worlds === 1 ? 'world' : 'worlds'} with a heap of ${options.heap} MB`;
  });
  if (!hasJava || !hasJar) return findings;

  await look('world', async () => {
    const started = performance.now();
    const since = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    return withSimulator(
      () => jarSimulator({ jar, java, heapMb: options.heap, callOrder: 'lean' }, { signal }),
      async (simulator) => {
        const up = since();
        const names = await simulator.taskNames({ signal });
        const world = { task: 'find-plant', variation: 0, simplifications: 'easy' };
        const start = await simulator.load(world, { signal });
        const loaded = since();
        const step = await simulator.step('open door to kitchen', { signal });
        const place = start.observation.split('\n')[0]!.trim();
        return (
          `started in ${up}, loaded ${world.task} after ${loaded} of ${names.length} tasks: "${place}"; ` +
          `"open door to kitchen" gave "${step.observation}" after ${since()}`
        );
      },
    );
  });
  return findings;
}

/**
 * Says what ScienceWorld needs and what of it is there, and starts one world.
 *
 * @returns 1 when anything is missing, else 0
 */
export async function doctorCommand(options: DoctorOptions, output: Output): Promise<number> {
  const tell = ({ what, ok, says }: Finding): void =>
    output.write(`${ok ? 'ok     ' : 'missing'} ${what.padEnd(8)} ${says}\n`);
  const findings = await withStopSignal(output.write, (signal) => examine(options, signal, tell));
  const ok = findings.every((finding) => finding.ok);
  showResult(
    output,
    { ok, findings },
    ok
      ? '\nScienceWorld can be played here.\n'
      : '\nScienceWorld cannot be played here in the simulator; recordings can.\n',
  );
  return ok ? 0 : 1;
}
