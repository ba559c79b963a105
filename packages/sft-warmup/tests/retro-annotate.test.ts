import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  AbortedError,
  EndpointError,
  InvalidInputError,
  taskId,
  textPolicy,
  type GenerationRequest,
} from '@spark-rl/core';
import { plainProtocol } from '@spark-rl/core/testing';

import {
  actionPath,
  annotationPrompt,
  chatTeacher,
  folderCache,
  policyTeacher,
  readAnnotations,
  retroAnnotate,
  sparkAnnotationModes,
  type ActionPath,
  type ChatTeacherOptions,
  type RetroAnnotationSettings,
} from '../src/index.js';
import { json, startServer, type Behaviour } from './http-server.js';

const path = (name: string, ...actions: string[]): ActionPath => ({
  task: { id: taskId(name), environment: 'e', split: 'train', data: null },
  instruction: `Do ${name}.`,
  steps: actions.map((action, i) => ({ observation: `seen ${name} ${i}`, action })),
});
const paths = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
  path(name, `open ${name}`, 'take', 'go'),
);

interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** What a good teacher would say: it reads the actions out of the question. */
const goodAnswer = (body: unknown): string => {
  const question = (body as Asked).messages[1]!.content;
  const actions = [...question.matchAll(/^did: (.*)$/gm)].map((match) => match[1]);
  return JSON.stringify(
    actions.map((action, i) => ({
      mode: i === 0 ? 'explore' : 'think',
      reasoning: `because ${i}`,
      action,
    })),
  );
};
const say = (content: string, finish_reason = 'stop') => ({
  choices: [{ message: { role: 'assistant', content }, finish_reason }],
});
const good: Behaviour = (_, body, response) => json(response, say(goodAnswer(body)));

async function annotating(
  behaviour: Behaviour,
  changes: Partial<RetroAnnotationSettings> & { readonly how?: Partial<ChatTeacherOptions> } = {},
) {
  const server = await startServer(behaviour);
  const { how, ...rest } = changes;
  try {
    const teacher = chatTeacher({
      baseUrl: `${server.url}/v1/`,
      model: 'm',
      firstDelayMs: 1,
      longestDelayMs: 2,
      ...how,
    });
    const result = await retroAnnotate({ paths, teacher, key: ['t'], ...rest });
    return { ...result, requests: server.requests(), mostAtOnce: server.mostAtOnce() };
  } finally {
    await server.close();
  }
}

const folders: string[] = [];
const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'annotations-'));
  folders.push(made);
  return made;
};
afterAll(() => Promise.all(folders.map((each) => rm(each, { recursive: true }))));

describe('retroAnnotate', () => {
  it('gives every path its reasoning, in order, with its own actions', async () => {
    const { episodes, refused, asked, cached } = await annotating(
      (nth, body, response, request) => {
        expect(request.url).toBe('/v1/chat/completions');
        expect(request.headers.authorization).toBe('Bearer key');
        expect(body).toMatchObject({ model: 'm', temperature: 0, max_tokens: 4096, top_p: 0.5 });
        // The later ones answer first.
        setTimeout(() => good(nth, body, response, request), 30 - nth * 5);
      },
      { how: { apiKey: 'key', extra: { top_p: 0.5 } } },
    );
    expect({ refused, asked, cached }).toEqual({ refused: [], asked: 6, cached: 0 });
    expect(episodes.map(({ task }) => task.id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(episodes[1]).toEqual({
      task: paths[1]!.task,
      instruction: 'Do b.',
      steps: [
        {
          observation: 'seen b 0',
          turn: { mode: 'explore', reasoning: 'because 0', action: 'open b' },
        },
        {
          observation: 'seen b 1',
          turn: { mode: 'think', reasoning: 'because 1', action: 'take' },
        },
        { observation: 'seen b 2', turn: { mode: 'think', reasoning: 'because 2', action: 'go' } },
      ],
    });
    expect(actionPath(episodes[1]!)).toEqual(paths[1]);
  });

  it('gets through an endpoint that misbehaves in every way', async () => {
    const seen = new Map<string, number>();
    const { episodes, refused } = await annotating((nth, body, response, request) => {
      const question = (body as Asked).messages[1]!.content;
      const times = seen.get(question) ?? 0;
      seen.set(question, times + 1);
      const bad: Behaviour[] = [
        (_, __, out) => json(out, { error: 'overloaded' }, 500),
        (_, __, out) => json(out, {}, 429),
        (_, __, out) => out.destroy(),
        (_, __, out) => out.end('{"choices": [{"mess'),
        (_, __, out) => json(out, { choices: [] }),
        (_, __, out) => json(out, say('I would rather not.')),
      ];
      const name = /^Task: Do (.)\./.exec(question)![1]!;
      if (times === 0) bad['abcdef'.indexOf(name)]!(nth, body, response, request);
      else good(nth, body, response, request);
    });
    expect(refused).toEqual([]);
    expect(episodes).toHaveLength(6);
  });

  it.each([
    ['no JSON', 'Sure! Here you go.', /no JSON/],
    ['a list that is too short', '[]', /exactly 2 objects/],
    [
      'another action',
      '[{"mode":"think","reasoning":"r","action":"open a"},{"mode":"think","reasoning":"r","action":"jump"}]',
      /1\.action: the agent did "take" at turn 2, not "jump"/,
    ],
    [
      'a mode that there is not',
      '[{"mode":"plan","reasoning":"r","action":"open a"},{"mode":"think","reasoning":"r","action":"take"}]',
      /0\.mode/,
    ],
    [
      'no reasoning',
      '[{"mode":"think","reasoning":" ","action":"open a"},{"mode":"think","reasoning":"r","action":"take"}]',
      /0\.reasoning: give reasoning that says something/,
    ],
    [
      'more than was asked for',
      '[{"mode":"think","reasoning":"r","action":"open a","x":1},{"mode":"think","reasoning":"r","action":"take"}]',
      /0/,
    ],
  ])(
    'says what is wrong with %s, asks again, and in the end leaves the path out',
    async (_, bad, problem) => {
      const one = path('a', 'open a', 'take');
      const complaints: string[] = [];
      const { episodes, refused, asked } = await annotating(
        (_, body, response) => {
          const { messages } = body as Asked;
          if (messages.length > 2) {
            expect(messages.map(({ role }) => role)).toEqual([
              'system',
              'user',
              'assistant',
              'user',
            ]);
            expect(messages[2]!.content).toBe(bad);
            complaints.push(messages[3]!.content);
          }
          json(response, say(bad));
        },
        { paths: [one, path('b', 'look', 'take')], answers: 2, concurrency: 1 },
      );
      expect(episodes).toEqual([]);
      expect(refused.map(({ task }) => task.id)).toEqual(['a', 'b']);
      expect(refused[0]!.reason).toMatch(problem);
      expect(asked).toBe(4);
      expect(complaints[0]).toMatch(problem);
    },
  );

  it('takes an answer that was cut off for none', async () => {
    const { refused } = await annotating(
      (_, body, response) => json(response, say(goodAnswer(body), 'length')),
      { answers: 1 },
    );
    expect(refused).toHaveLength(6);
    expect(refused[0]!.reason).toMatch(/cut off\. Raise maxTokens/);
  });

  it('asks again where the protocol cannot write the turn', async () => {
    const { render } = plainProtocol();
    const { refused } = await annotating(good, {
      answers: 1,
      render: (turn) => {
        if (turn.action === 'open c') throw new InvalidInputError('cannot be written');
        return render(turn);
      },
    });
    expect(refused).toMatchObject([{ task: { id: 'c' }, reason: 'cannot be written' }]);
  });

  it('leaves out a path whose calls fail to the end, and goes on with the others', async () => {
    const { episodes, refused } = await annotating(
      (nth, body, response, request) => {
        if ((body as Asked).messages[1]!.content.includes('Do d.')) json(response, {}, 503);
        else good(nth, body, response, request);
      },
      { how: { tries: 2 } },
    );
    expect(episodes).toHaveLength(5);
    expect(refused).toMatchObject([{ task: { id: 'd' }, reason: expect.stringContaining('503') }]);
  });

  it.each([400, 413, 422])(
    'leaves out a path that the endpoint refuses with %s, such as one too long for the model',
    async (status) => {
      const { episodes, refused, asked } = await annotating((nth, body, response, request) => {
        if ((body as Asked).messages[1]!.content.includes('Do d.'))
          json(response, { error: 'the context has 8192 tokens' }, status);
        else good(nth, body, response, request);
      });
      expect(episodes).toHaveLength(5);
      expect(asked).toBe(6);
      expect(refused).toMatchObject([
        { task: { id: 'd' }, reason: expect.stringContaining('the context has 8192 tokens') },
      ]);
    },
  );

  it('ends at once where no call can succeed', async () => {
    let requests = 0;
    const error: unknown = await annotating(
      (_, __, response) => {
        requests++;
        json(response, { error: 'no such key' }, 401);
      },
      { concurrency: 2, how: { apiKey: 'very-secret' } },
    ).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(EndpointError);
    expect(error).toMatchObject({ status: 401, retryable: false });
    expect(String(error)).not.toContain('very-secret');
    expect(requests).toBeLessThanOrEqual(2);
  });

  it('works on no more paths at once than told', async () => {
    const { mostAtOnce, episodes } = await annotating(
      (...call) => void setTimeout(() => good(...call), 5),
      { concurrency: 2 },
    );
    expect(episodes).toHaveLength(6);
    expect(mostAtOnce).toBeLessThanOrEqual(2);
  });

  it('stops when told, in the middle of a call', async () => {
    const stop = new AbortController();
    const stopped = annotating((nth) => void (nth === 1 && stop.abort()), { signal: stop.signal });
    await expect(stopped).rejects.toBeInstanceOf(AbortedError);
  });
});

describe('folderCache', () => {
  it('lets a repeated run ask for nothing, and an interrupted one only for what is missing', async () => {
    const cache = folderCache(join(await folder(), 'new', 'folder'));
    const first = await annotating(good, { cache, paths: paths.slice(0, 4) });
    const second = await annotating(good, { cache });
    expect({ asked: second.asked, cached: second.cached }).toEqual({ asked: 2, cached: 4 });
    const third = await annotating((_, __, response) => json(response, {}, 400), { cache });
    expect(third).toMatchObject({ asked: 0, cached: 6, requests: 0 });
    expect(third.episodes).toEqual(second.episodes);
    expect(third.episodes.slice(0, 4)).toEqual(first.episodes);
  });

  it('keeps nothing that could not be used, and knows another question by its content', async () => {
    const cache = folderCache(await folder());
    await annotating((_, __, response) => json(response, say('no')), { cache, answers: 1 });
    expect((await annotating(good, { cache })).asked).toBe(6);
    expect((await annotating(good, { cache, how: { model: 'other' } })).asked).toBe(6);
    const modes = { ...sparkAnnotationModes, plan: 'it plans.' };
    expect((await annotating(good, { cache, modes })).asked).toBe(6);
    expect((await annotating(good, { cache })).asked).toBe(0);
  });

  it('asks again for what is torn, edited, or no annotation of the path', async () => {
    const place = await folder();
    const cache = folderCache(place);
    const { episodes } = await annotating(good, { cache });
    const names = (await readdir(place)).sort();
    expect(names).toHaveLength(6);
    expect(names.every((name) => /^[0-9a-f]{64}\.json$/.test(name))).toBe(true);
    const whole = await readFile(join(place, names[0]!), 'utf8');
    await writeFile(join(place, names[0]!), whole.slice(0, whole.length / 2));
    await writeFile(join(place, names[1]!), '');
    await writeFile(join(place, names[2]!), whole.replace('because', ''));
    await writeFile(join(place, names[3]!), '[]');
    // Left by a crash in the middle of writing: not an answer.
    await writeFile(join(place, `${names[4]!}.1-1.writing`), 'x');
    const again = await annotating(good, { cache });
    expect(again.episodes).toEqual(episodes);
    expect(again.asked).toBeGreaterThanOrEqual(3);
    expect(again.asked + again.cached).toBe(6);
    expect(await readFile(join(place, names[0]!), 'utf8')).toBe(whole);
  });

  it('says that its folder cannot be used', async () => {
    const file = join(await folder(), 'file');
    await writeFile(file, '');
    await expect(annotating(good, { cache: folderCache(file) })).rejects.toThrow(
      /cache folder .*file cannot be used/,
    );
  });
});

describe('annotationPrompt and readAnnotations', () => {
  it('shows every observation and action, and each mode with its meaning', () => {
    const [system, user] = annotationPrompt(paths[0]!, {
      ...sparkAnnotationModes,
      plan: 'it plans.',
    });
    expect(system!.content).toContain('- "plan": it plans.');
    expect(system!.content).toContain('"mode": "explore" or "think" or "plan"');
    expect(user!.content).toContain('Turn 2\nobserved: seen a 1\ndid: take');
    expect(user!.content).toContain('The list must have 3 objects.');
  });

  it('takes a fence off, and keeps the path’s own action', () => {
    const one = path('a', ' open a ');
    const text = '```json\n[{"mode":"think","reasoning":" r ","action":"open a"}]\n```';
    expect(readAnnotations(text, one, sparkAnnotationModes)).toEqual([
      { mode: 'think', reasoning: 'r', action: ' open a ' },
    ]);
  });

  it('names a wrong option', () => {
    expect(() => chatTeacher({ baseUrl: 'nowhere', model: 'm' })).toThrow(/baseUrl/);
    const teacher = chatTeacher({ baseUrl: 'http://x', model: 'm' });
    return expect(retroAnnotate({ paths, teacher, key: [], answers: 0 })).rejects.toThrow(
      /answers/,
    );
  });
});

describe('policyTeacher', () => {
  it('lets any policy annotate, and says when it was cut off', async () => {
    const asked: GenerationRequest[] = [];
    const policy = textPolicy('any', (_, request) => {
      asked.push(request);
      const { prompt } = request;
      return goodAnswer(prompt.kind === 'messages' ? { messages: prompt.messages } : {});
    });
    const teacher = policyTeacher(policy, { maxTokens: 300 });
    const { episodes, refused } = await retroAnnotate({ paths, teacher, key: [1] });
    expect({ episodes: episodes.length, refused }).toEqual({ episodes: paths.length, refused: [] });
    expect(episodes[0]!.steps.map(({ turn }) => turn.mode)).toEqual(['explore', 'think', 'think']);
    expect(asked[0]!.sampling).toEqual({ temperature: 0, maxTokens: 300 });
    expect(new Set(asked.map(({ affinity }) => affinity)).size).toBe(paths.length);
    expect(teacher.identity).toEqual({ policy: 'any', temperature: 0, maxTokens: 300 });
    const cut = policyTeacher({
      id: 'cut',
      generate: async (request) => ({ ...(await policy.generate(request)), finish: 'length' }),
    });
    const none = await retroAnnotate({ paths: [paths[0]!], teacher: cut, key: [1], answers: 2 });
    expect(none.refused[0]!.reason).toMatch(/cut off/);
    expect(() => policyTeacher(policy, { temperature: 3 })).toThrow(/temperature/);
  });
});
