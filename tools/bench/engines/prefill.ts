import { sparkProtocol } from '@spark-rl/agent-protocol';
import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import {
  randomSource,
  treeId,
  type AgentProtocol,
  type Environment,
  type Policy,
  type RandomSource,
  type Task,
  type Transition,
  type Tree,
} from '@spark-rl/core';
import { alfworldBrief, householdEnvironment, type AlfworldState } from '@spark-rl/env-alfworld';
import { loadTokenizer, trainTokenizer } from '@spark-rl/transformer-policy';
import { rolloutTree } from '@spark-rl/tree-rollout';

import { presetNamed } from '../../../apps/trainer/src/config/presets.js';
import { architectureOf } from '../../../apps/trainer/src/pipeline/architecture.js';
import { encodePrompt } from '../../../packages/transformer-policy/src/encode-prompt.js';
import {
  cacheShape,
  floatsPerToken,
} from '../../../packages/transformer-policy/src/key-value-pool.js';
import { prefixCache } from '../../../packages/transformer-policy/src/prefix-cache.js';
import { scratchModelOf } from '../scratch-model.js';

const TASKS = 16;
const CACHE_BYTES = 256 * 2 ** 20;
const EXPLORE_SHARE = 0.14;
const preset = presetNamed('quickstart');
const model = scratchModelOf(preset);

/** The quickstart's games, which also tell what may be done after each observation. */
function tellingWorld(): {
  readonly environment: Environment<AlfworldState>;
  /** What may be done after the observation that ends a prompt. */
  readonly actionsAfter: (prompt: string) => readonly string[];
} {
  const games = householdEnvironment({ maxSteps: preset.environment.maxTurns });
  const actions = new Map<string, readonly string[]>();
  const remember = async <T extends Transition<AlfworldState>>(transition: T): Promise<T> => {
    if (transition.status === 'running')
      actions.set(String(transition.observation), await games.admissible!(transition.state));
    return transition;
  };
  return {
    environment: {
      ...games,
      reset: async (task, options) => remember(await games.reset(task, options)),
      step: async (state, action, options) => remember(await games.step(state, action, options)),
    },
    actionsAfter: (prompt) => {
      let best = -1;
      let found: readonly string[] = ['look'];
      for (const [text, admissible] of actions) {
        const end = prompt.lastIndexOf(text) + text.length;
        if (!prompt.includes(text) || end <= best) continue;
        best = end;
        found = admissible;
      }
      return found;
    },
  };
}

const THOUGHTS = [
  'I have not seen what I need yet, so I look in the next place.',
  'This is where it could be; I go there first.',
  'I hold what I need and carry on with the task.',
  'Nothing useful here, so I try something else.',
];

const respond = (random: RandomSource, actions: readonly string[]): string => {
  const mode = random.uniform() < EXPLORE_SHARE ? 'explore' : 'think';
  return `<${mode}>${random.pick(THOUGHTS)}</${mode}><action>${random.pick(actions)}</action>`;
};

/** Observations and responses of some random games: what the tokenizer learns from. */
async function wordsOf(
  environment: Environment<AlfworldState>,
  actionsAfter: (prompt: string) => readonly string[],
  tasks: readonly Task[],
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const task of tasks) {
    const random = randomSource(['engines bench', 'words', task.id]);
    let at: Transition<AlfworldState> = await environment.reset(task);
    while (at.status === 'running') {
      const actions = actionsAfter(String(at.observation));
      texts.push(String(at.observation), respond(random, actions));
      at = await environment.step(at.state, random.pick(actions));
    }
  }
  return texts;
}

/** What prompts cost in trees: tokens in all, and those that the prefix cache does not know. */
export interface PrefillCount {
  readonly prompt: number;
  readonly computed: number;
  readonly trees: readonly Tree[];
  readonly vocabularySize: number;
}

/**
 * Grows the quickstart's trees (16 tasks, 8 leaves, 4 roots) with a policy that takes random possible actions, in responses as long as the
 * warmed-up model's, and counts what the prefix cache of the transformer policy leaves to compute.
 */
export async function countPrefill(form: 'transcript' | 'messages'): Promise<PrefillCount> {
  const { environment, actionsAfter } = tellingWorld();
  const tasks = environment.tasks({ split: 'train', seed: 1, count: TASKS }) as readonly Task[];
  const tokenizer = loadTokenizer(
    trainTokenizer(await wordsOf(environment, actionsAfter, tasks), {
      vocabularySize: model.vocabularySize,
    }),
  );
  const shape = cacheShape(architectureOf(model, tokenizer.vocabularySize));
  const cache = prefixCache(shape, CACHE_BYTES);
  const store = (start: number, end: number) => ({
    length: end - start,
    data: new Float32Array((end - start) * floatsPerToken(shape)),
  });
  let prompt = 0;
  let computed = 0;
  const policy: Policy = {
    id: 'random actions',
    generate: ({ prompt: asked, key }) => {
      const promptTokens = encodePrompt(asked, tokenizer);
      const known = cache.match(promptTokens, promptTokens.length - 1).length;
      prompt += promptTokens.length;
      computed += promptTokens.length - known;
      const random = randomSource(key);
      const last =
        asked.kind === 'messages'
          ? String(asked.messages.at(-1)!.content)
          : asked.segments.flatMap((each) => ('text' in each ? [each.text] : [])).join('\n');
      const text = respond(random, actionsAfter(last));
      const responseTokens = tokenizer.encode(text);
      const whole = Int32Array.from([...promptTokens, ...responseTokens]);
      // The last token drawn has not been through the model.
      cache.insert(whole, whole.length - 1, store);
      return Promise.resolve({
        text,
        policyVersion: 'bench',
        finish: 'stop',
        promptTokens,
        responseTokens,
        logProbs: new Float32Array(responseTokens.length),
        cachedPromptTokens: known,
      });
    },
  };
  const protocol: AgentProtocol = sparkProtocol(
    form === 'transcript' ? { form, brief: false, instruction: false } : { form, history: 5 },
  );
  const trees: Tree[] = [];
  for (const task of tasks) {
    const tree = await rolloutTree({
      environment,
      task,
      policy,
      protocol,
      brief: alfworldBrief(),
      criterion: exploreTag(),
      budget: leafBudget({ leaves: preset.rollout.leaves }),
      roots: preset.rollout.roots,
      maxTurns: preset.environment.maxTurns,
      seed: ['engines bench', task.id],
      treeId: treeId(task.id),
    });
    trees.push(tree);
  }
  return { prompt, computed, trees, vocabularySize: tokenizer.vocabularySize };
}
