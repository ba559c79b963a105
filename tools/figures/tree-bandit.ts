import {
  randomSource,
  taskId,
  textPolicy,
  type CreditedTree,
  type Environment,
  type Start,
  type Task,
  type Transition,
} from '@spark-rl/core';

/**
 * A tree-shaped bandit with a known optimum: four turns, each left or right; the episode succeeds where the second turn went right and the
 * fourth left, whatever the others did. The state is the way so far, and it is observed whole. A tabular policy has, in each of the 15
 * states, one logit for each of four responses: to explore or to think, and to go left or right.
 */
const TURNS = 4;
const RESPONSES = ['explore left', 'explore right', 'think left', 'think right'] as const;

/** Unsure of which way to go; before the turns that decide, it says so more often. */
function probabilities(state: string): readonly number[] {
  const explores = state.length % 2 === 0 ? 0.4 : 0.1;
  const right = 0.35 + 0.1 * state.length;
  return [
    explores * (1 - right),
    explores * right,
    (1 - explores) * (1 - right),
    (1 - explores) * right,
  ];
}

const succeeds = (way: string): boolean => way[1] === 'r' && way[3] === 'l';

const statesAt = (turn: number): readonly string[] =>
  turn === 0 ? [''] : statesAt(turn - 1).flatMap((state) => [`${state}l`, `${state}r`]);
const STATES = [0, 1, 2, 3].flatMap(statesAt);
const parameter = (state: string, response: number): number =>
  STATES.indexOf(state) * RESPONSES.length + response;

export const BANDIT_TASK: Task = {
  id: taskId('bandit'),
  environment: 'tree-bandit',
  split: 'train',
  data: null,
};

const transition = (way: string): Transition<string> => ({
  state: way,
  observation: `way:${way}.`,
  score: way.length === TURNS && succeeds(way) ? 1 : 0,
  status: way.length < TURNS ? 'running' : succeeds(way) ? 'success' : 'failure',
});

export const banditEnvironment: Environment<string> = {
  id: 'tree-bandit',
  tasks: () => [BANDIT_TASK],
  reset: (): Start<string> => ({ ...transition(''), instruction: 'Find the way.' }),
  step: (way, action) => transition(way + (action === 'left' ? 'l' : 'r')),
};

const stateIn = (text: string): string => /way:([lr]*)\./.exec(text)![1]!;

export const banditPolicy = textPolicy('tree-bandit', (prompt, { key }) => {
  let left = randomSource(key).uniform();
  const weights = probabilities(stateIn(prompt));
  const chosen = weights.findIndex((weight) => (left -= weight) < 0);
  const [mode, action] = RESPONSES[chosen < 0 ? RESPONSES.length - 1 : chosen]!.split(' ');
  return `<${mode}>so</${mode}><action>${action}</action>`;
});

/** Adds `factor` times d log p(response | state) to a vector of all logits. */
function addScore(vector: number[], state: string, response: number, factor: number): void {
  for (const [other, probability] of probabilities(state).entries()) {
    const index = parameter(state, other);
    vector[index] = (vector[index] ?? 0) + factor * ((other === response ? 1 : 0) - probability);
  }
}

const zeros = (): number[] => new Array<number>(STATES.length * RESPONSES.length).fill(0);

/** The gradient of the probability of success, exactly: over every path. */
export function banditGradient(): readonly number[] {
  const gradient = zeros();
  const follow = (
    state: string,
    probability: number,
    said: readonly (readonly [string, number])[],
  ): void => {
    if (state.length === TURNS) {
      if (!succeeds(state)) return;
      for (const [at, response] of said) addScore(gradient, at, response, probability);
      return;
    }
    for (const [response, share] of probabilities(state).entries()) {
      const way = state + (RESPONSES[response]!.endsWith('left') ? 'l' : 'r');
      follow(way, probability * share, [...said, [state, response]]);
    }
  };
  follow('', 1, []);
  return gradient;
}

/** The update of a batch: sum w A d log p / sum w over the copies of all turns. */
export function banditUpdate(batch: readonly CreditedTree[]): readonly number[] {
  const update = zeros();
  let total = 0;
  for (const { tree, credits } of batch) {
    for (const { node, copies } of credits) {
      const { observation, response } = tree.turns.get(node)!;
      const said = RESPONSES.indexOf(
        `${response.mode} ${response.action}` as (typeof RESPONSES)[0],
      );
      for (const { advantage, weight } of copies) {
        addScore(update, stateIn(String(observation)), said, weight * advantage);
        total += weight;
      }
    }
  }
  return total === 0 ? update : update.map((value) => value / total);
}
