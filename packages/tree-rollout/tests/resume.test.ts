import type { TreeEvent } from '@spark-rl/core';

import { rolloutTree } from '../src/index.js';
import { brief, plainWorld, protocol, tablePolicy, task } from './support.js';

const gone = (): never => {
  throw new Error('the machine is gone');
};

const options = {
  task: task(),
  seed: [1],
  environment: plainWorld(),
  policy: tablePolicy({ '0.0.0': 'think win', '1.0': 'think lose' }),
  protocol,
  brief,
  roots: 2,
  maxTurns: 4,
  retries: 1,
};

/** Grows a tree, going on with what was recorded. Gives what it adds to the record, also when it breaks off. */
async function grow(
  recorded: readonly TreeEvent[],
  change: Partial<Parameters<typeof rolloutTree<string>>[0]> = {},
): Promise<{ added: readonly TreeEvent[]; error: unknown }> {
  const added: TreeEvent[] = [];
  const journal = {
    recorded: () => recorded,
    append: (event: TreeEvent) => void added.push(event),
  };
  const error: unknown = await rolloutTree({ ...options, ...change, journal }).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { added, error };
}

describe('a record in a world that fails', () => {
  it('is not contradicted by a leaf where the world cannot be brought back: the rollout stops, and can be taken up again', async () => {
    const { added: whole } = await grow([]);
    const before = whole.slice(0, -3);
    const broken = await grow(before, { environment: { ...plainWorld(), step: gone } });
    expect(broken.error).toMatchObject({
      code: 'environment',
      message: expect.stringMatching(
        /tree t: turn [01] could not be replayed \(environment: Error: the machine is gone\)\. What is recorded is kept/,
      ),
    });
    expect(broken.added).toEqual([]);
    const later = await grow(before);
    expect(later.error).toBeUndefined();
    expect([...before, ...later.added]).toEqual(whole);
  });

  it('is not contradicted by a reset that fails', async () => {
    const { added: whole } = await grow([]);
    const broken = await grow(whole.slice(0, 3), { environment: { ...plainWorld(), reset: gone } });
    expect(broken.error).toMatchObject({
      code: 'environment',
      message: expect.stringMatching(/tree t: its start could not be replayed .* then resume/),
    });
    expect(broken.added).toEqual([]);
  });

  it('of a reset that failed ends as it began, also when a reset would now succeed', async () => {
    const { added: whole } = await grow([], { environment: { ...plainWorld(), reset: gone } });
    expect(whole.map(({ type }) => type)).toEqual(['tree', 'leaf', 'leaf', 'end']);
    const later = await grow(whole.slice(0, 2));
    expect(later.error).toBeUndefined();
    expect([...whole.slice(0, 2), ...later.added]).toEqual(whole);
  });
});
