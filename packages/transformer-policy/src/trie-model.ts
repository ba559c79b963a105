import { InvalidInputError } from '@spark-rl/core';
import {
  TRIE_GROUPS,
  type HostTensor,
  type Named,
  type TensorOps,
  type TensorSpec,
  type TrieGroup,
  type TrieModel,
} from '@spark-rl/tensor';

import { attend, attentionInputs, finishBlock, MASKED, outputLogits } from './blocks.js';
import type { TransformerConfig } from './config.js';
import { need } from './parameters.js';
import type { Projection } from './projection.js';
import type { RotaryRows } from './rotary.js';

/** Deeper than any token stands: nothing but padding sees it. */
const PADDING_DEPTH = 2 ** 30;

const groupNumbers = Array.from({ length: TRIE_GROUPS }, (_, group) => group);

function groupSpecs(group: number, headDim: number): Named<TensorSpec> {
  const [batch, time, path] = [`batch${group}`, `time${group}`, `path${group}`];
  return {
    [`tokens${group}`]: { dtype: 'int32', shape: [batch, time] },
    [`cosines${group}`]: { dtype: 'float32', shape: [batch, time, headDim] },
    [`sines${group}`]: { dtype: 'float32', shape: [batch, time, headDim] },
    [`depths${group}`]: { dtype: 'float32', shape: [batch, time] },
    [`ancestors${group}`]: { dtype: 'int32', shape: [batch, path] },
    [`ancestorDepths${group}`]: { dtype: 'float32', shape: [batch, path] },
  };
}

function groupTensors(
  index: number,
  group: TrieGroup,
  headDim: number,
  angles: (positions: Int32Array) => RotaryRows,
): Named<HostTensor> {
  const { batch, time, path, tokens, depths, ancestors, pathLengths } = group;
  const { cosines, sines } = angles(depths.map((depth) => Math.max(0, depth)));
  const floats = (shape: readonly number[], data: Float32Array): HostTensor => ({
    dtype: 'float32',
    shape,
    data,
  });
  const ancestorDepths = new Float32Array(ancestors.length).fill(PADDING_DEPTH);
  for (const [piece, length] of pathLengths.entries())
    for (let depth = 0; depth < length; depth++) ancestorDepths[piece * path + depth] = depth;
  const tokenDepths = Float32Array.from(depths);
  for (let i = 0; i < tokenDepths.length; i++) if (depths[i]! < 0) tokenDepths[i] = PADDING_DEPTH;
  return {
    [`tokens${index}`]: { dtype: 'int32', shape: [batch, time], data: tokens },
    [`cosines${index}`]: floats([batch, time, headDim], cosines),
    [`sines${index}`]: floats([batch, time, headDim], sines),
    [`depths${index}`]: floats([batch, time], tokenDepths),
    [`ancestors${index}`]: { dtype: 'int32', shape: [batch, path], data: ancestors },
    [`ancestorDepths${index}`]: floats([batch, path], ancestorDepths),
  };
}

/** What stays the same from block to block: angles and masks of a group. */
interface GroupPlan<T> {
  readonly rotary: { readonly cosines: T; readonly sines: T };
  readonly ancestors: T;
  readonly mask: T;
}

function planGroup<T>(
  ops: TensorOps<T>,
  inputs: Named<T>,
  group: number,
  headDim: number,
): GroupPlan<T> {
  const input = (name: string): T => need(inputs, `${name}${group}`);
  const table = (name: string): T =>
    ops.reshape(input(name), [`batch${group}`, `time${group}`, 1, headDim]);
  const depths = ops.reshape(input('depths'), [`batch${group}`, 1, -1, 1]);
  const keyDepths = ops.concat([input('ancestorDepths'), input('depths')], 1);
  const seen = ops.lessEqual(ops.reshape(keyDepths, [`batch${group}`, 1, 1, -1]), depths);
  return {
    rotary: { cosines: table('cosines'), sines: table('sines') },
    ancestors: input('ancestors'),
    mask: ops.where(seen, ops.constant(0), ops.constant(MASKED)),
  };
}

/**
 * The transformer over tries of tokens. All but attention is as for rows; there, a token sees its own piece as far as it has come, and before it
 * the keys and values of its path, fetched from wherever its tokens stand.
 */
export function trieModel(
  config: TransformerConfig,
  angles: (positions: Int32Array) => RotaryRows,
  projection: Projection,
): TrieModel {
  const { contextLength, headDim, keyValueHeads, layers, width } = config;
  return {
    inputs: Object.assign(
      {},
      ...groupNumbers.map((group) => groupSpecs(group, headDim)),
    ) as Named<TensorSpec>,
    prepare: ({ groups }) => {
      const deepest = Math.max(
        ...groups.map(({ depths }) => depths.reduce((a, b) => Math.max(a, b))),
      );
      if (deepest >= contextLength) {
        throw new InvalidInputError(
          `a token stands at position ${deepest}; the context holds ${contextLength}`,
          { field: 'depths', value: deepest, remedy: 'Give shorter rows.' },
        );
      }
      return Object.assign(
        {},
        ...groups.map((group, i) => groupTensors(i, group, headDim, angles)),
      ) as Named<HostTensor>;
    },
    logits: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>, positions: T): T => {
      const plans = groupNumbers.map((group) => planGroup(ops, inputs, group, headDim));
      const embedding = need(parameters, 'tokenEmbedding');
      let hidden = groupNumbers.map((group) =>
        ops.gather(embedding, need(inputs, `tokens${group}`)),
      );
      for (let layer = 0; layer < layers; layer++) {
        const own = hidden.map((x, group) =>
          attentionInputs(ops, config, parameters, layer, x, plans[group]!.rotary, projection),
        );
        // Keys and values of all tokens in a line, so that a path is found by its places.
        const line = (part: 'keys' | 'values'): T =>
          ops.concat(
            own.map((inputsOfGroup) =>
              ops.reshape(ops.transpose(inputsOfGroup[part], [0, 2, 1, 3]), [
                -1,
                keyValueHeads,
                headDim,
              ]),
            ),
            0,
          );
        const lines = { keys: line('keys'), values: line('values') };
        hidden = hidden.map((x, group) => {
          const { ancestors, mask } = plans[group]!;
          const withPath = (part: 'keys' | 'values'): T =>
            ops.concat(
              [ops.transpose(ops.gather(lines[part], ancestors), [0, 2, 1, 3]), own[group]![part]],
              2,
            );
          const attended = attend(
            ops,
            config,
            {
              queries: own[group]!.queries,
              keys: withPath('keys'),
              values: withPath('values'),
            },
            mask,
          );
          return finishBlock(ops, config, parameters, layer, x, attended, projection);
        });
      }
      const all = ops.concat(
        hidden.map((x) => ops.reshape(x, [-1, width])),
        0,
      );
      return outputLogits(ops, config, parameters, ops.gather(all, positions));
    },
  };
}
