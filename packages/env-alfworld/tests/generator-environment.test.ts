import { observationText } from '@spark-rl/core';

import { householdExpert } from '../src/expert/household-expert.js';
import { householdEnvironment } from '../src/generator/household-environment.js';

describe('the environment of generated games', () => {
  it('is played by the expert from reset to success, through the seams of core only', async () => {
    const environment = householdEnvironment({ maxSteps: 25 });
    const expert = householdExpert({ wastedTurns: 0.1 });
    const tasks = [];
    for await (const task of environment.tasks({ split: 'valid_seen', count: 24, seed: 3 }))
      tasks.push(task);
    expect(tasks.length).toBe(24);
    for (const task of tasks) {
      const start = await environment.reset(task);
      const session = expert.begin({ instruction: start.instruction, key: [task.id] });
      let { state, observation, status } = start;
      while (status === 'running') {
        const { action } = session.act(observation);
        expect(await environment.admissible!(state)).toContain(action);
        ({ state, observation, status } = await environment.step(state, action));
      }
      expect([task.id, status, observationText(observation)]).toEqual([
        task.id,
        'success',
        expect.stringMatching(/^You (move|turn on|arrive)/),
      ]);
    }
  });

  it('cuts an episode off after the steps it was given', async () => {
    const environment = householdEnvironment({ maxSteps: 2, kinds: ['pick_two_obj_and_place'] });
    const [task] = environment.tasks({ split: 'train', count: 1 }) as readonly never[];
    const start = await environment.reset(task!);
    const first = await environment.step(start.state, 'look');
    const second = await environment.step(first.state, 'look');
    expect([start.status, first.status, second.status]).toEqual([
      'running',
      'running',
      'truncated',
    ]);
  });

  it('refuses wrong options by name', () => {
    expect(() => householdEnvironment({ maxSteps: 0 })).toThrow(/maxSteps/);
    expect(() => householdEnvironment({ size: 'tiny' as 'small' })).toThrow(/size/);
    expect(() => householdEnvironment({ colour: 'red' } as never)).toThrow(/colour/);
  });
});
