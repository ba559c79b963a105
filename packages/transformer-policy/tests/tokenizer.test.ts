import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';

import { encodePrompt, loadTokenizer, renderMessages, trainTokenizer } from '../src/index.js';
import { SPECIALS, TEXTS, tokenizer } from './support.js';

const END = '<|end|>';
const pieces = (text: string, using = tokenizer): string[] =>
  [...using.encode(text)].map((token) => using.decode([token]));

describe('a trained tokenizer', () => {
  it('gives every text back', () => {
    const text = fc
      .array(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: 'binary' }),
          fc.constantFrom(' ', '\n', '  \t', END, ...SPECIALS, ...TEXTS),
        ),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (value) => {
        expect(tokenizer.decode(tokenizer.encode(value))).toBe(value);
      }),
    );
  });

  it('knows special tokens wherever they stand, and nothing else as one', () => {
    expect(pieces('<explore>x</explore><|end|>')).toEqual(['<explore>', 'x', '</explore>', END]);
    expect(tokenizer.encode('<|end|>')).toEqual(Int32Array.of(tokenizer.endOfSequence));
    expect(tokenizer.tokenId('<think>')).toBe(tokenizer.encode('<think>')[0]);
    expect(tokenizer.encode('<explor').length).toBeGreaterThan(1);
  });

  it('merges frequent words with the space before them, and keeps digits apart', () => {
    const texts = Array.from({ length: 20 }, () => 'go to the cabinet 12 and the cabinet 34');
    const trained = loadTokenizer(trainTokenizer(texts, { vocabularySize: 400 }));
    expect(pieces('go to the cabinet 134', trained)).toEqual([
      'go',
      ' to',
      ' the',
      ' cabinet',
      ' 1',
      '3',
      '4',
    ]);
  });

  it('learns the merges that counting by hand gives', () => {
    // "ab" occurs 3 times, then "abc" twice; "xy" once: not worth a token.
    const json = trainTokenizer(['abc', 'abc', 'ab', 'xy'], { vocabularySize: 300 });
    expect(json.model['merges']).toEqual([
      ['a', 'b'],
      ['ab', 'c'],
    ]);
    expect(loadTokenizer(json).vocabularySize).toBe(1 + 256 + 2);
  });

  it('depends on how often words occur, not on their order', () => {
    const shuffled = [...TEXTS].reverse();
    const options = { vocabularySize: 300, specialTokens: SPECIALS };
    expect(trainTokenizer(shuffled, options)).toEqual(tokenizer.json);
  });

  it('never has more tokens than asked for', () => {
    const json = trainTokenizer(TEXTS, { vocabularySize: 263, specialTokens: SPECIALS });
    expect(loadTokenizer(json).vocabularySize).toBe(263);
    expect(() => trainTokenizer(TEXTS, { vocabularySize: 262, specialTokens: SPECIALS })).toThrow(
      /need 263/,
    );
  });

  it('is not changed by what a caller does to an encoding', () => {
    const first = tokenizer.encode('go to');
    const copy = first.slice();
    first.fill(0);
    expect(tokenizer.encode('go to')).toEqual(copy);
  });

  it('leaves out ids that it does not have', () => {
    expect(tokenizer.decode([tokenizer.vocabularySize + 5])).toBe('');
    expect(tokenizer.decode([])).toBe('');
  });
});

describe('loadTokenizer', () => {
  it('survives a trip through JSON', () => {
    const again = loadTokenizer(JSON.parse(JSON.stringify(tokenizer.json)));
    for (const text of TEXTS) expect(again.encode(text)).toEqual(tokenizer.encode(text));
  });

  it.each([
    ['nothing', null],
    ['another file', { model_type: 'llama' }],
    ['a model that is not known', { ...tokenizer.json, model: { type: 'Nonsense', vocab: {} } }],
  ])('refuses %s', (_, json) => {
    expect(() => loadTokenizer(json)).toThrow(InvalidInputError);
  });

  it.each([['7'], [-7], [7.5], [null]])('refuses a vocabulary with the id %p', (id) => {
    const { model } = tokenizer.json;
    const vocab = { ...(model.vocab as Record<string, number>), mug: id };
    expect(() => loadTokenizer({ ...tokenizer.json, model: { ...model, vocab } })).toThrow(
      /model\.vocab: the id of "mug" is/,
    );
  });

  it('refuses a number for a vocabulary', () => {
    const json = { ...tokenizer.json, model: { ...tokenizer.json.model, vocab: 7 } };
    expect(() => loadTokenizer(json)).toThrow(/model\.vocab: expected a vocabulary/);
  });

  it('says when the end of sequence is not a token', () => {
    expect(() => loadTokenizer(tokenizer.json, { endOfSequence: '</s>' })).toThrow(
      /no token <\/s>/,
    );
    const field = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return (error as InvalidInputError).field;
      }
    };
    expect(field(() => loadTokenizer(tokenizer.json, { endOfSequence: '</s>' }))).toBe(
      'endOfSequence',
    );
    expect(field(() => loadTokenizer(tokenizer.json, { config: { eos_token: '</s>' } }))).toBe(
      'eos_token',
    );
  });
});

describe('encodePrompt', () => {
  it('renders messages with their roles', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ] as const;
    const text = 'system: Be brief.<|end|>\nuser: Hello<|end|>\nassistant: ';
    expect(renderMessages(messages, END)).toBe(text);
    expect(encodePrompt({ kind: 'messages', messages }, tokenizer)).toEqual(tokenizer.encode(text));
  });

  it('keeps the ids of a transcript as they are, and encodes each text by itself', () => {
    const tokens = Int32Array.of(5, 4, 3);
    const prompt = {
      kind: 'transcript',
      segments: [{ text: 'ta' }, { text: 'ble' }, { tokens }],
    } as const;
    expect([...encodePrompt(prompt, tokenizer)]).toEqual([
      ...tokenizer.encode('ta'),
      ...tokenizer.encode('ble'),
      5,
      4,
      3,
    ]);
  });
});
