import { InvalidInputError, type BranchingContext, type RandomKey } from '@spark-rl/core';
import fc from 'fast-check';

import { always, exploreTag, fixedProbability, never } from '../src/index.js';
import { contextOf, makePath } from './make.js';

/** What a criterion sees after a turn whose response is `text`. */
const context = (text: string, key?: RandomKey): BranchingContext =>
  contextOf(makePath({ text, valid: false }), key);

describe('exploreTag', () => {
  const width = (text: string): number => exploreTag().decide(context(text)).width;

  it.each([
    ['a closed tag', '<explore>odd</explore>\n<action>look</action>', 2],
    ['empty content', '<explore></explore>', 2],
    ['content over several lines', '<explore>one\ntwo\r\nthree</explore>', 2],
    ['a tag in the middle of an invalid response', 'well <think>a</think> <explore>b</explore>', 2],
    ['a second opening tag inside', '<explore><explore></explore>', 2],
    ['an early closing tag and a closed one', '</explore><explore>x</explore>', 2],
    ['no tag', '<think>fine</think><action>go</action>', 1],
    ['an opening tag that is never closed', '<explore>odd <action>look</action>', 1],
    ['a closing tag before the opening one', '</explore> <explore>', 1],
    ['capitals', '<Explore>odd</Explore>', 1],
    ['a tag with an attribute', '<explore now>odd</explore>', 1],
    ['the bare word', 'explore', 1],
    ['nothing', '', 1],
  ])('%s: %j asks for %i', (_, text, expected) => {
    expect(width(text)).toBe(expected);
  });

  it('finds what the expression of the published code finds', () => {
    const piece = fc.constantFrom(
      '<explore>',
      '</explore>',
      '<',
      'explore>',
      '\n',
      'a',
      '</explore',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        expect(width(text)).toBe(/<explore>.*?<\/explore>/s.test(text) ? 2 : 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes another width and another tag', () => {
    const criterion = exploreTag({ width: 3, tag: 'unsure' });
    expect(criterion.maxWidth).toBe(3);
    expect(criterion.id).toBe('explore-tag(unsure,3)');
    expect(criterion.decide(context('<unsure>x</unsure>')).width).toBe(3);
    expect(criterion.decide(context('<explore>x</explore>')).width).toBe(1);
  });
});

describe('never and always', () => {
  it('ask for one, and for B', () => {
    const text = '<explore>x</explore>';
    expect([never().maxWidth, never().decide(context(text)).width]).toEqual([1, 1]);
    expect([always().maxWidth, always().decide(context('')).width]).toEqual([2, 2]);
    expect(always({ width: 4 }).decide(context('')).width).toBe(4);
  });
});

describe('fixedProbability', () => {
  it('forks in its share of turns', () => {
    const criterion = fixedProbability({ probability: 0.3, width: 3 });
    expect(criterion.maxWidth).toBe(3);
    const forks = Array.from(
      { length: 4000 },
      (_, i) => criterion.decide(context('', ['turn', i])).width,
    ).filter((width) => width === 3).length;
    // Mean 1200, standard deviation 29.
    expect(Math.abs(forks - 1200)).toBeLessThan(116);
  });

  it('decides the same for the same key, and not the same for all', () => {
    const criterion = fixedProbability({ probability: 0.5 });
    const widths = (): number[] =>
      Array.from({ length: 50 }, (_, i) => criterion.decide(context('', [i])).width);
    expect(widths()).toEqual(widths());
    expect(new Set(widths())).toEqual(new Set([1, 2]));
  });

  it('is never at 0, and then says so, and always at 1', () => {
    expect(fixedProbability({ probability: 0 }).maxWidth).toBe(1);
    for (let i = 0; i < 200; i++) {
      expect(fixedProbability({ probability: 0 }).decide(context('', [i])).width).toBe(1);
      expect(fixedProbability({ probability: 1 }).decide(context('', [i])).width).toBe(2);
    }
  });
});

describe('wrong options', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a width below 1', () => exploreTag({ width: 0 }), /^options of exploreTag: width/],
    ['half a child', () => always({ width: 1.5 }), /^options of always: width/],
    ['a tag with brackets', () => exploreTag({ tag: '<explore>' }), /expected a tag name/],
    ['an unknown option', () => exploreTag({ widht: 2 } as never), /widht/],
    ['no probability', () => fixedProbability({} as never), /probability.*found undefined/],
    ['a probability above 1', () => fixedProbability({ probability: 30 }), /probability.*found 30/],
    ['a probability that is none', () => fixedProbability({ probability: NaN }), /probability/],
  ])('%s is refused', (_, make, message) => {
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });
});
