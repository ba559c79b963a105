import { parseCondition } from '../src/text/condition.js';
import { parseExpression } from '../src/text/expression.js';
import { parseTemplate, type Piece } from '../src/text/template.js';
import { entityNames } from '../src/world/names.js';

/** A template as text again, with marks for what each piece was taken for. */
const show = (source: string): string => parseTemplate(source).map(showPiece).join('|');
const showPiece = (piece: Piece): string => {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'symbol':
      return `#${piece.symbol}#`;
    case 'value':
      return '=';
    case 'each':
      return `${piece.isList ? 'list' : 'each'}(${showPiece(piece.content)}${piece.query === null ? '' : ` of ${piece.query.length}`})`;
  }
};

describe('templates', () => {
  it.each([
    ['plain text', 'plain text'],
    ['\n\n  at the start', 'at the start'],
    ['// a remark\n  text', 'text'],
    ['kept \n in the middle\n ', 'kept \n in the middle\n '],
    ['a #sym bol(x, y)# b', 'a |#sym bol(x, y)#| b'],
    ['#a#\t#b#\ttext', '#a#|#b#|text'],
    ['{x.name}', 'each(=)'],
    ['{#s# | p(x:t)}', 'each(#s# of 1)'],
    ['[{x.name | p(x:t) & q(x:t)}].', 'list(= of 2)|.'],
    ['before } after', 'before '],
    ['before; after', 'before'],
    ['say "this" now', 'say |this| now'],
    ['no end [{x.name', 'no end '],
    ['', ''],
  ])('%j is %j', (source, expected) => {
    expect(show(source)).toBe(expected);
  });
});

describe('expressions', () => {
  const entity = (variable: string) => ({
    id: `${variable}_bar_1`,
    name: variable === 'n' ? '' : `${variable} 1`,
    type: 'thing',
  });
  it.each([
    ['x', 'x 1'],
    ['x.name', 'x 1'],
    ['x.id', 'x_bar_1'],
    ['x.type', 'thing'],
    ["x.indefinite + ' ' + x.name", 'a x 1'],
    ['x.definite+" or "+x.name', 'the or x 1'],
    ['n.name or n.id', 'n_bar_1'],
    ['x.name or x.id', 'x 1'],
  ])('%s is %j', (source, expected) => {
    expect(parseExpression(source)(entity)).toBe(expected);
  });

  it('that are not understood throw when they are used, not before', () => {
    const expression = parseExpression('x.name.upper()');
    expect(() => expression(entity)).toThrow('{x.name.upper()} is not supported');
  });
});

describe('conditions', () => {
  it('give variables their types, and their own names where none is given', () => {
    expect(parseCondition('p(x:t, y) & not_q()')).toEqual([
      {
        predicate: 'p',
        arguments: [
          { name: 'x', type: 't' },
          { name: 'y', type: 'y' },
        ],
      },
      { predicate: 'not_q', arguments: [] },
    ]);
  });

  it.each(['p', 'p(x:t', 'p(x:t) q(x:t)', 'p(x:t,)', '!'])('%s is refused', (source) => {
    expect(() => parseCondition(source)).toThrow('not a condition');
  });
});

describe('names', () => {
  it('count down in the order of the ids, and add basin', () => {
    const ids = [
      'cup_bar__minus_1',
      'cup_bar__plus_1',
      'cup_bar__plus_1_bar_x',
      'sink_bar_1_bar_sinkbasin',
      'cuptype',
      'odd_minus_one',
    ].sort();
    expect(Object.fromEntries(entityNames(ids))).toEqual({
      cup_bar__minus_1: 'cup 3',
      cup_bar__plus_1: 'cup 2',
      cup_bar__plus_1_bar_x: 'cup 1',
      sink_bar_1_bar_sinkbasin: 'sinkbasin 1',
      cuptype: 'cuptype ',
      odd_minus_one: 'odd-one ',
    });
  });
});
