import { InvalidInputError, type CreditedTree } from '@spark-rl/core';
import { referenceEngine } from '@spark-rl/tensor';

import { grpoLearner, type GrpoOptions } from '../src/index.js';
import { randomCreditedTree, tinyLogProb, tinyModel, tinyParameters } from './fixtures.js';

const temperature = 0.7;
const start = tinyParameters(1);

/** Trees that say that they were sampled at this temperature. */
const sampledAt = (said: number): CreditedTree[] => {
  const logProb = (token: number, next: number): number =>
    said === 0 ? 0 : tinyLogProb(start, token, next, said);
  const { tree, credits } = randomCreditedTree(1, { appendOnly: true, logProb });
  return [{ tree: { ...tree, settings: { temperature: said } }, credits }];
};

const learn = async (said: number, options: GrpoOptions = {}): Promise<unknown> => {
  const learner = await grpoLearner({
    engine: referenceEngine(),
    model: tinyModel,
    start,
    temperature,
    options: { klCoefficient: 0, ...options },
  });
  return learner.learn(sampledAt(said)).catch((cause: unknown) => cause);
};

const importanceCorrection = {};

describe('the temperature of rollouts', () => {
  it('is that of the learner', async () => {
    expect(await learn(temperature)).toMatchObject({ policyVersion: '1' });
  });

  it.each([{}, { importanceCorrection }])('is not 0, with options %j', async (options) => {
    const error = await learn(0, options);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ field: 'settings.temperature', value: 0 });
    expect(String(error)).toMatch(/tree tree-1 was sampled greedily.*above 0/);
  });

  it('is another one only where the difference is corrected', async () => {
    const error = await learn(1);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(String(error)).toMatch(
      /tree tree-1 was sampled at temperature 1, the learner is at 0.7/,
    );
    expect(await learn(1, { importanceCorrection })).toMatchObject({ policyVersion: '1' });
  });
});
