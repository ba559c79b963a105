import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const bin = join(__dirname, '..', 'src', 'bin.ts');

/** What a command printed, and how it ended. */
export interface Finished {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
  /** Standard output alone: what a program reads. */
  readonly stdout: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** What it printed so far. */
  readonly output: () => string;
  /** Resolves when the output so far matches. */
  readonly sees: (pattern: RegExp) => Promise<void>;
}

/** Starts the real command in a process of its own, from its sources. */
export function start(
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(
    process.execPath,
    ['--conditions=@spark-rl/source', '--import', 'tsx', bin, ...args],
    {
      cwd: join(__dirname, '..', '..', '..'),
      env: { ...process.env, CI: 'true', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let output = '';
  let stdout = '';
  const waiting: { readonly pattern: RegExp; readonly resolve: () => void }[] = [];
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const each of waiting) if (each.pattern.test(output)) each.resolve();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    read(chunk);
  });
  child.stderr.on('data', read);
  child.stdin.end(input);
  return {
    child,
    output: () => output,
    sees: (pattern) =>
      new Promise((resolve) => {
        if (pattern.test(output)) resolve();
        else waiting.push({ pattern, resolve });
      }),
    finished: new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, output, stdout }));
    }),
  };
}

/** Runs the real command to its end. */
export const runCommand = (
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> => start(args, input, env).finished;
