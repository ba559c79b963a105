import type { Named, TensorOps } from '@spark-rl/tensor';

import { attend, attentionInputs, finishBlock, outputLogits } from './blocks.js';
import type { TransformerConfig } from './config.js';
import { need } from './parameters.js';
import type { Projection } from './projection.js';

/** How the tokens of a program attend to each other. */
export interface AttentionPlan<T> {
  /** Broadcast with [batch, time, heads, headDim]. */
  readonly rotary: { readonly cosines: T; readonly sines: T };
  /** Added to the scores: broadcasts with [batch, heads, time, keys]. */
  readonly mask: T;
  readonly projection: Projection;
}

/** Embedding, blocks and head: next-token logits of `tokens` [batch, time] at `positions` [n] of the flattened tokens. */
export function transformerLogits<T>(
  ops: TensorOps<T>,
  config: TransformerConfig,
  parameters: Named<T>,
  tokens: T,
  positions: T,
  { rotary, mask, projection }: AttentionPlan<T>,
): T {
  let hidden = ops.gather(need(parameters, 'tokenEmbedding'), tokens);
  for (let layer = 0; layer < config.layers; layer++) {
    const attention = attentionInputs(ops, config, parameters, layer, hidden, rotary, projection);
    const attended = attend(ops, config, attention, mask);
    hidden = finishBlock(ops, config, parameters, layer, hidden, attended, projection);
  }
  const rows = ops.gather(ops.reshape(hidden, [-1, config.width]), positions);
  return outputLogits(ops, config, parameters, rows);
}
