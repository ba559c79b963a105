import { start, type Finished } from './command.js';

/** A shop that the real command serves, in a process of its own. */
export interface ServedShop {
  /** With a slash at its end. */
  readonly url: string;
  /** All that it has printed. */
  readonly output: () => string;
  /** Sends Ctrl-C, and waits for its end. */
  readonly stop: () => Promise<Finished>;
}

/** Starts `spark-rl webshop serve` at a free port, and waits until it answers. */
export async function serveShop(args: readonly string[] = []): Promise<ServedShop> {
  const { child, finished, sees } = start(['webshop', 'serve', '--port', '0', ...args]);
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = finished.then((result) => {
    throw new Error(`webshop serve ended: ${result.output}`);
  });
  await Promise.race([sees(/WebShop is at http\S+/), ended]);
  return {
    url: /WebShop is at (http\S+)/.exec(output)![1]!,
    output: () => output,
    stop: () => {
      child.kill('SIGINT');
      ended.catch(() => undefined);
      return finished;
    },
  };
}
