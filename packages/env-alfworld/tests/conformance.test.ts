import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { environmentChecks } from '@spark-rl/core/testing';

import { alfworldEnvironment } from '../src/environment.js';
import { householdTasks } from '../src/generator/household-tasks.js';

const folder = join(__dirname, '../../../../shared/data/alfworld/games');
const games = [
  'fp14-cool-apple.tw-pddl',
  'fp14-heat-potato-v211.tw-pddl',
  'fp14-heat-potato-v213.tw-pddl',
  'tw-fixture.tw-pddl',
].map((name) => join(folder, name));

describe('the environment contract on generated games', () => {
  const make = () => alfworldEnvironment({ source: householdTasks() });
  for (const { name, run } of environmentChecks({
    make,
    query: { split: 'valid_unseen', count: 3, seed: 1 },
    maxSteps: 50,
  })) {
    it(name, run);
  }
});

const withData = existsSync(folder) ? describe : describe.skip;
withData('the environment contract on real games (skipped without shared/data)', () => {
  for (const { name, run } of environmentChecks({
    make: () => alfworldEnvironment({ games }),
    query: { split: 'all' },
    maxSteps: 50,
  })) {
    it(name, run);
  }
});
