import { InvalidInputError, taskId } from '@spark-rl/core';

import { actionPath, annotateByRule, relabelModes, type ActionPath } from '../src/index.js';

const path: ActionPath = {
  task: { id: taskId('a'), environment: 'e', split: 'train', data: null },
  instruction: 'Find it.',
  steps: [
    { observation: 'a room', action: 'open box', admissible: ['open box'] },
    { observation: 'empty', action: 'open bag' },
  ],
};

const rule = ({
  index,
  observation,
  action,
}: {
  index: number;
  observation: string;
  action: string;
}) => ({
  mode: observation === 'empty' ? 'explore' : 'think',
  reasoning: `${index}: ${observation}, so ${action}`,
});

describe('annotateByRule', () => {
  it('asks the rule for every turn, and keeps what was seen and done', () => {
    const episode = annotateByRule(path, rule);
    expect(episode.steps).toEqual([
      {
        observation: 'a room',
        admissible: ['open box'],
        turn: { mode: 'think', reasoning: '0: a room, so open box', action: 'open box' },
      },
      {
        observation: 'empty',
        turn: { mode: 'explore', reasoning: '1: empty, so open bag', action: 'open bag' },
      },
    ]);
    expect(actionPath(episode)).toEqual(path);
  });

  it('names a turn without reasoning', () => {
    const silent = () => ({ mode: 'think', reasoning: ' ' });
    expect(() => annotateByRule(path, silent)).toThrow(InvalidInputError);
    expect(() => annotateByRule(path, silent)).toThrow(/turn 0 of a/);
  });
});

describe('relabelModes', () => {
  it('changes modes and nothing else', () => {
    const episode = annotateByRule(path, rule);
    const [react] = relabelModes([episode], () => 'think');
    expect(react!.steps.map(({ turn }) => turn.mode)).toEqual(['think', 'think']);
    const [same] = relabelModes([react!], (_, index) => (index === 1 ? 'explore' : 'think'));
    expect(same).toEqual(episode);
    const [rlvmr] = relabelModes([episode], (turn, index) =>
      index === 0 ? 'planning' : turn.mode,
    );
    expect(rlvmr!.steps.map(({ turn }) => turn.mode)).toEqual(['planning', 'explore']);
  });
});
