import { spawn } from 'node:child_process';
import { join } from 'node:path';

const script = `
  const { withStopSignal } = await import(${JSON.stringify(join(__dirname, '..', 'src', 'stop-signal.ts'))});
  const stays = setInterval(() => undefined, 1000);
  await withStopSignal((text) => process.stdout.write(text), async (signal) => {
    process.stdout.write('working\\n');
    if (process.argv[1] === 'deaf') return new Promise(() => undefined);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    process.stdout.write('saved ' + signal.reason.message + '\\n');
  });
  clearInterval(stays);
`;

/** Sends a signal each time that the output has a text, and says what was printed and how it ended. */
function interrupt(
  kind: 'polite' | 'deaf',
  signals: readonly (readonly [after: string, name: NodeJS.Signals])[],
): Promise<readonly [code: number | null, output: string]> {
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=@spark-rl/source', '--import', 'tsx', '--input-type=module'],
      ...['--eval', script, '--', kind],
    ],
    { cwd: join(__dirname, '..', '..', '..'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const left = [...signals];
  let output = '';
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const [next] = left;
      if (next === undefined || !output.includes(next[0])) return;
      left.shift();
      child.kill(next[1]);
    });
    child.on('close', (code) => resolve([code, output]));
  });
}

describe('Ctrl-C', () => {
  it('asks the work to stop, and lets it finish what it keeps', async () => {
    const [code, output] = await interrupt('polite', [['working', 'SIGINT']]);
    expect(code).toBe(0);
    expect(output).toMatch(
      /SIGINT: stopping \(once more stops at once\)[^]*saved stopped by SIGINT/,
    );
  });

  it('stops at once when it comes a second time', async () => {
    const twice = [
      ['working', 'SIGINT'],
      ['stopping', 'SIGTERM'],
    ] as const;
    const [code, output] = await interrupt('deaf', twice);
    expect(code).toBe(130);
    expect(output).not.toContain('saved');
  }, 60_000);
});
