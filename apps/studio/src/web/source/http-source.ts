import type { Source } from './source.js';

const REMEMBERED = 200;

/** Asks the server. An answer that did not change is the same object as before, so that nothing is drawn again. */
export function httpSource(): Source {
  const answers = new Map<string, { readonly text: string; readonly value: unknown }>();
  const ask = async <Value>(
    path: string,
    parameters: Readonly<Record<string, string | number>> = {},
  ): Promise<Value> => {
    const query = new URLSearchParams(
      Object.entries(parameters).map(([name, value]) => [name, String(value)]),
    );
    const url = `api/${path}?${query.toString()}`;
    const response = await fetch(url).catch(() => undefined);
    if (response === undefined)
      throw new Error('the studio does not answer; is the command still running?');
    const text = await response.text();
    const known = answers.get(url);
    if (known?.text === text) return known.value as Value;
    const value: unknown = JSON.parse(text);
    if (!response.ok) throw new Error((value as { readonly error: string }).error);
    answers.delete(url);
    answers.set(url, { text, value });
    for (const oldest of answers.keys()) {
      if (answers.size <= REMEMBERED) break;
      answers.delete(oldest);
    }
    return value as Value;
  };
  return {
    live: true,
    runs: () => ask('runs'),
    run: (run) => ask('run', { run }),
    metrics: (run, offset) => ask('metrics', { run, offset }),
    trees: (run, set) => ask('trees', { run, set }),
    tree: ({ run, set, file }) => ask('tree', { run, set, file }),
    turn: ({ run, set, file }, node) => ask('turn', { run, set, file, node }),
    sameTask: ({ run, set, file }) => ask('same-task', { run, set, file }),
  };
}
