import { createHash } from 'node:crypto';

import type { Run, TreeJournal } from '@spark-rl/run-store';
import type { Engine, ParameterSet } from '@spark-rl/tensor';

/**
 * Names who samples the trees of a step: the engine, and the SHA-256 of the weights (names, shapes and values, in the order of their
 * names). Equal names mean that a tree that one began can be gone on with by the other.
 */
export async function samplerOf(
  engine: Pick<Engine, 'id'>,
  weights: Pick<ParameterSet, 'read'>,
): Promise<string> {
  const tensors = Object.entries(await weights.read()).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  for (const [name, { shape, data }] of tensors) {
    hash.update(`${name} [${shape.join(', ')}]\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return `transformer on ${engine.id}, weights ${hash.digest('hex').slice(0, 16)}`;
}

/** The journal of one step, which goes on with what an interrupted run left of it. */
export interface StepJournal extends TreeJournal {
  /** What became of trees that an interrupted run left, in words; empty when there were none. */
  readonly report: () => string;
}

const trees = (count: number): string => `${count} ${count === 1 ? 'tree' : 'trees'}`;

/**
 * Opens the journal of a step. Trees that an interrupted run recorded are gone on with when the same engine and weights sampled them;
 * others are grown anew, since a tree of two policies would be nobody's.
 */
export function openStepJournal(
  run: Pick<Run, 'treeJournal'>,
  step: number,
  sampler: string,
): StepJournal {
  let used = 0;
  let refused = 0;
  const journal = run.treeJournal(`step-${String(step).padStart(4, '0')}`, {
    resume: ({ settings }) => {
      const same = settings['policy'] === sampler;
      if (same) used++;
      else refused++;
      return same;
    },
  });
  return {
    ...journal,
    report: () =>
      (used > 0 ? `\nstep ${step} went on with what was recorded of ${trees(used)}\n` : '') +
      (refused > 0
        ? `\nstep ${step} grew ${trees(refused)} anew: what was recorded of them came from another engine or other weights\n`
        : ''),
  };
}
