import { formatSeconds, startProgress, timeLeft, type Output } from '../src/output/progress.js';

function logged(more: Partial<Output> = {}): {
  readonly output: Output;
  readonly text: () => string;
} {
  let text = '';
  return {
    output: { write: (part) => void (text += part), interactive: false, ...more },
    text: () => text,
  };
}

describe('progress without a terminal', () => {
  it('is a line for every fifth', () => {
    const { output, text } = logged();
    const bar = startProgress(output, 'games', 10);
    for (let done = 1; done <= 10; done++) bar.update(done, `game ${done}`);
    bar.stop('all won');
    const lines = text().trimEnd().split('\n');
    expect(lines[0]).toBe('games ...');
    expect(lines.slice(1, -1).map((line) => line.replace(/after.*: /, ''))).toEqual([
      '  20 % game 2',
      '  40 % game 4',
      '  60 % game 6',
      '  80 % game 8',
    ]);
    expect(lines.at(-1)).toMatch(/^ {2}done in \d+ s: all won$/);
    // Never what draws over a line.
    expect(text()).not.toContain('\r');
  });

  it('is its beginning and its end in CI', () => {
    const { output, text } = logged({ quiet: true });
    const bar = startProgress(output, 'games', 10);
    for (let done = 1; done <= 10; done++) bar.update(done);
    bar.stop('all won');
    expect(text()).toMatch(/^games \.\.\.\n {2}done in \d+ s: all won\n$/);
  });
});

describe('the time that is left', () => {
  it('goes by the speed since the first word of it', () => {
    expect(timeLeft(undefined, { done: 1, at: 1 }, 10)).toBeUndefined();
    expect(timeLeft({ done: 1, at: 1 }, { done: 1, at: 2 }, 10)).toBeUndefined();
    // Resumed at 0.5: a tenth took 3 s, so four tenths take 12 s.
    expect(timeLeft({ done: 0.5, at: 1 }, { done: 0.6, at: 4 }, 1)).toBeCloseTo(12, 9);
  });

  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [185, '3 min 05 s'],
    [7199, '119 min 59 s'],
    [19_200, '5 h 20 min'],
    [172_800, '2 days'],
    [86_400 * 1234.4, '1,234 days'],
  ])('%d s are %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
