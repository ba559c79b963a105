import { InvalidInputError, type Generation, type PastTurn, type Prompt } from '@spark-rl/core';
import fc from 'fast-check';

import { sparkProtocol } from '../src/index.js';

const brief = {
  world: 'You are in a kitchen.',
  actions: [{ form: 'open {receptacle}', meaning: 'opens it' }],
};

const END = 0;
/** One id for each character, so that tokens can be read back. */
const encode = (text: string): number[] => [...text].map((char) => char.codePointAt(0)!);
const decode = (tokens: Iterable<number>): string =>
  [...tokens].map((id) => (id === END ? '|' : String.fromCodePoint(id))).join('');

/** What a policy does with a prompt: text is encoded, kept tokens are used as they are. */
function promptTokens(prompt: Prompt): number[] {
  if (prompt.kind !== 'transcript') throw new Error('not a transcript');
  return prompt.segments.flatMap((segment) =>
    'text' in segment ? encode(segment.text) : [...segment.tokens],
  );
}

function generation(prompt: readonly number[], text: string): Generation {
  const responseTokens = Int32Array.from([...encode(text), END]);
  return {
    text,
    policyVersion: '0',
    finish: 'stop',
    promptTokens: Int32Array.from(prompt),
    responseTokens,
    logProbs: new Float32Array(responseTokens.length),
    cachedPromptTokens: 0,
  };
}

const past = (observation: string, action: string): PastTurn => ({
  observation,
  action,
  generation: generation([], ''),
});

describe('sparkProtocol, messages', () => {
  const protocol = sparkProtocol({ form: 'messages', history: 2 });
  const content = (prompt: Prompt): string => {
    if (prompt.kind !== 'messages') throw new Error('not messages');
    expect(prompt.messages.map(({ role }) => role)).toEqual(['user']);
    return prompt.messages[0]!.content;
  };

  it('shows the last turns under their absolute numbers, and nothing older', () => {
    const text = content(
      protocol.prompt({
        brief,
        instruction: 'heat an egg',
        past: [past('first', 'look'), past('second', ''), past('third', 'open fridge 1')],
        observation: 'fourth',
        admissible: ['take egg 1', 'look'],
      }),
    );
    expect(text).toContain('You are in a kitchen.');
    expect(text).toContain('- open {receptacle}: opens it');
    expect(text).toContain('Task: heat an egg');
    expect(text).toContain('Turns taken so far: 3. The last 2, oldest first:');
    expect(text).not.toContain('first\n');
    expect(text).toContain(
      '[turn 2] observed: second\n[turn 2] did: (your answer had no usable action)',
    );
    expect(text).toContain('[turn 3] observed: third\n[turn 3] did: open fridge 1');
    expect(text).toContain('[turn 4, now] observed: fourth');
    expect(text).toContain('Possible actions now:\n- take egg 1\n- look');
    expect(text).toMatch(/<explore>\.\.\.<\/explore> when .*\n- <think>\.\.\.<\/think> when/);
    expect(text).toContain('<action>...</action>');
  });

  it('has no history at the first turn, and none with a window of 0', () => {
    const first = { brief, instruction: 'heat an egg', past: [], observation: 'here' };
    expect(content(protocol.prompt(first))).not.toContain('Turns taken');
    expect(content(protocol.prompt(first))).toContain('[turn 1, now] observed: here');
    expect(content(protocol.prompt(first))).not.toContain('Possible actions');
    const none = sparkProtocol({ form: 'messages', history: 0 });
    const text = content(none.prompt({ ...first, past: [past('before', 'look')] }));
    expect(text).toContain('Turns taken so far: 1.');
    expect(text).not.toContain('before');
  });

  it('says nothing of what is beyond the window', () => {
    const turn = fc.record({
      observation: fc.stringMatching(/^o[a-z]{6}$/),
      action: fc.stringMatching(/^a[a-z]{6}$/),
    });
    fc.assert(
      fc.property(
        fc.array(turn, { maxLength: 6 }),
        fc.array(turn, { minLength: 2, maxLength: 2 }),
        (old, recent) => {
          const situation = (turns: typeof old): string =>
            content(
              protocol.prompt({
                brief,
                instruction: 'x',
                past: turns.map(({ observation, action }) => past(observation, action)),
                observation: 'now',
              }),
            );
          const shown = situation([...old, ...recent]);
          for (const [i, { observation, action }] of recent.entries()) {
            const number = old.length + i + 1;
            expect(shown).toContain(
              `[turn ${number}] observed: ${observation}\n[turn ${number}] did: ${action}`,
            );
          }
          const other = old.map(({ observation }) => ({
            observation: `${observation}!`,
            action: 'else',
          }));
          expect(situation([...other, ...recent])).toBe(shown);
        },
      ),
    );
  });

  it('wants admissible actions unless told otherwise', () => {
    expect(protocol.wantsAdmissible).toBe(true);
    expect(sparkProtocol({ form: 'messages', admissible: false }).wantsAdmissible).toBe(false);
    expect(sparkProtocol({ form: 'transcript' }).wantsAdmissible).toBe(false);
  });
});

describe('sparkProtocol, transcript', () => {
  it('is bare when neither brief nor instruction is wanted', () => {
    const protocol = sparkProtocol({ form: 'transcript', brief: false, instruction: false });
    const start = { brief, instruction: 'heat an egg', past: [], observation: 'You see an egg.' };
    const first = promptTokens(protocol.prompt(start));
    expect(decode(first)).toBe('You see an egg.\n');
    const response = protocol.render({ mode: 'think', reasoning: 'easy', action: 'take egg 1' });
    expect(response).toBe('<think>easy</think><action>take egg 1</action>');
    const second = protocol.prompt({
      ...start,
      past: [
        {
          observation: 'You see an egg.',
          action: 'take egg 1',
          generation: generation(first, response),
        },
      ],
      observation: 'You take it.',
    });
    expect(decode(promptTokens(second))).toBe(
      'You see an egg.\n<think>easy</think><action>take egg 1</action>|\nYou take it.\n',
    );
  });

  it('opens with the world, the form of answers and the task when wanted', () => {
    const protocol = sparkProtocol({ form: 'transcript', admissible: true });
    const prompt = protocol.prompt({
      brief,
      instruction: 'heat an egg',
      past: [],
      observation: 'You see an egg.',
      admissible: ['look', 'take egg 1'],
    });
    const text = decode(promptTokens(prompt));
    expect(text.startsWith('You are in a kitchen.\n')).toBe(true);
    expect(text).toContain('<action>...</action>');
    expect(
      text.endsWith('Task: heat an egg\nYou see an egg.\nPossible actions: look, take egg 1\n'),
    ).toBe(true);
  });

  it('only ever appends: each prompt begins with the prompt and response before it', () => {
    const text = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(
        fc.record({
          brief: fc.boolean(),
          instruction: fc.boolean(),
          afterObservation: text,
          beforeObservation: text,
        }),
        fc.array(fc.record({ observation: text, response: text }), { minLength: 2, maxLength: 6 }),
        (options, steps) => {
          const protocol = sparkProtocol({ form: 'transcript', ...options });
          const turns: PastTurn[] = [];
          let expected: number[] = [];
          for (const { observation, response } of steps) {
            const prompt = promptTokens(
              protocol.prompt({ brief, instruction: 'x', past: turns, observation }),
            );
            expect(prompt.slice(0, expected.length)).toEqual(expected);
            expect(decode(prompt.slice(expected.length))).toContain(observation);
            const made = generation(prompt, response);
            turns.push({ observation, action: '', generation: made });
            expected = [...made.promptTokens, ...made.responseTokens];
          }
        },
      ),
    );
  });
});

describe('sparkProtocol, options', () => {
  it('names a wrong option', () => {
    expect(() => sparkProtocol({ form: 'messages', history: -1 })).toThrow(InvalidInputError);
    expect(() => sparkProtocol({ form: 'messages', history: -1 })).toThrow(/history/);
    // @ts-expect-error a window makes no sense in an append-only transcript
    expect(() => sparkProtocol({ form: 'transcript', history: 5 })).toThrow(/history/);
  });

  it('passes the grammar on', () => {
    const protocol = sparkProtocol({
      form: 'messages',
      modes: { explore: 'unsure' },
      actionTag: 'do',
    });
    const response = protocol.render({ mode: 'explore', reasoning: 'a', action: 'b' });
    expect(response).toBe('<unsure>a</unsure>\n<do>b</do>');
    expect(protocol.parse(response)).toEqual({
      valid: true,
      mode: 'explore',
      reasoning: 'a',
      action: 'b',
    });
  });
});
