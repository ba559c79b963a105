import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';

import { parseResponse, responseGrammar } from '../src/index.js';

describe('responseGrammar: valid responses', () => {
  it('reads mode, reasoning and action', () => {
    expect(
      parseResponse('<explore> not here \n</explore>\n<action> open fridge 1 </action>'),
    ).toEqual({
      valid: true,
      mode: 'explore',
      reasoning: 'not here',
      action: 'open fridge 1',
    });
  });

  it('allows text around and between the blocks', () => {
    const parsed = parseResponse('Well. <think>go on</think> So: <action>look</action> Done.');
    expect(parsed).toEqual({ valid: true, mode: 'think', reasoning: 'go on', action: 'look' });
  });

  it('takes other tags', () => {
    const options = { modes: { explore: 'exploring', think: 'plan' }, actionTag: 'do' };
    expect(parseResponse('<exploring>hm</exploring><do>look</do>', options)).toMatchObject({
      valid: true,
      mode: 'explore',
      action: 'look',
    });
    expect(parseResponse('<explore>hm</explore><action>look</action>', options).valid).toBe(false);
  });

  it('takes Chinese, Japanese and Korean where they are allowed', () => {
    const text = '<think>看看</think><action>look</action>';
    expect(parseResponse(text, { rejectCjk: false })).toMatchObject({
      valid: true,
      reasoning: '看看',
    });
  });
});

describe('responseGrammar: invalid responses say why', () => {
  it.each([
    ['', 'no <action> block'],
    ['<think>a</think>', 'no <action> block'],
    ['<think>a</think><action>look', 'the <action> block is not closed'],
    ['<think>a</think>look</action>', '</action> without <action>'],
    ['<think>a</think></action>look<action>', '</action> stands before <action>'],
    ['<think>a</think><action>b</action><action>c</action>', 'two <action> blocks'],
    ['<think>a</think><action>b<action>c</action>', 'two <action> blocks'],
    ['<action>look</action>', 'no <explore> or <think> block'],
    ['<Think>a</Think><action>look</action>', 'no <explore> or <think> block'],
    ['<think>a<action>look</action>', 'the <think> block is not closed'],
    ['a</explore><action>look</action>', '</explore> without <explore>'],
    ['</think>a<think><action>look</action>', '</think> stands before <think>'],
    ['<think>a</think><think>b</think><action>look</action>', 'two reasoning blocks'],
    ['<explore>a</explore><think>b</think><action>look</action>', 'two reasoning blocks'],
    ['<think>1</think>'.repeat(7) + '<action>look</action>', '7 reasoning blocks'],
    ['<action>look</action><think>a</think>', 'the action stands before the reasoning'],
    ['<think>a<action>look</action></think>', 'the action stands inside the reasoning'],
    ['<think> \n</think><action>look</action>', 'the reasoning is empty'],
    ['<think>a</think><action>  </action>', 'the action is empty'],
    ['<think>看</think><action>look</action>', 'Chinese, Japanese or Korean characters'],
    ['<think>カナ</think><action>look</action>', 'Chinese, Japanese or Korean characters'],
    ['<think>한글</think><action>look</action>', 'Chinese, Japanese or Korean characters'],
  ])('%s', (text, reason) => {
    expect(parseResponse(text)).toMatchObject({ valid: false, reason, action: '' });
  });

  it('still tells the first closed reasoning block of an invalid response', () => {
    expect(parseResponse('<explore>hm</explore><think>x</think>')).toMatchObject({
      mode: 'explore',
      reasoning: 'hm',
    });
    expect(parseResponse('<explore>hm')).toMatchObject({ mode: null, reasoning: '' });
  });

  it('never throws, and is valid exactly when there is no reason', () => {
    const piece = fc.constantFrom(
      '<think>',
      '</think>',
      '<explore>',
      '</explore>',
      '<action>',
      '</action>',
      'a',
      ' ',
      '<',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const parsed = parseResponse(text);
        expect(parsed.valid).toBe(parsed.reason === undefined);
        expect(parsed.action !== '').toBe(parsed.valid);
        // An independent statement of the rule, as one regular expression over the skeleton of tags.
        const skeleton = text.match(/<\/?(?:think|explore|action)>/g)?.join('') ?? '';
        const shape = /^<(think|explore)><\/\1><action><\/action>$/.test(skeleton);
        const full = /<(think|explore)>([^]*?)<\/\1>[^]*<action>([^]*?)<\/action>/.exec(text);
        expect(parsed.valid).toBe(shape && full![2]!.trim() !== '' && full![3]!.trim() !== '');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('responseGrammar: render', () => {
  const words = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '');

  it('is undone by parse', () => {
    const turn = fc.record({
      mode: fc.constantFrom('explore', 'think'),
      reasoning: words,
      action: words,
    });
    for (const separator of ['\n', '']) {
      const grammar = responseGrammar({ separator });
      fc.assert(
        fc.property(turn, (given) => {
          expect(grammar.parse(grammar.render(given))).toEqual({
            valid: true,
            mode: given.mode,
            reasoning: given.reasoning.trim(),
            action: given.action.trim(),
          });
        }),
      );
    }
  });

  it('refuses what no valid response can say', () => {
    const { render } = responseGrammar();
    expect(() => render({ mode: 'plan', reasoning: 'a', action: 'b' })).toThrow(
      'mode: "plan" is not a reasoning mode. Use one of explore, think.',
    );
    expect(() => render({ mode: 'think', reasoning: ' ', action: 'b' })).toThrow(
      'the reasoning is empty',
    );
    expect(() => render({ mode: 'think', reasoning: '<action>', action: 'b' })).toThrow(
      'two <action> blocks',
    );
    expect(() => render({ mode: 'toString', reasoning: 'a', action: 'b' })).toThrow(
      InvalidInputError,
    );
  });

  it('refuses tags that cannot be told apart', () => {
    expect(() => responseGrammar({ modes: { think: 'say' }, actionTag: 'say' })).toThrow(
      'every mode and the action need a tag of their own',
    );
    expect(() => responseGrammar({ actionTag: 'a b' })).toThrow(/actionTag: give a tag name/);
  });
});
