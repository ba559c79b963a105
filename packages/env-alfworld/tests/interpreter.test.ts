import { InvalidInputError } from '@spark-rl/core';

import { admissibleCommands, startGame, stepGame, type GameTransition } from '../src/play.js';
import { cellar, cellarDomain, cellarGrammar, cellarProblem } from './cellar.js';

/** Plays commands in a row and gives what followed from the last one. */
const play = (...commands: readonly string[]): GameTransition =>
  commands.reduce((now, command) => stepGame(now.state, command), startGame(cellar()));
const said = (...commands: readonly string[]): string => play(...commands).observation;
const offered = (...commands: readonly string[]): readonly string[] =>
  admissibleCommands(play(...commands).state);

describe('commands', () => {
  it('are sorted by code points, each once', () => {
    expect(offered()).toEqual([
      'pair jar 1 with jar 2',
      'wait',
      'walk to chest 1',
      'walk to chest 2',
      'walk to rack 1',
      'walk to rack 2',
    ]);
  });

  it('leave out going to where one is, also for another shelf at the same spot', () => {
    expect(offered('walk to rack 1').filter((command) => command.startsWith('walk'))).toEqual([
      'walk to chest 1',
      'walk to chest 2',
    ]);
    expect(said('walk to rack 1', 'walk to rack 2')).toBe('Nothing happens.');
  });

  it('need the exact words, but not the white space around them', () => {
    expect(said('  wait\n\x1f')).toMatch(/^Commands/);
    expect(said('Wait')).toBe('Nothing happens.');
    expect(said('\uFEFFwait')).toBe('Nothing happens.');
    expect(said('')).toBe('Nothing happens.');
  });

  it('change nothing when they are unknown: the very same state goes on', () => {
    const start = startGame(cellar());
    expect(stepGame(start.state, 'dance').state).toBe(start.state);
  });
});

describe('preconditions', () => {
  it('never satisfy an exists over an unknown type, so only held things can be studied', () => {
    expect(offered('walk to rack 2')).not.toContain('study jar 1');
    expect(offered('walk to rack 2', 'lift jar 1 from rack 2')).toContain('study jar 1');
  });

  it('see through an or: a lid must be open, where there is one', () => {
    expect(offered('walk to chest 1')).not.toContain('lift box 1 from chest 1');
    expect(offered('walk to chest 1', 'open chest 1')).toContain('lift box 1 from chest 1');
  });

  it('hold with forall only when nothing contradicts it', () => {
    const commands = ['walk to chest 1', 'open chest 1', 'walk to chest 2'];
    expect(offered('walk to chest 2')).toContain('open chest 2');
    expect(offered(...commands)).not.toContain('open chest 2');
  });

  it('understand =, imply and subtypes', () => {
    // Jar 2 is jar_bar_1, the one without a lid: its partner would need to be lidless too.
    expect(offered().filter((command) => command.startsWith('pair'))).toEqual([
      'pair jar 1 with jar 2',
    ]);
    expect(offered('walk to rack 2', 'lift jar 1 from rack 2')).not.toContain('tidy');
    expect(offered('walk to chest 1', 'open chest 1', 'lift box 1 from chest 1')).toContain('tidy');
  });

  it('keep variables of one name apart that belong to different quantifiers', () => {
    const pair = '(imply (lidless ?x) (lidless ?y))';
    const requires = (condition: string): readonly string[] => {
      const domain = cellarDomain.replace(pair, condition);
      const { state } = startGame(cellar({ domain }));
      return admissibleCommands(state).filter((command) => command.startsWith('pair'));
    };
    const both = ['pair jar 1 with jar 2', 'pair jar 2 with jar 1'];
    // Something is a switch, and something else is dusty.
    expect(requires('(exists (?z - thing) (switch ?z)) (exists (?z - thing) (dusty ?z))')).toEqual(
      both,
    );
    expect(requires('(exists (?z - thing) (switch ?z)) (exists (?z - shelf) (lidded ?z))')).toEqual(
      both,
    );
    expect(
      requires('(exists (?z - thing) (switch ?z)) (not (exists (?z - thing) (twin ?z ?x)))'),
    ).toEqual([]);
    expect(
      requires(
        '(exists (?z - thing) (switch ?z)) (imply (exists (?z - barrel) (= ?z ?x)) (lit ?x))',
      ),
    ).toEqual(both);
  });

  it('judge no-ops by the alternative that holds: polishing what is clean does nothing', () => {
    expect(offered('walk to rack 2', 'lift jar 2 from rack 2')).toContain('polish jar 2');
    expect(offered('walk to rack 2', 'lift jar 1 from rack 2')).not.toContain('polish jar 1');
  });
});

describe('effects', () => {
  it('take a thing from one shelf only, when it is listed on two', () => {
    const now = play('walk to rack 2', 'lift jar 2 from rack 2', 'walk to chest 2');
    expect(said('walk to rack 2')).toBe('To the rack 2. There: a jar 2, a jar 1, and a lamp 1.');
    expect(stepGame(now.state, 'walk to rack 2').observation).toMatch(
      /There: a jar 1, and a lamp 1/,
    );
    expect(stepGame(now.state, 'walk to rack 1').observation).toBe(
      'To the rack 1. There: a jar 2.',
    );
  });

  it('with when are judged before the action, while texts are told of all of them, additions first', () => {
    const isLit = (now: GameTransition): boolean =>
      now.state.facts[now.state.game.world.vocabulary.predicate('lit')]!.tuples.length === 1;
    expect(isLit(play('walk to rack 2', 'flip lamp 1'))).toBe(true);
    expect(isLit(play('walk to rack 2', 'flip lamp 1', 'flip lamp 1'))).toBe(false);
    // The original adds lit and takes it away again before it writes, whichever of the two effects happens.
    expect(said('walk to rack 2', 'flip lamp 1')).toBe('Off.');
    expect(said('walk to rack 2', 'flip lamp 1', 'flip lamp 1')).toBe('Off.');
  });

  it('with forall reach everything', () => {
    const commands = ['walk to chest 1', 'open chest 1', 'lift box 1 from chest 1'];
    expect(said(...commands, 'walk to rack 1', 'walk to chest 1')).toBe(
      'To the chest 1. Open: nothing.',
    );
    expect(said(...commands, 'tidy', 'walk to rack 1', 'walk to chest 1')).toBe(
      'To the chest 1. Shut.',
    );
  });

  it('leave the states before them alone', () => {
    const before = play('walk to rack 2');
    const answers = () => [
      admissibleCommands(before.state),
      stepGame(before.state, 'lift jar 1 from rack 2').observation,
      stepGame(before.state, 'walk to chest 1').observation,
    ];
    const first = answers();
    expect(answers()).toEqual(first);
  });
});

describe('texts', () => {
  it('begin without the white space that stands before them', () => {
    expect(startGame(cellar()).observation).toBe(
      'The cellar.\n\nYou see a chest 2, a chest 1, a rack 2, and a rack 1.\n\nYour task is to: put the jar away.',
    );
    expect(said('wait')).toBe('Commands:\n  wait\n');
  });

  it('join lists of none, one, two and more', () => {
    expect(said('walk to chest 1', 'open chest 1')).toBe('You open it. Open: a box 1.');
    expect(said('walk to chest 2', 'open chest 2')).toBe('You open it. Open: nothing.');
  });

  it('see the facts after the action', () => {
    expect(said('walk to chest 1', 'open chest 1')).toMatch(/Open/);
  });

  it('know what has been taken away, until it is put back', () => {
    const lifted = play('walk to rack 2', 'lift jar 1 from rack 2', 'drop jar 1 on rack 1');
    const around = (now: GameTransition): string => {
      const { world } = now.state.game;
      const gone = now.state.facts[world.vocabulary.predicate('not_on')]!;
      return gone.tuples.map(([thing]) => world.text.entities[thing!]!.name).join();
    };
    expect(around(lifted)).toBe('jar 1');
    const back = stepGame(
      stepGame(lifted.state, 'lift jar 1 from rack 1').state,
      'drop jar 1 on rack 2',
    );
    // Taken from rack 1 now, and back on rack 2.
    expect(around(back)).toBe('jar 1');
    expect(around(play('walk to rack 2'))).toBe('');
  });

  it('bind different variables to different objects', () => {
    const grammar = cellarGrammar.replace(
      'feedback :: "You lift the {t.name}."',
      'feedback :: "Others: [{u.name | portable(u:thing)}]."',
    );
    const now = stepGame(startGame(cellar({ grammar })).state, 'walk to rack 2');
    expect(stepGame(now.state, 'lift jar 1 from rack 2').observation).toBe(
      'Others: jar 2, and box 1.',
    );
  });

  it('tell of subtypes in order of their names, of a subtype of a subtype twice, as the original does', () => {
    const grammar = cellarGrammar.replace(
      'feedback :: "You lift the {t.name}."',
      'feedback :: "Others: [{u.name | portable(u:object)}]."',
    );
    const now = stepGame(startGame(cellar({ grammar })).state, 'walk to rack 2');
    expect(stepGame(now.state, 'lift jar 1 from rack 2').observation).toBe(
      'Others: box 1, jar 2, and box 1.',
    );
  });

  it('find no fact about what an action knows as another type than its own', () => {
    const grammar = cellarGrammar.replace(
      'feedback :: "You lift the {t.name}."',
      'feedback :: "Portable: [{t.name | portable(t:thing)}]."',
    );
    const lifted = (...commands: readonly string[]): string =>
      commands.reduce(
        (now, command) => stepGame(now.state, command),
        startGame(cellar({ grammar })),
      ).observation;
    expect(lifted('walk to rack 2', 'lift jar 1 from rack 2')).toBe('Portable: jar 1.');
    // The box is a crate, and a crate is a thing, but the action takes things.
    expect(lifted('walk to chest 1', 'open chest 1', 'lift box 1 from chest 1')).toBe(
      'Portable: nothing.',
    );
  });

  it('may ask with ! for what has been taken away', () => {
    const grammar = cellarGrammar.replace(
      'You drop the {t.name} on the {s.name}.',
      'Gone from [{other.name | !on(t:thing, other:shelf)}].',
    );
    const commands = ['walk to rack 2', 'lift jar 1 from rack 2', 'drop jar 1 on rack 1'];
    const now = commands.reduce(
      (at, command) => stepGame(at.state, command),
      startGame(cellar({ grammar })),
    );
    expect(now.observation).toBe('Gone from rack 2.');
  });

  it('count the things that only a number speaks of', () => {
    const problem = cellarProblem
      .replace('(= (total-cost) 0)', '(= (distance jar_bar_3 jar_bar_1) 2)')
      .replace('jar_bar_2 lamp_bar_1 - thing', 'jar_bar_2 jar_bar_3 lamp_bar_1 - thing');
    const { state } = startGame(cellar({ problem }));
    expect(admissibleCommands(state)).toContain('pair jar 2 with jar 3');
  });

  it('end silently where they cannot be parsed', () => {
    const grammar = cellarGrammar.replace('A {t.name}.', 'A {t.name} (on {t.id})} lost');
    let now = startGame(cellar({ grammar }));
    for (const command of ['walk to rack 2', 'lift jar 1 from rack 2', 'study jar 1']) {
      now = stepGame(now.state, command);
    }
    expect(now.observation).toBe('A jar 1 (on jar_bar_2)');
  });
});

describe('effects that a precondition settles', () => {
  const withAction = (action: string, text = 'Done.'): GameTransition =>
    startGame(
      cellar({
        domain: cellarDomain.replace('(:action Wait', `${action} (:action Wait`),
        grammar: `${cellarGrammar}action Try { template :: "try {x}"; feedback :: "${text}"; }`,
      }),
    );
  const offers = (action: string): readonly string[] =>
    admissibleCommands(withAction(action).state).filter((command) => command.startsWith('try'));
  const of = (condition: string, effect: string): string =>
    `(:action Try :parameters (?x - thing) :precondition ${condition} :effect ${effect})`;

  it('make a no-op of an action that has no other effects', () => {
    expect(offers(of('(dusty ?x)', '(dusty ?x)'))).toEqual([]);
    expect(offers(of('(not (dusty ?x))', '(not (dusty ?x))'))).toEqual([]);
    expect(offers(of('(dusty ?x)', '(and (not (dusty ?x)) (dusty ?x))'))).toEqual([]);
    expect(offers(of('(dusty ?x)', '(when (lit ?x) (dusty ?x))'))).toEqual([]);
    expect(offers(of('(dusty ?x)', '(when (not (dusty ?x)) (lit ?x))'))).toEqual([]);
  });

  it('leave an action alone that may do something else', () => {
    expect(offers(of('(dusty ?x)', '(not (dusty ?x))'))).toEqual(['try jar 2']);
    expect(offers(of('(dusty ?x)', '(when (dusty ?x) (lit ?x))'))).toEqual(['try jar 2']);
    expect(offers(of('(dusty ?x)', '(when (lit ?x) (lit ?x))'))).toEqual(['try jar 2']);
    expect(offers(of('(dusty ?x)', '(and (dusty ?x) (lit ?x))'))).toEqual(['try jar 2']);
  });

  it('leave no trace in texts: what was not there before is not said to be gone', () => {
    const gone = '[{x.name | not_lit(x:thing)}]';
    const text = (condition: string): string =>
      stepGame(withAction(of(condition, '(and (not (lit ?x)) (seen ?x))'), gone).state, 'try jar 2')
        .observation;
    expect(text('(and (dusty ?x) (not (lit ?x)))')).toBe('nothing');
    // Without that precondition the original notes the removal of what was never there.
    expect(text('(dusty ?x)')).toBe('jar 2');
  });
});

describe('the goal', () => {
  it('is judged after every command', () => {
    const commands = [
      'walk to rack 2',
      'lift jar 1 from rack 2',
      'walk to chest 2',
      'open chest 2',
    ];
    expect(play(...commands)).toMatchObject({ score: 0, done: false });
    // A clean jar in a lidded shelf is not enough while a lid is open.
    expect(play(...commands, 'drop jar 1 on chest 2')).toMatchObject({ score: 0, done: false });
    const boxes = ['walk to chest 1', 'open chest 1', 'lift box 1 from chest 1'];
    expect(play(...boxes, 'tidy')).toMatchObject({ score: 0, done: false });
  });

  it('may hold at the start', () => {
    const problem = cellarProblem.replace(
      '(on box_bar_1',
      '(on jar_bar_2 chest_bar_a) (on box_bar_1',
    );
    expect(startGame(cellar({ problem }))).toMatchObject({ score: 1, done: true });
  });

  it('is the sentence after "Your task is to: ", or the last paragraph', () => {
    expect(cellar().instruction).toBe('put the jar away.');
    const grammar = cellarGrammar.replace('Your task is to: put', 'Please put');
    expect(cellar({ grammar }).instruction).toBe('Please put the jar away.');
  });
});

describe('damaged games', () => {
  const refusal = (parts: Parameters<typeof cellar>[0]): InvalidInputError => {
    try {
      cellar(parts);
    } catch (error) {
      if (error instanceof InvalidInputError) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  };

  it.each([
    [
      'an object declared twice',
      { problem: cellarProblem.replace('decoy', 'glass') },
      /glass is declared twice/,
    ],
    ['a parenthesis never closed', { problem: `${cellarProblem}(` }, /never closed/],
    ['a parenthesis that closes nothing', { domain: `${cellarDomain})` }, /closes nothing \(line/],
    [
      'an unknown object',
      { problem: cellarProblem.replace('(dusty jar_bar_1)', '(dusty mop)') },
      /mop in \(dusty/,
    ],
    [
      'an unknown type',
      { problem: cellarProblem.replace('- crate', '- barrel') },
      /unknown type barrel/,
    ],
    [
      'an unknown variable',
      { domain: cellarDomain.replace('(dusty ?t)', '(dusty ?q)') },
      /action polish: unknown variable \?q/,
    ],
    [
      'an unsupported section',
      { domain: cellarDomain.replace('(:functions', '(:derived') },
      /unsupported section/,
    ],
    [
      'a goal out of reach',
      { problem: cellarProblem.replace(/\(lidded chest_bar_.\)/g, '') },
      /not there/,
    ],
    [
      'an action without texts',
      { grammar: cellarGrammar.replace('action Tidy', 'action Tidier') },
      /action tidy has no texts/,
    ],
    ['a grammar that is not TWL2', { grammar: `${cellarGrammar}\n?` }, /not understood in line/],
    [
      'a grammar block that is not JSON',
      { grammar: cellarGrammar.replace('"missing": [', '"missing": ') },
      /not JSON/,
    ],
    [
      'a malformed condition',
      { grammar: cellarGrammar.replace('"lidded(s:shelf)"', '"lidded s"') },
      /not a condition/,
    ],
  ])('with %s are refused, and the game is named', (_what, parts, message) => {
    const error = refusal(parts);
    expect(error.message).toMatch(/^cellar: /);
    expect(error.message).toMatch(message);
    expect(error.field).toMatch(/pddl_domain|pddl_problem|grammar/);
    expect(error.message.endsWith(error.remedy!)).toBe(true);
  });

  it('with a symbol that has no rule say so when it is reached, not before', () => {
    const grammar = cellarGrammar.replace('"It shines."', '"#shine#"');
    const game = cellar({ grammar });
    let now = startGame(game);
    now = stepGame(now.state, 'walk to rack 2');
    now = stepGame(now.state, 'lift jar 2 from rack 2');
    expect(() => stepGame(now.state, 'polish jar 2')).toThrow('#shine# has no rule that applies');
  });

  it('with rules that call each other for ever say so', () => {
    const grammar = cellarGrammar.replace('"rhs": "Nothing is gone."', '"rhs": "#missing#"');
    const looping = grammar.replace('"It shines."', '"#missing#"');
    let now = startGame(cellar({ grammar: looping }));
    now = stepGame(now.state, 'walk to rack 2');
    now = stepGame(now.state, 'lift jar 2 from rack 2');
    now = stepGame(now.state, 'walk to chest 1');
    expect(() => stepGame(now.state, 'polish jar 2')).toThrow('calls itself for ever');
  });
});
