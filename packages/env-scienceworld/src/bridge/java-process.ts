import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

import { AbortedError, onAbort, showValue, throwIfAborted } from '@spark-rl/core';

import { SimulatorLaunchError } from './errors.js';

/** What to start, and how long it may take. */
export interface ProcessOptions {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly cwd?: string | undefined;
  /** How long the port line may take, ms. */
  readonly startMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A gateway's process that listens. */
export interface GatewayProcess {
  readonly pid: number;
  readonly port: number;
  /** Settles when the process has ended, with how, in words. Never rejects. */
  readonly ended: Promise<string>;
  /** Asks the process to end, kills it when it has not within `graceMs`, and settles when it has ended. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** A first line longer than this is no port. */
const LONGEST_PORT_LINE = 4096;
const STDERR_TAIL = 2000;

function spawnPiped(
  program: string,
  args: readonly string[],
  cwd: string | undefined,
): ChildProcessWithoutNullStreams {
  try {
    return spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
  } catch (error) {
    // What the system finds wrong with the command itself, such as its length, is thrown here.
    const reason = error instanceof Error ? error.message : '';
    throw new SimulatorLaunchError(`${showValue(program)} cannot be started: ${reason}`, {
      field: 'command',
      cause: error,
    });
  }
}

/**
 * Starts a gateway and reads the port that it listens at, the first line of its output.
 *
 * Its standard input stays open for as long as it is wanted: the gateway ends when that closes, which the operating system sees to
 * when this process dies, however it dies. What it prints after the port is read and dropped, or it would block when the pipe is full.
 *
 * @throws SimulatorLaunchError when the program is missing, ends, or prints no port in time
 * @throws AbortedError when the signal is aborted; no process is left behind either way
 */
export async function startGatewayProcess(options: ProcessOptions): Promise<GatewayProcess> {
  const { command, cwd, startMs, signal } = options;
  const [program, ...args] = command;
  throwIfAborted(signal);
  const child = spawnPiped(program, args, cwd);

  let complaints = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    complaints = (complaints + text).slice(-STDERR_TAIL);
  });
  // Writing to or reading from a process that has just died fails; that it died is told by `ended`.
  for (const stream of [child.stdin, child.stdout, child.stderr])
    stream.on('error', () => undefined);

  let failedToStart: Error | undefined;
  const ended = new Promise<string>((resolve) => {
    const said = (): string => (complaints.trim() === '' ? '' : `: ${complaints.trim()}`);
    child.once('error', (error) => {
      failedToStart ??= error;
      if (child.pid === undefined) resolve(error.message);
    });
    // `exit` and not `close`: a pipe may be held open by what the process left behind.
    child.once('exit', (code, killedBy) =>
      resolve((killedBy === null ? `it ended with code ${code}` : `${killedBy} ended it`) + said()),
    );
  });

  const close = async (graceMs: number): Promise<void> => {
    child.stdin.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
    if (graceMs === 0) child.kill('SIGKILL');
    await ended;
    clearTimeout(kill);
    // Nobody reads these any more: what is left in the pipes must not hold the event loop.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  };

  const name = showValue(program);
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const fail = (what: string): void =>
        reject(
          new SimulatorLaunchError(`${name} did not start the simulator: ${what}`, {
            field: 'command',
            value: command,
            remedy:
              'Run the command by hand to see what is wrong; `spark-rl scienceworld doctor` shows it.',
          }),
        );
      const late = setTimeout(() => fail(`no port line within ${startMs} ms`), startMs);
      const forget = onAbort(signal, () => reject(new AbortedError()));
      let line = '';
      const read = (chunk: Buffer): void => {
        line += chunk.toString('latin1');
        const end = line.indexOf('\n');
        if (end < 0 && line.length <= LONGEST_PORT_LINE) return;
        const text = line.slice(0, end < 0 ? LONGEST_PORT_LINE : end).trim();
        const found = /^\d{1,5}$/.test(text) ? Number(text) : 0;
        if (found < 1 || found > 65_535) fail(`its first line is ${showValue(text)}, not a port`);
        else resolve(found);
        child.stdout.off('data', read);
        child.stdout.resume();
        clearTimeout(late);
        forget();
      };
      child.stdout.on('data', read);
      void ended.then((how) => {
        clearTimeout(late);
        forget();
        fail(
          (failedToStart as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
            ? `${name} or its working folder ${showValue(cwd ?? '.')} does not exist`
            : how,
        );
      });
    });
    return { pid: child.pid!, port, ended, close };
  } catch (error) {
    await close(0);
    throw error;
  }
}
