import type { HostTensor, Engine, Named, ParameterSet } from '@spark-rl/tensor';
import { transformerPolicy, type TransformerPolicy } from '@spark-rl/transformer-policy';

import type { AgentModelShape } from './agent-model.js';
import { samplerOf } from './reinforce-journal.js';

/** Weights of one version, in ordinary memory. */
export interface VersionedWeights {
  readonly parameters: Named<HostTensor>;
  readonly version: number;
}

/** The policy that samples the trees, and the weights that it has now. */
export interface BehaviourPolicy {
  readonly policy: TransformerPolicy;
  /** A copy of the weights that it samples with now. */
  readonly weights: () => Promise<VersionedWeights>;
  /** Names the engine and those weights. */
  readonly sampler: () => Promise<string>;
  /** Goes on with other weights, which it then owns; waits for calls that are under way. */
  readonly adopt: (weights: ParameterSet, version: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Makes a policy that samples with `parameters`, which it owns from then on. */
export function behaviourPolicy(
  engine: Engine,
  { config, tokenizer, lora }: AgentModelShape,
  start: { readonly parameters: ParameterSet; readonly version: string },
): BehaviourPolicy {
  let { parameters } = start;
  const policy = transformerPolicy({ engine, config, tokenizer, lora, ...start });
  return {
    policy,
    weights: async () => ({
      parameters: await parameters.read(),
      version: Number(policy.version()),
    }),
    sampler: () => samplerOf(engine, parameters),
    adopt: async (next, version) => {
      await policy.idle();
      policy.update({ parameters: next, version });
      parameters.dispose();
      parameters = next;
    },
    close: async () => {
      await policy.close();
      parameters.dispose();
    },
  };
}
