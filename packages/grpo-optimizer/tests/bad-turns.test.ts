import { InvalidInputError, type CreditedTree, type Generation } from '@spark-rl/core';
import { referenceEngine } from '@spark-rl/tensor';

import { grpoLearner } from '../src/index.js';
import { randomCreditedTree, tinyModel, tinyParameters, VOCABULARY } from './fixtures.js';

/** A tree whose first credited turn was changed. */
function changed(change: (generation: Generation) => Partial<Generation>): CreditedTree {
  const { tree, credits } = randomCreditedTree(1, { appendOnly: false });
  const turn = tree.turns.get(credits[0]!.node)!;
  const generation = { ...turn.generation, ...change(turn.generation) };
  return {
    tree: { ...tree, turns: new Map([...tree.turns, [turn.id, { ...turn, generation }]]) },
    credits,
  };
}

const learn = async (tree: CreditedTree): Promise<unknown> => {
  const learner = await grpoLearner({
    engine: referenceEngine(),
    model: tinyModel,
    start: tinyParameters(1),
    temperature: 1,
    options: { klCoefficient: 0 },
  });
  return learner.learn([tree]).catch((cause: unknown) => cause);
};

describe('turns that cannot be trained', () => {
  it.each([
    [
      'an unknown response token',
      /turn 0 of tree tree-1 has token 7, the model knows 0 to 6/,
      ({ responseTokens }: Generation) => ({ responseTokens: responseTokens.fill(VOCABULARY, -1) }),
    ],
    [
      'a negative token',
      /turn 0 of tree tree-1 has token -1/,
      ({ responseTokens }: Generation) => ({ responseTokens: responseTokens.fill(-1, -1) }),
    ],
    [
      'an unknown prompt token',
      /turn 0 of tree tree-1 has token 99/,
      ({ promptTokens }: Generation) => ({ promptTokens: promptTokens.fill(99, 0, 1) }),
    ],
    [
      'a probability above 1',
      /turn 0 of tree tree-1 has the log-probability 3/,
      ({ logProbs }: Generation) => ({ logProbs: logProbs.fill(3, -1) }),
    ],
  ])('are refused by their name: %s', async (_, problem, change) => {
    const error = await learn(changed(change));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(String(error)).toMatch(problem);
  });

  it('are not those whose probabilities were rounded up to 1', async () => {
    const rounded = changed(({ logProbs }) => ({ logProbs: logProbs.fill(1e-7) }));
    expect(await learn(rounded)).toMatchObject({ policyVersion: '1' });
  });
});
