import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** What a round of work took. */
export interface Round {
  readonly wallMs: number;
  /** Milliseconds of the processor, all threads together: what one thread takes of the clock when nothing else runs. */
  readonly cpuMs: number;
  readonly loss?: number;
  readonly tokens?: number;
}

/** A peer in Python that does a round of work when asked. */
export interface PythonPeer {
  /** What it computes with. */
  readonly version: string;
  readonly round: () => Promise<Round>;
  readonly close: () => void;
}

const PYTHON = '/usr/bin/python3';

/**
 * OpenBLAS may take kernels for AVX2 where the processor has AVX-512, because it is older than the processor or was told to: the peer gets
 * the faster ones.
 */
function openBlasCore(): Record<string, string> {
  if (!existsSync('/proc/cpuinfo')) return {};
  return /\bavx512f\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))
    ? { OPENBLAS_CORETYPE: 'SkylakeX' }
    : {};
}

/**
 * Starts a script beside `main.ts` and gives it its setup. Gives undefined, and says so by name, where Python or a module that the
 * script needs is absent.
 */
export async function pythonPeer(
  name: string,
  script: string,
  setup: object,
  threads: number,
): Promise<PythonPeer | undefined> {
  const path = new URL(`../${script}`, import.meta.url).pathname;
  const limit = String(threads);
  const child = spawn(PYTHON, [path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      OMP_NUM_THREADS: limit,
      OPENBLAS_NUM_THREADS: limit,
      // Threads that spin while they wait take the cores from whoever is measured next.
      OMP_WAIT_POLICY: 'passive',
      ...openBlasCore(),
    },
  });
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => (complaints += String(text)));
  child.stdin.on('error', () => undefined);
  const failed = once(child, 'error').then(([error]) => (complaints += String(error)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify(setup)}\n`);
  const first = await Promise.race([lines.next(), failed.then(() => ({ done: true as const }))]);
  const { version } = (first.done ? {} : JSON.parse(String(first.value))) as { version?: string };
  if (version === undefined || version === null) {
    console.log(
      `the peer ${name} is skipped: ${complaints.trim().split('\n').at(-1) || 'numpy does not use OpenBLAS (libopenblas0-pthread)'}`,
    );
    child.kill();
    return undefined;
  }
  return {
    version,
    round: async () => {
      child.stdin.write('1\n');
      const { done, value } = await lines.next();
      if (done) throw new Error(`the peer ${name} ended: ${complaints}`);
      return JSON.parse(String(value)) as Round;
    },
    close: () => void child.stdin.end(),
  };
}
