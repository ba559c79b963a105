import { readFileSync } from 'node:fs';

import { leafId, treeId, type NodeId, type Turn } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';

import type { GrpoOptions, PackableTree } from '../src/index.js';
import { tinyModel } from './fixtures.js';
import { preparedGradient } from './prepared-gradient.js';

interface Recorded {
  readonly temperature: number;
  readonly now: Named<number[]>;
  readonly old: Named<number[]>;
  readonly reference: Named<number[]>;
  readonly turns: Named<{
    readonly prompt: number[];
    readonly response: number[];
    readonly parent: string | null;
    readonly sampled: number[];
    readonly copies: {
      readonly leaf: string;
      readonly advantage: number;
      readonly weight: number;
    }[];
  }>;
  readonly cases: Named<{
    readonly options: Named<unknown>;
    readonly loss: number;
    readonly gradients: Named<number[]>;
  }>;
}

const recorded = JSON.parse(
  readFileSync(new URL('data/objectives.json', `file://${__dirname}/`), 'utf8'),
) as Recorded;

const weights = (values: Named<number[]>): Named<HostTensor> =>
  Object.fromEntries(
    Object.entries(tinyModel.parameters).map(([name, shape]) => [
      name,
      { dtype: 'float32', shape, data: Float32Array.from(values[name]!) },
    ]),
  );

const turns = new Map<NodeId, Turn>(
  Object.entries(recorded.turns).map(([id, { prompt, response, parent, sampled }]) => [
    id as NodeId,
    {
      id: id as NodeId,
      parent: parent as NodeId | null,
      index: id.split('.').length - 1,
      observation: '',
      generation: {
        text: '',
        policyVersion: '0',
        finish: 'stop',
        promptTokens: Int32Array.from(prompt),
        responseTokens: Int32Array.from(response),
        logProbs: Float32Array.from(sampled),
        cachedPromptTokens: 0,
      },
      response: { valid: true, mode: null, reasoning: '', action: '' },
      action: '',
      admissible: null,
      next: { observation: '', score: 0, status: 'running' },
      requestedWidth: 1,
      grantedWidth: 1,
    },
  ]),
);
const tree: PackableTree = {
  tree: { id: treeId('recorded'), turns },
  credits: Object.entries(recorded.turns).map(([id, { copies }]) => ({
    tree: treeId('recorded'),
    node: id as NodeId,
    copies: copies.map(({ leaf, ...copy }) => ({ ...copy, leaf: leafId(leaf as NodeId) })),
  })),
};
const policies = {
  now: weights(recorded.now),
  old: weights(recorded.old),
  reference: weights(recorded.reference),
  temperature: recorded.temperature,
};

/** null is what JSON writes for Infinity and for what is left out. */
function optionsOf(listed: Named<unknown>): GrpoOptions {
  const filled = Object.entries(listed).flatMap(([name, value]): [string, unknown][] => {
    if (value !== null) return [[name, value]];
    return ['clipHigh', 'dualClip', 'klClamp'].includes(name) ? [[name, Infinity]] : [];
  });
  return Object.fromEntries(filled);
}

const modes = Object.entries(recorded.cases).flatMap(([name, { options }]) =>
  (options['ratio'] === 'path' ? (['copies'] as const) : (['once', 'copies'] as const)).map(
    (sharedTurns) => [name, sharedTurns] as const,
  ),
);

describe('losses and gradients computed with PyTorch on duplicated rows', () => {
  it.each(modes)('%s, shared turns %s', (name, sharedTurns) => {
    const { options, loss, gradients } = recorded.cases[name]!;
    const found = preparedGradient([tree], { ...optionsOf(options), sharedTurns }, policies);
    expect(Math.abs(found['loss']![0]! - loss)).toBeLessThan(1e-6 * Math.max(1, Math.abs(loss)));
    for (const [parameter, expected] of Object.entries(gradients)) {
      const size = Math.max(...expected.map(Math.abs));
      expect(size).toBeGreaterThan(1e-3);
      for (const [i, value] of expected.entries())
        expect(Math.abs(found[`gradient ${parameter}`]![i]! - value) / size).toBeLessThan(2e-6);
    }
  });
});
