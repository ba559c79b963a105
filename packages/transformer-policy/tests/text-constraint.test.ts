import { InvalidInputError, type TextConstraint } from '@spark-rl/core';
import fc from 'fast-check';

import { responseLanguage, textConstraint, type Language } from '../src/index.js';

const encoder = new TextEncoder();

/** The state after a text; -1 as soon as none of the language goes on so. */
function read(constraint: TextConstraint, bytes: Iterable<number>): number {
  let state = constraint.start;
  for (const byte of bytes) {
    state = constraint.next(state, byte);
    if (state < 0) return -1;
  }
  return state;
}

function holds(constraint: TextConstraint, text: string): boolean {
  const state = read(constraint, encoder.encode(text));
  return state >= 0 && constraint.accepts(state);
}

/** The same language as a regular expression of JavaScript, where it has one. */
function pattern(language: Language): string {
  if (typeof language === 'string') return language.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  if ('oneOf' in language) return `(?:${language.oneOf.map(pattern).join('|')})`;
  if ('sequence' in language) return language.sequence.map(pattern).join('');
  if ('repeat' in language)
    return `(?:${pattern(language.repeat)}){${language.min ?? 0},${language.max ?? ''}}`;
  if ('characters' in language) return `(?:${language.characters})`;
  const { without = [], nonBlank = false, characters = '[^]' } = language.freeText;
  const one = characters === '[^]' ? '[\\s\\S]' : characters;
  const shut = without.map((text) => `(?!(?:${one})*?${pattern(text)})`).join('');
  return `${shut}${nonBlank ? `(?=\\s*\\S)` : ''}(?:${one})*`;
}

/** Languages over few characters, of one to four bytes, so that random texts are often in them. */
const languages = fc.letrec<{ language: Language }>((tie) => ({
  language: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Language>('a', 'é', 'ab', '日🙂', '', '🙂'),
    fc.constantFrom<Language>(
      { characters: '[^a]' },
      { characters: '[é-🙂]' },
      { characters: '[ab]' },
      { characters: '.' },
    ),
    fc.record({ oneOf: fc.array(tie('language'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ sequence: fc.array(tie('language'), { maxLength: 3 }) }),
    fc
      .tuple(
        tie('language'),
        fc.nat(2),
        fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
      )
      .map(([repeat, min, more]) => ({
        repeat,
        min,
        ...(more === undefined ? {} : { max: min + more }),
      })),
  ),
})).language;
const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '日', '🙂', '\n'), maxLength: 7 });

describe('textConstraint', () => {
  it('has the texts that the same regular expression matches', () => {
    fc.assert(
      fc.property(languages, fc.array(texts, { minLength: 5, maxLength: 20 }), (language, some) => {
        const constraint = textConstraint(language);
        const expected = new RegExp(`^(?:${pattern(language)})$`, 'u');
        for (const text of some)
          expect({ text, in: holds(constraint, text) }).toEqual({ text, in: expected.test(text) });
      }),
      { numRuns: 150 },
    );
  });

  it('knows free text by what it may not hold', () => {
    const forbidden = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 1, maxLength: 4 }),
      { maxLength: 3 },
    );
    const some = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '\u3000'), maxLength: 8 });
    fc.assert(
      fc.property(forbidden, fc.boolean(), fc.array(some), (without, nonBlank, tried) => {
        const characters = nonBlank ? '[ab \u3000é]' : undefined;
        // A language without any text is refused; here at least é is left.
        const constraint = textConstraint({ freeText: { without, nonBlank, characters } });
        for (const text of tried) {
          const expected =
            !without.some((part) => text.includes(part)) && (!nonBlank || text.trim() !== '');
          expect({ text, in: holds(constraint, text) }).toEqual({ text, in: expected });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never leads where no text of the language goes on', () => {
    fc.assert(
      fc.property(languages, fc.array(fc.nat(), { maxLength: 12 }), (language, choices) => {
        const constraint = textConstraint(language);
        let state = constraint.start;
        for (const choice of choices) {
          const ways = Array.from({ length: 256 }, (_, byte) =>
            constraint.next(state, byte),
          ).filter((next) => next >= 0);
          if (ways.length === 0) {
            expect(constraint.accepts(state)).toBe(true);
            return;
          }
          state = ways[choice % ways.length]!;
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reads characters in the one way that UTF-8 writes them', () => {
    const any = textConstraint({ characters: '[^]' });
    for (const code of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff])
      expect(holds(any, String.fromCodePoint(code))).toBe(true);
    // A lone continuation; an overlong slash; a surrogate; beyond Unicode.
    for (const bytes of [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]])
      expect(read(any, bytes)).toBe(-1);
  });

  it('names equal languages alike, and others not', () => {
    expect(textConstraint({ repeat: 'a', min: 1 }).id).toBe(
      textConstraint({ min: 1, repeat: 'a' }).id,
    );
    expect(textConstraint('a').id).not.toBe(textConstraint('b').id);
    expect(textConstraint('a', { id: 'mine' }).id).toBe('mine');
  });

  it.each<[string, unknown, RegExp]>([
    ['is none', { anyOf: ['a'] }, /language of textConstraint/],
    ['has no choice', { oneOf: [] }, /language of textConstraint/],
    ['repeats less than it must', { repeat: 'a', min: 3, max: 2 }, /language of textConstraint/],
    ['has a class that is none', { characters: '[b-a]' }, /"\[b-a\]" is not a class/],
    ['has no text', { freeText: { without: ['a'], characters: 'a', nonBlank: true } }, /no text/],
    ['has half a character', '\ud83d', /language of textConstraint/],
    [
      'is far too large',
      {
        repeat: { repeat: { repeat: 'a', min: 200, max: 200 }, min: 200, max: 200 },
        min: 99,
        max: 99,
      },
      /more than 300000 states/,
    ],
  ])('refuses a language that %s', (_, language, message) => {
    const refusal = (): unknown => {
      try {
        return textConstraint(language as Language);
      } catch (error) {
        return error;
      }
    };
    const error = refusal();
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).message).toMatch(message);
  });
});

describe('responseLanguage', () => {
  it('has one block of reasoning and then one of the actions', () => {
    const constraint = textConstraint(responseLanguage({ actions: ['go east', 'go to bed 1'] }));
    const inside = [
      '<think>why</think>\n<action>go east</action>',
      '<explore>a < b </explore>\n<action>go to bed 1</action>',
    ];
    const outside = [
      '<think>why</think>\n<action>go west</action>',
      '<think>why</think>\n<action>go east</action> ',
      '<think>why</explore>\n<action>go east</action>',
      '<think> \n</think>\n<action>go east</action>',
      '<think>why<action></think>\n<action>go east</action>',
      '<think>why</think><action>go east</action>',
      '<action>go east</action>',
    ];
    for (const text of inside) expect([text, holds(constraint, text)]).toEqual([text, true]);
    for (const text of outside) expect([text, holds(constraint, text)]).toEqual([text, false]);
  });

  it('has any action without tags when none are given', () => {
    const constraint = textConstraint(
      responseLanguage({ modes: ['plan'], separator: '', characters: '[a-z <>/]' }),
    );
    expect(holds(constraint, '<plan>x</plan><action>anything</action>')).toBe(true);
    expect(holds(constraint, '<plan>x</plan><action> </action>')).toBe(false);
    expect(holds(constraint, '<plan>x</plan><action>A</action>')).toBe(false);
    expect(holds(constraint, '<plan>x</plan><action>a<plan></action>')).toBe(false);
  });

  it('refuses an action that holds a tag or nothing', () => {
    expect(() => responseLanguage({ actions: ['go </action>'] })).toThrow(/holds a tag/);
    expect(() => responseLanguage({ actions: [' '] })).toThrow(/actions.*not blank/);
  });
});
