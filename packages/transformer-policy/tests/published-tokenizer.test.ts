import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';

import { chatTemplate, encodePrompt, loadTokenizer, type TokenizerConfig } from '../src/index.js';
import { largeTokenizerJson, plainMerge } from './hugging-face/large-tokenizer.js';
import { CHAT_TEMPLATE } from './hugging-face/tokenizer-folder.js';
import { TEXTS, tokenizer as trained } from './support.js';

const json = largeTokenizerJson();
const config: TokenizerConfig = { eos_token: '<|end|>', bos_token: '<|begin|>' };
const tokenizer = loadTokenizer(json, { config });
const END = 100_001;

describe('a tokenizer of realistic size', () => {
  it('has all its tokens', () => {
    expect(tokenizer.vocabularySize).toBe(100_004);
    expect(tokenizer.endOfSequence).toBe(END);
    expect(tokenizer.beginOfSequence).toBe(100_000);
    expect(tokenizer.tokenId('<think>')).toBe(100_003);
  });

  it('merges as byte-pair encoding written out does', () => {
    const { merges, vocab } = json['model'] as { merges: string[]; vocab: Record<string, number> };
    const ranks = new Map(merges.map((merge, rank) => [merge, rank]));
    const word = fc.string({ unit: fc.constantFrom(...'abcdeqz'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(word, (text) => {
        // A word that is in the vocabulary is one token, whatever the merges say.
        const expected = text in vocab ? [text] : plainMerge(text, ranks);
        expect([...tokenizer.encode(text)]).toEqual(expected.map((symbol) => vocab[symbol]));
      }),
      { numRuns: 200 },
    );
  });

  it('gives every text back', () => {
    const text = fc
      .array(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.constantFrom(' ', '\n', "it'LL ", '12345', '<think>', ...TEXTS),
        ),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (value) => {
        expect(tokenizer.decode(tokenizer.encode(value))).toBe(value);
      }),
    );
  });

  it('begins a prompt as the model was trained to, once', () => {
    const text = [...tokenizer.encode('take')];
    const segments = (...list: ({ text: string } | { tokens: Int32Array })[]) => [
      ...encodePrompt({ kind: 'transcript', segments: list }, tokenizer),
    ];
    expect(segments({ text: 'take' })).toEqual([100_000, ...text]);
    expect(segments({ text: '<|begin|>take' })).toEqual([100_000, ...text]);
    // Kept ids have their begin already, and are never changed.
    expect(segments({ tokens: Int32Array.of(7, 8) }, { text: 'take' })).toEqual([7, 8, ...text]);
    const messages = [{ role: 'user', content: 'go' }] as const;
    expect(encodePrompt({ kind: 'messages', messages }, tokenizer)[0]).toBe(100_000);
    const written = loadTokenizer(json, {
      config: { ...config, chat_template: '{{ bos_token }}{{ messages[0].content }}' },
    });
    expect([...encodePrompt({ kind: 'messages', messages }, written)]).toEqual([
      100_000,
      ...tokenizer.encode('go'),
    ]);
  });

  it('begins with what the config names where tokenizer.json is silent', () => {
    const silent = { ...json, post_processor: null };
    expect(loadTokenizer(silent, { config }).beginOfSequence).toBeUndefined();
    const asked = { ...config, add_bos_token: true };
    expect(loadTokenizer(silent, { config: asked }).beginOfSequence).toBe(100_000);
    expect(trained.beginOfSequence).toBeUndefined();
  });

  it('ends a response at any of its ends', () => {
    const ends = loadTokenizer(json, { config: { ...config, eos_token_ids: [100_002, END] } });
    expect([...ends.endTokens].sort()).toEqual([END, 100_002]);
    expect([...tokenizer.endTokens]).toEqual([END]);
  });
});

describe('decoding token by token', () => {
  it.each([
    ['the trained tokenizer', trained],
    ['the large one', tokenizer],
  ])('gives what decoding at once gives, with %s', (_, using) => {
    // Bytes in any order: most are no character, and characters are cut everywhere.
    const ids = fc.array(fc.nat(using.vocabularySize - 1), { maxLength: 30 });
    const bytes = fc.array(fc.integer({ min: 10, max: 255 }), { maxLength: 30 });
    const text = fc.string({ unit: 'binary' }).map((value) => [...using.encode(value)]);
    fc.assert(
      fc.property(fc.oneof(ids, bytes, text), (tokens) => {
        const stream = using.streamDecoder();
        const pieces = tokens.map((token) => stream.push(token));
        expect(pieces.join('') + stream.end()).toBe(using.decode(tokens));
      }),
      { numRuns: 300 },
    );
  });

  it('waits for the whole character', () => {
    // The first 256 tokens are the bytes, in order.
    const bytes = [...new TextEncoder().encode('a🙂b')];
    const stream = tokenizer.streamDecoder();
    expect(bytes.map((token) => stream.push(token))).toEqual(['a', '', '', '', '🙂', 'b']);
    expect(stream.end()).toBe('');
    const cut = tokenizer.streamDecoder();
    bytes.slice(0, 3).forEach((token) => cut.push(token));
    expect(cut.end()).toBe('\uFFFD');
  });
});

describe('a chat template', () => {
  const render = chatTemplate(CHAT_TEMPLATE);

  it('renders roles, trims, and opens the answer', () => {
    expect(
      render([
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: ' Hello ' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'Bye' },
      ]),
    ).toBe(
      '<|role|>system\nBe brief.<|end|>\n<|role|>user\nHello<|end|>\n<|role|>assistant\nHi<|end|>\n' +
        '<|role|>user\nBye<|end|>\n<|role|>assistant\n',
    );
  });

  it('reads variables', () => {
    const off = chatTemplate(CHAT_TEMPLATE, { enable_thinking: false });
    expect(off([{ role: 'user', content: 'Go' }])).toBe(
      '<|role|>user\nGo<|end|>\n<|role|>assistant\n<think>\n\n</think>\n\n',
    );
    expect(
      chatTemplate("{{ bos_token }}{{ range(3) | join(',') }}", { bos_token: '<s>' })([]),
    ).toBe('<s>0,1,2');
  });

  it('does not know today: the same messages always give the same text', () => {
    const dated = chatTemplate(
      "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}{{ date_string or 'undated' }}{% endif %}",
    );
    expect(dated([])).toBe('undated');
  });

  it('says why it refuses', () => {
    expect(() => render([{ role: 'assistant', content: 'Hi' }])).toThrow(InvalidInputError);
    expect(() => render([{ role: 'assistant', content: 'Hi' }])).toThrow(/roles must alternate/);
    expect(() => chatTemplate('{% for x in %}')).toThrow(/chat template cannot be read/);
  });
});
