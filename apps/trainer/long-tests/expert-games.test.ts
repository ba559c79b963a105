import { observationText, type Task, type Transition } from '@spark-rl/core';
import {
  HOUSEHOLD_KINDS,
  householdEnvironment,
  householdExpert,
  type AlfworldState,
  type HouseholdSize,
} from '@spark-rl/env-alfworld';

const GAMES = 300;
const seed = Number(process.env['LONG_SEED'] ?? 1);

describe.each<HouseholdSize>(['small', 'full'])(
  `%s rooms, ${GAMES} games a kind (LONG_SEED=${seed})`,
  (size) => {
    it.each(HOUSEHOLD_KINDS)(
      'the expert wins every game of %s',
      async (kind) => {
        const environment = householdEnvironment({ size, kinds: [kind], maxSteps: 200 });
        const expert = householdExpert();
        const turns: number[] = [];
        const tasks = environment.tasks({
          split: 'valid_unseen',
          seed,
          count: GAMES,
        }) as readonly Task[];
        for (const task of tasks) {
          const beginning = await environment.reset(task);
          const session = expert.begin({ instruction: beginning.instruction, key: [seed] });
          let now: Transition<AlfworldState> = beginning;
          let count = 0;
          for (; now.status === 'running'; count++) {
            now = await environment.step(
              now.state,
              session.act(observationText(now.observation)).action,
            );
          }
          expect(now.status).toBe('success');
          turns.push(count);
        }
        turns.sort((a, b) => a - b);
        console.log(
          `${size} ${kind}: median ${turns[GAMES >> 1]}, 95 % within ${turns[Math.floor(0.95 * GAMES)]}, most ${turns.at(-1)}`,
        );
      },
      300_000,
    );
  },
);
