import { namedGrammars } from '@spark-rl/agent-protocol';
import { InvalidInputError } from '@spark-rl/core';

import type { TrainConfig } from './schema.js';

/** A field that says nothing, or the opposite of another, and what to do instead. */
interface Contradiction {
  readonly field: string;
  readonly value: unknown;
  readonly because: string;
  readonly instead: string;
}

const FORKING: readonly TrainConfig['rollout']['method'][] = ['spark', 'random', 'uniform-tree'];

/** Options of the learner that fields of their own give. */
const NAMED: Readonly<Record<string, string>> = {
  learningRate: 'learning.learningRate',
  klCoefficient: 'learning.klCoefficient',
  entropyCoefficient: 'learning.entropyCoefficient',
  optimizerStepsPerBatch: 'learning.optimizerStepsPerBatch',
  tokenBudget: 'learning.microBatchTokens',
  packing: 'learning.packing',
};

function* ofTrees({ rollout, agent }: TrainConfig): Generator<Contradiction> {
  const { method, criterion, width } = rollout;
  const hasExplore = 'explore' in namedGrammars[agent.grammar].modes;
  if (method === 'spark' && criterion === 'explore-tag' && !hasExplore) {
    yield {
      field: 'agent.grammar',
      value: agent.grammar,
      because: `the grammar ${agent.grammar} has no <explore>, so the criterion explore-tag never forks`,
      instead:
        'Choose --agent.grammar spark, another --rollout.criterion, or --rollout.method chain.',
    };
  }
  if (FORKING.includes(method) && width === 1) {
    yield {
      field: 'rollout.width',
      value: width,
      because: `a fork of one child is none, and ${method} would never fork`,
      instead: 'Give at least 2, or --rollout.method chain for separate episodes.',
    };
  }
}

function* ofModel({ model, rollout, agent }: TrainConfig): Generator<Contradiction> {
  const { contextLength } = model;
  if (contextLength !== null && rollout.maxResponseTokens >= contextLength) {
    yield {
      field: 'rollout.maxResponseTokens',
      value: rollout.maxResponseTokens,
      because: `a response may fill the whole context of ${contextLength} tokens, which leaves no room for a prompt`,
      instead: 'Give fewer, or a larger --model.contextLength.',
    };
  }
  if (model.from === 'scratch' && agent.prompt === 'messages') {
    yield {
      field: 'agent.prompt',
      value: agent.prompt,
      because: 'a model from scratch has no chat template, so it reads no messages',
      instead: 'Leave it out, or name a published model with --model.folder.',
    };
  }
}

function* ofLearning({ learning }: TrainConfig): Generator<Contradiction> {
  for (const [option, field] of Object.entries(NAMED)) {
    if (!Object.hasOwn(learning.objective, option)) continue;
    yield {
      field: `learning.objective.${option}`,
      value: learning.objective[option],
      because: `it would overrule ${field}`,
      instead: `Set --${field} instead.`,
    };
  }
  const { copiesPerStep } = learning.objective;
  if (copiesPerStep !== undefined && learning.optimizerStepsPerBatch !== null) {
    yield {
      field: 'learning.objective.copiesPerStep',
      value: copiesPerStep,
      because: `learning.optimizerStepsPerBatch ${learning.optimizerStepsPerBatch} decides how many updates there are`,
      instead: 'Give --learning.optimizerStepsPerBatch null too, or leave it out.',
    };
  }
}

function* ofWorld({ environment }: TrainConfig): Generator<Contradiction> {
  if (environment.id === 'webshop' && environment.items === null) {
    for (const name of ['humanInstructions', 'index'] as const) {
      if (environment[name] === null) continue;
      yield {
        field: `environment.${name}`,
        value: environment[name],
        because: 'a synthetic catalogue has none',
        instead: 'Give --environment.items and --environment.instructions too, or leave it out.',
      };
    }
  }
  if (environment.id === 'scienceworld' && environment.simulator === 'recorded') {
    if (environment.jar === null) return;
    yield {
      field: 'environment.jar',
      value: environment.jar,
      because: 'the recorded world starts no simulator',
      instead: 'Give --environment.simulator jar too, or leave it out.',
    };
  }
}

/**
 * Refuses a configuration that contradicts itself. Only new ones: what an earlier version recorded stays readable.
 *
 * @throws InvalidInputError for the first contradiction, with what to do instead
 */
export function refuseContradictions(config: TrainConfig): void {
  for (const find of [ofTrees, ofModel, ofLearning, ofWorld]) {
    for (const { field, value, because, instead } of find(config)) {
      throw new InvalidInputError(
        `configuration: ${field}: ${because} (found ${JSON.stringify(value)})`,
        {
          field,
          value,
          remedy: instead,
        },
      );
    }
  }
}
