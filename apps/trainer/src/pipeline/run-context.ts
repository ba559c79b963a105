import type { Run } from '@spark-rl/run-store';
import type { Engine } from '@spark-rl/tensor';
import { transformerPolicy, type TransformerPolicy } from '@spark-rl/transformer-policy';

import type { TrainConfig } from '../config/schema.js';
import type { Output } from '../output/progress.js';
import type { AgentModel } from './agent-model.js';
import type { World } from '../worlds/world.js';

/** What the stages of a run share. */
export interface RunContext {
  readonly run: Run;
  readonly config: TrainConfig;
  readonly world: World;
  readonly engine: Engine;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Lets a policy with the weights of `model` do some work, and frees it afterwards. */
export async function withPolicy<Value>(
  engine: Engine,
  model: AgentModel,
  version: string,
  work: (policy: TransformerPolicy) => Promise<Value>,
): Promise<Value> {
  const parameters = engine.parameters(model.parameters);
  const { config, tokenizer, lora } = model;
  const policy = transformerPolicy({ engine, config, tokenizer, lora, parameters, version });
  try {
    return await work(policy);
  } finally {
    await policy.close();
    parameters.dispose();
  }
}
