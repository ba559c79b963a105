import {
  AbortedError,
  InvalidInputError,
  type Generation,
  type PastTurn,
  type Prompt,
  type Task,
} from '@spark-rl/core';
import { corridor, plainProtocol } from '@spark-rl/core/testing';

import {
  collectExpertEpisodes,
  describeExamples,
  expertExamples,
  type ExpertEpisode,
} from '../src/index.js';
import { brief, END, tokenizer, transcript, walker } from './fixtures.js';

const world = corridor({ length: 6 });
const tasks = world.tasks({ split: 'train', count: 12 }) as readonly Task[];
const collect = (changes: object = {}) =>
  collectExpertEpisodes({
    environment: world,
    expert: walker,
    tasks,
    maxTurns: 8,
    key: ['test'],
    ...changes,
  });

describe('collectExpertEpisodes', () => {
  it('keeps what was solved, with what was seen before each turn', async () => {
    const { episodes, attempted, dropped } = await collect();
    expect({ attempted, dropped, kept: episodes.length }).toEqual({
      attempted: 12,
      dropped: 0,
      kept: 12,
    });
    for (const { task, instruction, steps } of episodes) {
      const { start, goal } = task.data as { start: number; goal: number };
      expect(instruction).toBe(`Go to ${goal}.`);
      expect(steps[0]!.observation).toBe(`You stand at ${start}.`);
      const moves = steps.filter(({ turn }) => turn.action !== 'wait');
      expect(moves.length).toBe(Math.abs(goal - start));
      expect(steps[0]).not.toHaveProperty('admissible');
    }
    expect(await collect()).toEqual({ episodes, attempted, dropped });
    expect((await collect({ key: ['other'] })).episodes).not.toEqual(episodes);
  });

  it('drops and counts what was not solved in time', async () => {
    const { episodes, attempted, dropped } = await collect({ maxTurns: 2 });
    expect(dropped).toBeGreaterThan(0);
    expect(episodes.length).toBe(attempted - dropped);
    expect(episodes.length).toBeGreaterThan(0);
    for (const { steps } of episodes) expect(steps.length).toBeLessThanOrEqual(2);
    // An expert that always goes to the wrong end solves nothing.
    const wrong = {
      id: 'wrong',
      begin: () => ({ act: () => ({ mode: 'think', reasoning: 'no', action: 'wait' }) }),
    };
    expect(await collect({ expert: wrong })).toEqual({ episodes: [], attempted: 12, dropped: 12 });
  });

  it('asks for admissible actions when wanted, and takes tasks from a stream', async () => {
    async function* stream(): AsyncGenerator<Task> {
      yield* await Promise.resolve(tasks.slice(0, 3));
    }
    const { episodes, attempted } = await collect({ admissible: true, tasks: stream() });
    expect(attempted).toBe(3);
    expect(episodes[0]!.steps[0]!.admissible).toEqual(['left', 'right', 'wait']);
  });

  it('releases every state once, and no others', async () => {
    const live = new Set<object>();
    const track = async <T extends { state: object }>(made: T | Promise<T>): Promise<T> => {
      const transition = await made;
      live.add(transition.state);
      return transition;
    };
    let released = 0;
    const environment = {
      ...world,
      reset: (task: Task) => track(world.reset(task)),
      step: (state: Parameters<typeof world.step>[0], action: string) =>
        track(world.step(state, action)),
      release: (state: object) => {
        expect(live.delete(state)).toBe(true);
        released += 1;
      },
    };
    await collect({ environment });
    expect(live.size).toBe(0);
    expect(released).toBeGreaterThan(12);
  });

  it('stops when asked', async () => {
    await expect(collect({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});

/** The tokens that a policy gets and gives when it answers as the expert does: encoding prompts by itself, keeping what it returned. */
function rollout({ instruction, steps }: ExpertEpisode): Generation[] {
  const encode = (prompt: Prompt): number[] => {
    if (prompt.kind !== 'transcript') throw new Error('not a transcript');
    return prompt.segments.flatMap((part) => [
      ...('tokens' in part ? part.tokens : tokenizer.encode(part.text)),
    ]);
  };
  const past: PastTurn[] = [];
  for (const { observation, turn } of steps) {
    const promptTokens = Int32Array.from(
      encode(transcript.prompt({ brief, instruction, past, observation })),
    );
    const text = transcript.render(turn);
    const responseTokens = Int32Array.of(...tokenizer.encode(text), END);
    const logProbs = new Float32Array(responseTokens.length);
    const generation: Generation = {
      text,
      policyVersion: '0',
      finish: 'stop',
      promptTokens,
      responseTokens,
      logProbs,
      cachedPromptTokens: 0,
    };
    past.push({ observation, action: turn.action, generation });
  }
  return past.map(({ generation }) => generation);
}

describe('expertExamples', () => {
  it('makes one row of a transcript: exactly the tokens of a rollout, its responses the targets', async () => {
    const { episodes } = await collect();
    const { rows, turns, tooLong } = expertExamples({
      episodes,
      protocol: transcript,
      brief,
      tokenizer,
    });
    expect(rows.length).toBe(episodes.length);
    expect(tooLong).toBe(0);
    for (const [i, episode] of episodes.entries()) {
      const generations = rollout(episode);
      const last = generations.at(-1)!;
      expect([...rows[i]!.tokens]).toEqual([...last.promptTokens, ...last.responseTokens]);
      const mask = generations.flatMap(({ promptTokens, responseTokens }, t) => [
        ...Array.from(
          {
            length:
              promptTokens.length -
              (t === 0
                ? 0
                : generations[t - 1]!.promptTokens.length +
                  generations[t - 1]!.responseTokens.length),
          },
          () => 0,
        ),
        ...Array.from(responseTokens, () => 1),
      ]);
      expect(mask.length).toBe(rows[i]!.tokens.length);
      expect([...rows[i]!.targets]).toEqual(mask.flatMap((one, at) => (one === 1 ? [at] : [])));
      const own = turns.filter(({ episode: of }) => of === i);
      expect(own.map(({ promptTokens, responseTokens }) => [promptTokens, responseTokens])).toEqual(
        generations.map(({ promptTokens, responseTokens }) => [promptTokens, responseTokens]),
      );
    }
  });

  it('takes every prompt as the policy encodes it, where it is told how', async () => {
    const { episodes } = await collect({ admissible: true });
    const encodePrompt = () => Int32Array.of(9, 9);
    const { turns } = expertExamples({
      episodes,
      protocol: plainProtocol({ wantsAdmissible: true }),
      brief,
      tokenizer: { ...tokenizer, encodePrompt },
    });
    expect(turns.length).toBeGreaterThan(0);
    for (const { promptTokens } of turns) expect([...promptTokens]).toEqual([9, 9]);
  });

  it('makes a row of every turn where prompts are messages', async () => {
    const { episodes } = await collect({ admissible: true });
    const chat = {
      ...tokenizer,
      encodeMessages: (messages: readonly { content: string }[]) =>
        tokenizer.encode(messages.map(({ content }) => content).join('\n')),
    };
    const protocol = plainProtocol({ wantsAdmissible: true });
    const { rows, turns } = expertExamples({ episodes, protocol, brief, tokenizer: chat });
    expect(rows.length).toBe(episodes.reduce((sum, { steps }) => sum + steps.length, 0));
    const { instruction, steps } = episodes[0]!;
    const prompt = tokenizer.encode(
      `${instruction}\nTurn 0.\n${steps[0]!.observation}\nPossible: left, right, wait.`,
    );
    const response = [...tokenizer.encode(protocol.render(steps[0]!.turn)), END];
    expect([...rows[0]!.tokens]).toEqual([...prompt, ...response]);
    expect([...rows[0]!.targets]).toEqual(response.map((_, at) => prompt.length + at));
    expect(turns[0]).toMatchObject({ episode: 0, index: 0, mode: 'explore' });
    expect(() => expertExamples({ episodes, protocol, brief, tokenizer })).toThrow(
      InvalidInputError,
    );
  });

  it('leaves out and counts rows beyond the context', async () => {
    const { episodes } = await collect();
    const all = expertExamples({ episodes, protocol: transcript, brief, tokenizer });
    const lengths = all.rows.map(({ tokens }) => tokens.length);
    const contextLength = [...lengths].sort((a, b) => a - b)[5]!;
    const some = expertExamples({
      episodes,
      protocol: transcript,
      brief,
      tokenizer,
      contextLength,
    });
    expect(some.rows.map(({ tokens }) => tokens.length)).toEqual(
      lengths.filter((length) => length <= contextLength),
    );
    expect(some.tooLong).toBe(lengths.filter((length) => length > contextLength).length);
    expect(some.tooLong).toBeGreaterThan(0);
    expect(describeExamples(some).longestRow).toBe(contextLength);
  });
});

describe('describeExamples', () => {
  it('counts by hand', () => {
    const turn = (episode: number, index: number, mode: string, length: number) => ({
      episode,
      index,
      mode,
      promptTokens: new Int32Array(2),
      responseTokens: new Int32Array(length),
    });
    const row = { tokens: new Int32Array(11), targets: new Int32Array(7) };
    const turns = [
      turn(0, 0, 'explore', 3),
      turn(0, 1, 'think', 4),
      turn(3, 0, 'think', 2),
      turn(3, 1, 'think', 3),
    ];
    expect(
      describeExamples({ rows: [row, { ...row, tokens: new Int32Array(9) }], turns, tooLong: 0 }),
    ).toEqual({
      episodes: 2,
      rows: 2,
      turns: 4,
      tokens: 20,
      trainedTokens: 12,
      longestRow: 11,
      meanResponse: 3,
      longestResponse: 4,
      modeShares: { explore: 0.25, think: 0.75 },
      byTurn: [
        { turns: 2, exploreShare: 0.5 },
        { turns: 2, exploreShare: 0 },
      ],
    });
    expect(describeExamples({ rows: [], turns: [], tooLong: 0 })).toMatchObject({
      meanResponse: 0,
      byTurn: [],
    });
  });
});
