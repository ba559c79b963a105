import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import type { JarSimulatorOptions } from '../../src/bridge/jar-simulator-options.js';
import { describeWithJar, doubleOptions } from '../double/double.js';
import { hasEnded, isRunning } from '../double/processes.js';

const SCRIPT = `
  const { jarSimulator } = await import(${JSON.stringify(join(__dirname, '../../src/bridge/jar-simulator.ts'))});
  const { readdirSync, readFileSync } = await import('node:fs');
  const [options, ending] = JSON.parse(process.argv[1]);
  const simulator = await jarSimulator(options);
  await simulator.load({ task: 'boil', variation: 0, simplifications: '' });
  const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8');
  process.stdout.write('pid ' + children.trim().split(' ').at(-1) + '\\n');
  if (ending === 'exit') process.exit(0);
  if (ending === 'throw') setTimeout(() => { throw new Error('nobody catches this'); });
  // In the middle of work, so that a request is under way when the end comes.
  for (;;) await simulator.step('wait');
`;

/** Opens a simulator in a process of its own, and tells the process of the simulator. */
async function openElsewhere(
  options: JarSimulatorOptions,
  ending: string,
): Promise<{ readonly owner: ChildProcess; readonly pid: number }> {
  const owner = spawn(
    process.execPath,
    [
      ...['--conditions=@spark-rl/source', '--import', 'tsx', '--input-type=module'],
      ...['--eval', SCRIPT, '--', JSON.stringify([options, ending])],
    ],
    { cwd: join(__dirname, '..', '..', '..', '..'), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  owner.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const pid = await new Promise<number>((resolve, reject) => {
    owner.stdout.on('data', (chunk: Buffer) => {
      const found = /pid (\d+)/.exec((said += chunk.toString()));
      if (found !== null) resolve(Number(found[1]));
    });
    owner.once('close', () => reject(new Error(`the owner ended: ${said}`)));
  });
  return { owner, pid };
}

const IS_LINUX = process.platform === 'linux';

function orphanTests(options: JarSimulatorOptions): void {
  const name = IS_LINUX ? '' : ' (skipped: needs /proc to find the process)';
  (IS_LINUX ? it : it.skip).each(['SIGKILL', 'SIGTERM', 'SIGINT', 'exit', 'throw'])(
    `no process is left behind when its owner ends by %s${name}`,
    async (ending) => {
      const { owner, pid } = await openElsewhere(options, ending);
      if (ending.startsWith('SIG')) {
        expect(isRunning(pid)).toBe(true);
        owner.kill(ending as NodeJS.Signals);
      }
      await hasEnded(pid);
    },
  );
}

describe('processes, of the double', () => {
  orphanTests(doubleOptions());
});

describeWithJar('processes, of the real simulator', () => {
  orphanTests({});
});
