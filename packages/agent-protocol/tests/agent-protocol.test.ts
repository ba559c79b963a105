import { InvalidInputError, type PastTurn, type Prompt } from '@spark-rl/core';
import fc from 'fast-check';

import {
  agentProtocol,
  methodGrammars,
  namedGrammars,
  parseResponse,
  responseGrammar,
  sparkProtocol,
  type GrammarName,
} from '../src/index.js';

const brief = {
  world: 'You are in a kitchen.',
  actions: [{ form: 'open {receptacle}', meaning: 'opens it' }],
};
const none = Int32Array.of();

const past = (observation: string, action: string, text: string): PastTurn => ({
  observation,
  action,
  generation: {
    text,
    policyVersion: '0',
    finish: 'stop',
    promptTokens: none,
    responseTokens: none,
    logProbs: Float32Array.of(),
    cachedPromptTokens: 0,
  },
});

const textOf = (prompt: Prompt): string =>
  prompt.kind === 'messages'
    ? prompt.messages.map(({ content }) => content).join('\n')
    : prompt.segments.map((part) => ('text' in part ? part.text : '#')).join('');

const situation = {
  brief,
  instruction: 'heat an egg',
  past: [1, 2, 3, 4].map((n) => past(`seen ${n}`, `did ${n}`, `<think>raw ${n}</think>`)),
  observation: 'now',
  admissible: ['look'],
};

describe('agentProtocol: named grammars', () => {
  const names = Object.keys(namedGrammars) as GrammarName[];

  it.each(names)('%s: what it renders it parses, and its prompts explain every tag', (grammar) => {
    for (const form of ['messages', 'transcript'] as const) {
      const protocol = agentProtocol({ form, grammar });
      expect(protocol.id).toBe(`${grammar}-${form}`);
      const start = textOf(protocol.prompt({ ...situation, past: [] }));
      for (const mode of Object.keys(namedGrammars[grammar].modes)) {
        const turn = { mode, reasoning: 'so', action: 'look' };
        expect(protocol.parse(protocol.render(turn))).toEqual({ valid: true, ...turn });
        expect(start).toContain(`- <${mode}>...</${mode}>`);
      }
      expect(start).toContain('<action>...</action>');
      expect(start).toContain('Task: heat an egg');
    }
  });

  it('says exactly what sparkProtocol says when it is spark', () => {
    for (const form of ['messages', 'transcript'] as const) {
      const [any, spark] = [agentProtocol({ form }), sparkProtocol({ form })];
      expect(any.id).toBe(spark.id);
      expect(any.prompt(situation)).toEqual(spark.prompt(situation));
      expect(any.prompt({ ...situation, past: [] })).toEqual(
        spark.prompt({ ...situation, past: [] }),
      );
    }
  });

  it('refuses the tags of other grammars', () => {
    const react = agentProtocol({ form: 'messages', grammar: 'react' });
    expect(react.parse('<explore>hm</explore><action>look</action>')).toMatchObject({
      valid: false,
      reason: 'no <think> block',
    });
    const rlvmr = agentProtocol({ form: 'messages', grammar: 'rlvmr' });
    expect(rlvmr.parse('<think>hm</think><action>look</action>').reason).toBe(
      'no <planning> or <explore> or <reflection> or <monitor> block',
    );
    expect(
      rlvmr.parse('<planning>a</planning><monitor>b</monitor><action>look</action>').reason,
    ).toBe('two reasoning blocks');
  });

  it('asks for free reasoning in react, and for one mode of several otherwise', () => {
    const react = textOf(agentProtocol({ form: 'messages', grammar: 'react' }).prompt(situation));
    expect(react).toContain('First, your reasoning, step by step and as long as it needs to be:');
    const rlvmr = textOf(agentProtocol({ form: 'messages', grammar: 'rlvmr' }).prompt(situation));
    expect(rlvmr).toContain('in the mode that fits, never in more than one:');
  });

  it('repeats the last three responses in rlvmr, none elsewhere, and as many as told', () => {
    const answered = (options: { grammar: GrammarName; responses?: number }): string[] =>
      textOf(agentProtocol({ form: 'messages', ...options }).prompt(situation)).match(
        /answered: .*/g,
      ) ?? [];
    expect(answered({ grammar: 'rlvmr' })).toEqual(
      [2, 3, 4].map((n) => `answered: <think>raw ${n}</think>`),
    );
    expect(answered({ grammar: 'spark' })).toEqual([]);
    expect(answered({ grammar: 'react', responses: 1 })).toHaveLength(1);
  });

  it('takes reasoning modes of your own, with their meanings only', () => {
    const protocol = agentProtocol({
      form: 'messages',
      modes: { explore: 'unsure', sure: 'sure' },
      meanings: { sure: 'you know it.' },
    });
    expect(protocol.id).toBe('custom-messages');
    const text = textOf(protocol.prompt(situation));
    expect(text).toContain('- <unsure>...</unsure>\n- <sure>...</sure> when you know it.');
    expect(protocol.parse('<unsure>a</unsure><action>b</action>').mode).toBe('explore');
  });

  it('names what is wrong', () => {
    expect(() => agentProtocol({ form: 'messages', grammar: 'cot' as GrammarName })).toThrow(
      /grammar: there is no such grammar; choose one of: spark, react, rlvmr/,
    );
    expect(() => agentProtocol({ form: 'messages', history: -1 })).toThrow(InvalidInputError);
  });

  it('knows the grammar of every method of the tables', () => {
    for (const grammar of Object.values(methodGrammars)) expect(names).toContain(grammar);
  });
});

describe('responseGrammar: each rule can be lifted by itself', () => {
  const two = '<think>a</think><action>b</action><action>c</action>';
  const mixed = '<explore>a</explore><think>b</think><action>c</action>';
  const bare = '<action>c</action>';
  const empty = '<think></think><action>c</action>';
  const reversed = '<action>c</action><think>a</think>';
  const chinese = '<think>看</think><action>c</action>';
  const stray = 'a <think> is a tag. <think>a</think><action>c</action>';
  const lifted = {
    oneAction: { oneAction: false },
    oneReasoning: { oneReasoning: false },
    nonEmptyReasoning: { nonEmptyReasoning: false },
    reasoningFirst: { reasoningFirst: false },
    rejectCjk: { rejectCjk: false },
    strayTags: { strayTags: 'ignore' },
  } as const;

  it.each([
    ['oneAction', [two]],
    ['oneReasoning', [mixed, bare]],
    ['nonEmptyReasoning', [empty]],
    ['reasoningFirst', [reversed]],
    ['rejectCjk', [chinese]],
    ['strayTags', [stray]],
  ] as const)('%s', (rule, texts) => {
    for (const text of texts) {
      expect(parseResponse(text).valid).toBe(false);
      for (const [other, options] of Object.entries(lifted))
        expect([other, parseResponse(text, options).valid]).toEqual([other, other === rule]);
    }
  });

  it('takes the last action and the first reasoning where there may be several', () => {
    expect(parseResponse(two, { oneAction: false }).action).toBe('c');
    expect(parseResponse(mixed, { oneReasoning: false })).toEqual({
      valid: true,
      mode: 'explore',
      reasoning: 'a',
      action: 'c',
    });
    expect(parseResponse(bare, { oneReasoning: false })).toEqual({
      valid: true,
      mode: null,
      reasoning: '',
      action: 'c',
    });
  });

  it('never takes an action inside the reasoning, nor the other way round', () => {
    const loose = { reasoningFirst: false, oneAction: false, oneReasoning: false };
    expect(parseResponse('<think>a<action>b</action></think>', loose).reason).toBe(
      'the action stands inside the reasoning',
    );
    expect(parseResponse('<action>b<think>a</think></action>', loose).reason).toBe(
      'the reasoning stands inside the action',
    );
  });

  it('never throws and never gives an invalid response an action, whatever the rules', () => {
    const piece = fc.constantFrom(
      ...['<think>', '</think>', '<explore>', '</explore>', '<action>', '</action>', 'a', ' '],
    );
    const options = fc.record({
      oneAction: fc.boolean(),
      oneReasoning: fc.boolean(),
      nonEmptyReasoning: fc.boolean(),
      reasoningFirst: fc.boolean(),
      rejectCjk: fc.boolean(),
      strayTags: fc.constantFrom('refuse', 'ignore'),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), options, (pieces, rules) => {
        const text = pieces.join('');
        const parsed = parseResponse(text, rules);
        expect(parsed.valid).toBe(parsed.reason === undefined);
        expect(parsed.action !== '').toBe(parsed.valid);
        // Lifting rules never makes a valid response invalid, nor reads it differently.
        const strict = parseResponse(text);
        if (strict.valid) expect(parsed).toEqual(strict);
      }),
      { numRuns: 2000 },
    );
  });

  it('renders nothing that it would read differently', () => {
    const { render } = responseGrammar({ oneAction: false, strayTags: 'ignore' });
    expect(() => render({ mode: 'think', reasoning: 'a', action: 'b</action><action>c' })).toThrow(
      /holds the tags of another/,
    );
  });
});
