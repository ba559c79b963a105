import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { HELD_OUT_KINDS, householdTasks, releaseFiles } from '@spark-rl/env-alfworld';

import { formatCount, startProgress, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { parseKinds, parseSize } from './options.js';

export interface GenerateOptions {
  readonly out: string;
  readonly count: number;
  readonly seed: number;
  readonly size: string;
  readonly kinds?: string;
  readonly split: string;
  readonly heldOut?: string;
}

const padded = (n: number): string => String(n).padStart(6, '0');

/** Writes generated games as a folder in the layout of ALFWorld's releases. The same options write the same bytes. */
export async function generateCommand(options: GenerateOptions, output: Output): Promise<number> {
  const source = householdTasks({
    size: parseSize(options.size),
    heldOut:
      options.heldOut === undefined ? HELD_OUT_KINDS : parseKinds(options.heldOut, '--held-out'),
  });
  const kinds = options.kinds === undefined ? undefined : parseKinds(options.kinds, '--kinds');
  const splits =
    options.split === 'all' ? ['train', 'valid_seen', 'valid_unseen'] : options.split.split(',');
  // Every split is named before anything is written: a wrong name leaves no half of a tree behind.
  const tasks = splits.flatMap((split) =>
    source.tasks({
      split,
      seed: options.seed,
      count: options.count,
      ...(kinds === undefined ? {} : { kinds }),
    }),
  );
  const progress = startProgress(output, 'writing games', tasks.length);
  for (const [i, task] of tasks.entries()) {
    const trial = `trial_T00000000_${padded(options.seed)}_${padded(i)}`;
    for (const { path, text } of releaseFiles(source.generate(task), task.split, trial)) {
      const file = join(options.out, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    progress.update(i + 1);
    // Lets a signal through between games.
    if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
  }
  progress.stop();
  showResult(
    output,
    { out: options.out, splits, games: tasks.length },
    `${formatCount(tasks.length)} games of ${splits.join(', ')} in ${options.out}\n`,
  );
  return 0;
}
