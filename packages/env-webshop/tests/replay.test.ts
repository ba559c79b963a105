import {
  createTreeBuilder,
  leafId,
  rootId,
  taskId,
  treeId,
  type ParsedResponse,
  type Tree,
} from '@spark-rl/core';

import { episodesOfTree, readEpisodes, type Episode } from '../src/pages/episode.js';
import { replayEpisode } from '../src/pages/replay.js';
import { shopSite } from '../src/pages/site.js';
import { webshopEnvironment, type WebshopOptions } from '../src/shop/environment.js';
import { tinyShop } from './tiny-shop.js';

const shop = tinyShop();
const ACTIONS = [
  'search[mug]',
  'click[b000000001]',
  'click[features]',
  'click[< prev]',
  'click[large]',
  'click[buy now]',
];

/** Reads `mode|reasoning|action`. */
const parse = (text: string): ParsedResponse => {
  const [mode, reasoning, action] = text.split('|');
  return action === undefined
    ? { valid: false, reason: 'no action', mode: null, reasoning: '', action: '' }
    : { valid: true, mode: mode!, reasoning: reasoning!, action };
};

/** Plays the actions in an environment, and writes down what an agent saw. */
async function record(options: Partial<WebshopOptions> = {}, actions = ACTIONS) {
  const world = webshopEnvironment({ shop, ...options });
  const task = {
    id: taskId('goal-0'),
    environment: 'webshop',
    split: 'test',
    data: { goal: 0 },
  };
  const start = await world.reset(task);
  let { state, observation, score } = start as Pick<
    typeof start,
    'state' | 'observation' | 'score'
  >;
  const turns: Record<string, unknown>[] = [];
  for (const action of actions) {
    turns.push({ observation, response: `explore|because of <${action}>|${action}` });
    ({ state, observation, score } = await world.step(state, action));
  }
  return { task, instruction: start.instruction, turns, end: { observation, score } };
}

const episodeOf = async (options: Partial<WebshopOptions> = {}): Promise<Episode> =>
  readEpisodes(await record(options), parse, 'test')[0]!;

describe('readEpisodes', () => {
  it('reads one episode, a list, or an object with episodes', async () => {
    const one = await record();
    for (const value of [one, [one], { episodes: [one] }]) {
      const [episode] = readEpisodes(value, parse, 'test');
      expect(episode).toMatchObject({ title: 'goal-0', goal: 0 });
      expect(episode!.turns[0]).toMatchObject({
        mode: 'explore',
        reasoning: 'because of <search[mug]>',
        action: 'search[mug]',
        problem: null,
      });
    }
  });

  it('takes reasoning and action without a response, and says why a response is invalid', () => {
    const [episode] = readEpisodes(
      { goal: 2, turns: [{ reasoning: 'r', action: 'search[a]' }, { response: 'nonsense' }] },
      parse,
      'test',
    );
    expect(episode!.turns).toEqual([
      {
        observation: null,
        response: null,
        mode: null,
        reasoning: 'r',
        action: 'search[a]',
        problem: null,
      },
      {
        observation: null,
        response: 'nonsense',
        mode: null,
        reasoning: '',
        action: '',
        problem: 'no action',
      },
    ]);
  });

  it.each([
    [{ turns: [] }, /either goal, a number, or task/],
    [{ goal: 0, task: { data: { goal: 0 } }, turns: [] }, /either goal/],
    [{ goal: -1, turns: [] }, /goal/],
    [{ goal: 0, turns: [{}] }, /turns\.0: a turn needs a response or an action/],
    [{ goal: 0, turns: [{ action: 'a', acton: 'b' }] }, /acton/],
    [[{ goal: 0, turns: [] }, 7], /episode 1/],
  ])('refuses %j', (value, message) => {
    expect(() => readEpisodes(value, parse, 'file.json')).toThrow(message);
  });
});

describe('replayEpisode', () => {
  it.each<Partial<WebshopOptions>>([
    {},
    { observation: 'text_rich' },
    { format: 'spark' },
    { format: 'verl-agent' },
    { showAttributes: true },
    { previousObservations: 2, previousActions: 1 },
  ])('repeats what an environment with %j recorded', async (options) => {
    const { differences, moments } = replayEpisode(shop, await episodeOf(options));
    expect(differences).toEqual([]);
    expect(moments.map(({ agrees }) => agrees)).toEqual(Array(7).fill(true));
    expect(moments.at(-1)!.session.page).toBe('done');
  });

  it('says where the shop shows something else, or pays something else', async () => {
    const episode = await episodeOf();
    const turns = episode.turns.map((turn, i) =>
      i === 1 ? { ...turn, observation: turn.observation!.replace('Mug', 'Cup') } : turn,
    );
    const changed = { ...episode, turns, end: { ...episode.end, score: 0.123 } };
    const { differences, moments } = replayEpisode(shop, changed);
    expect(moments.map(({ agrees }) => agrees)).toEqual([
      true,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(differences[0]).toContain('on 1 of 7 pages, first on page 2');
    expect(differences[1]).toMatch(/^The recorded score is 0\.123; the shop pays /);
  });

  it('says that the goal is another one, and refuses one that there is not', async () => {
    const episode = await episodeOf();
    expect(replayEpisode(shop, { ...episode, instruction: 'find cups' }).differences[0]).toContain(
      'another instruction',
    );
    expect(() => replayEpisode(shop, { ...episode, goal: 99 })).toThrow(/the shop has 8 goals/);
  });

  it('stops at the purchase', async () => {
    const episode = await episodeOf();
    const longer = { ...episode, turns: [...episode.turns, episode.turns[0]!] };
    const { differences, moments } = replayEpisode(shop, longer);
    expect(moments.at(-1)!.session.page).toBe('done');
    expect(differences[0]).toBe('The recording goes on after something was bought.');
  });
});

describe('replay pages', () => {
  const serve = (episode: Episode) => shopSite({ shop, newId: () => 'x', episodes: [episode] });
  const show = (episode: Episode, url: string) => serve(episode).handle({ method: 'GET', url });

  it('show each turn with its reasoning, its links, and no form', async () => {
    const episode = await episodeOf();
    const page = show(episode, '/replay/0/1');
    expect(page.status).toBe(200);
    expect(page.body).toContain('Turn 2 of 6');
    expect(page.body).toContain('because of &lt;click[b000000001]&gt;');
    expect(page.body).toContain('The shop shows what was recorded.');
    expect(page.body).toMatch(/href="\/replay\/0\/1"\s+aria-current="step"/);
    for (const to of [0, 2, 6]) expect(page.body).toContain(`href="/replay/0/${to}"`);
    expect(page.body).toMatch(/class="button still taken">\s*View B000000001/);
    expect(page.body).not.toMatch(/<form|<button/);
  });

  it('end with the reward', async () => {
    const page = show(await episodeOf(), '/replay/0/6');
    expect(page.body).toContain('The end, after 6 turns');
    expect(page.body).toContain('The agent bought this.');
    expect(page.body).toMatch(/<p class="score">[\d.]+<\/p>/);
    expect(show(await episodeOf(), '/replay/0/7').status).toBe(404);
  });

  it('show both texts where they differ, escaped', async () => {
    const episode = await episodeOf();
    const page = show({ ...episode, end: { observation: '<i>x</i>', score: null } }, '/replay/0/6');
    expect(page.body).toContain('What was recorded here differs from what this shop shows.');
    expect(page.body).toContain('&lt;i&gt;x&lt;/i&gt;');
    expect(page.body).not.toContain('<i>');
  });

  it('say that a response was invalid and that an action did nothing', () => {
    const [episode] = readEpisodes(
      { goal: 0, turns: [{ response: 'nonsense' }, { action: 'click[nothing]' }] },
      parse,
      'test',
    );
    expect(show(episode!, '/replay/0/0').body).toContain('The response was invalid (no action)');
    expect(show(episode!, '/replay/0/1').body).toContain('This action did nothing here.');
    expect(show(episode!, '/replay/0/2').body).toContain('its reward is 0');
    expect(show(episode!, '/replay').body).toContain('Episode 1');
  });
});

describe('episodesOfTree', () => {
  async function tree(environment = 'webshop'): Promise<Tree> {
    const { task, instruction, turns, end } = await record();
    const builder = createTreeBuilder(treeId('t'), {
      task: { ...task, environment },
      instruction,
      observation: turns[0]!['observation'] as string,
      score: 0,
      settings: {},
    });
    let parent: ReturnType<typeof rootId> | null = null;
    turns.forEach((turn, index) => {
      const text = turn['response'] as string;
      const id = (parent === null ? rootId(0) : `${parent}.0`) as ReturnType<typeof rootId>;
      builder.addTurn({
        id,
        parent,
        index,
        observation: turn['observation'] as string,
        generation: {
          text,
          policyVersion: 'p',
          finish: 'stop',
          promptTokens: new Int32Array(),
          responseTokens: new Int32Array(),
          logProbs: new Float32Array(),
          cachedPromptTokens: 0,
        },
        response: parse(text),
        action: parse(text).action,
        admissible: null,
        next: {
          observation: (turns[index + 1]?.['observation'] ?? end.observation) as string,
          score: index === turns.length - 1 ? end.score : 0,
          status: index === turns.length - 1 ? 'failure' : 'running',
        },
        requestedWidth: 1,
        grantedWidth: 1,
      });
      parent = id;
    });
    const leaf = { tail: parent!, outcome: 'failure', score: end.score } as const;
    builder.addLeaf({ ...leaf, id: leafId(parent!) });
    builder.addLeaf({
      ...leaf,
      id: 'copy' as ReturnType<typeof leafId>,
      copy: { of: leafId(parent!), reason: 'padding' },
    });
    builder.addLeaf({
      id: 'lost' as ReturnType<typeof leafId>,
      tail: null,
      outcome: 'failed',
      score: 0,
      error: 'e',
      lostTo: 'policy',
    });
    return builder.build({ limit: 1, used: 1, reserved: 0, failed: 0, free: 0 });
  }

  it('makes one faithful episode a path, without copies and lost paths', async () => {
    const episodes = episodesOfTree(await tree(), 'step-1/0-0');
    expect(episodes).toHaveLength(1);
    expect(episodes[0]!.title).toMatch(/^step-1\/0-0, leaf .*: failure, score /);
    expect(replayEpisode(shop, episodes[0]!).differences).toEqual([]);
  });

  it('refuses a tree of another world', async () => {
    const other = await tree('alfworld');
    expect(() => episodesOfTree(other, 'x')).toThrow(/tree t was grown in alfworld/);
  });
});
