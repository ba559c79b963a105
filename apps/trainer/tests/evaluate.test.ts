import { scriptedPolicy } from '@spark-rl/core/testing';
import fc from 'fast-check';

import { presetNamed } from '../src/config/presets.js';
import { renderEvaluations } from '../src/output/evaluations.js';
import { leafRules, type LeafRuleName } from '../src/pipeline/answer-trees.js';
import {
  describeAnswers,
  describeKinds,
  describePassAt,
} from '../src/pipeline/describe-evaluation.js';
import { evaluatePolicy, playTasks, type EvaluationOptions } from '../src/pipeline/evaluate.js';
import {
  episodesAtEqualTokens,
  evaluateBranching,
  testTimeBranching,
} from '../src/pipeline/evaluate-branching.js';
import { evaluateSamples, firstRoots, samplingOf } from '../src/pipeline/evaluate-samples.js';
import { passAtK } from '../src/statistics/pass-at-k.js';
import { corridorWorld } from './corridor-world.js';

const { world, tasks } = corridorWorld(12);

const smoke = presetNamed('smoke');

/** Walks at random, explores in some turns, breaks off in others. */
const options = (seed: number, fail = 0): EvaluationOptions => ({
  world,
  policy: scriptedPolicy(({ random }) => {
    if (random.uniform() < fail) throw Object.assign(new Error('gone'), { retryable: false });
    const mode = random.uniform() < 0.3 ? 'explore' : 'think';
    return `<${mode}>r</${mode}><action>${random.pick(['left', 'right', 'wait'])}</action>`;
  }),
  tasks,
  temperature: 1,
  config: { ...smoke, environment: { ...smoke.environment, maxTurns: 8 } },
  seed,
});

const rules = Object.keys(leafRules) as LeafRuleName[];

describe('evaluateSamples', () => {
  it('begins every task with the episode that is measured alone, and counts what the episodes gave', async () => {
    for (const fail of [0, 0.01]) {
      const plain = await evaluatePolicy(options(3, fail));
      const sampling = samplingOf({ episodes: 5, passAt: [1, 3, 5] })!;
      const { single, samples, trees } = await evaluateSamples(options(3, fail), sampling, rules);
      expect(single).toEqual(plain);
      expect(samples.successes.map(([first]) => first)).toEqual(plain.successes);
      expect(samples.scores.map(([first]) => first)).toEqual(plain.scores);
      samples.successes.forEach((each, task) => {
        expect(each).toHaveLength(5);
        const won = trees[task]!.leaves.filter(({ outcome }) => outcome === 'success').length;
        expect(each.filter(Boolean)).toHaveLength(won);
        for (const { k, ofTasks } of samples.passAt) expect(ofTasks[task]).toBe(passAtK(5, won, k));
      });
      // Nothing is shared but the task.
      expect(
        new Set(
          trees.map(({ turns }) => [...turns.keys()].filter((id) => !id.includes('.')).length),
        ),
      ).toEqual(new Set([5]));
    }
  });

  it('chooses among the first episodes alone where only those are given', async () => {
    const { trees } = await evaluateSamples(options(3), samplingOf({ episodes: 12 })!, rules);
    const part = firstRoots(trees[0]!, 2);
    expect(part.leaves.map(({ id }) => id.split('.')[0])).toEqual(['0', '1']);
    expect([...part.turns.keys()].every((id) => /^[01](\.|$)/.test(id))).toBe(true);
    expect(firstRoots(trees[0]!, 12).turns).toEqual(trees[0]!.turns);
  });
});

describe('samplingOf', () => {
  it('fills in what was left out', () => {
    expect(samplingOf({})).toBeUndefined();
    expect(samplingOf({ episodes: 1, passAt: [1] })).toBeUndefined();
    expect(samplingOf({ episodes: 8 })).toEqual({ episodes: 8, passAt: [1, 2, 4, 8] });
    expect(samplingOf({ episodes: 6 })).toEqual({ episodes: 6, passAt: [1, 2, 4, 6] });
    expect(samplingOf({ passAt: [4, 1, 4] })).toEqual({ episodes: 4, passAt: [1, 4] });
    expect(() => samplingOf({ episodes: 2, passAt: [4] })).toThrow(/at least k episodes/);
    expect(() => samplingOf({ episodes: 1, passAt: [4] })).toThrow(/--samples/);
  });
});

describe('episodesAtEqualTokens', () => {
  it('spreads whole episodes evenly, as many as the trees cost on average', () => {
    // 500 / 200 = 2.5
    expect(episodesAtEqualTokens(500, 200, 6, 8)).toEqual([2, 3, 2, 3, 2, 3]);
    expect(episodesAtEqualTokens(100, 200, 3, 8)).toEqual([1, 1, 1]);
    expect(episodesAtEqualTokens(5000, 200, 2, 8)).toEqual([8, 8]);
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e4, noNaN: true }),
        fc.double({ min: 1, max: 1e4, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 16 }),
        (tree, episode, tasks, most) => {
          const counts = episodesAtEqualTokens(tree, episode, tasks, most);
          const mean = Math.min(most, Math.max(1, tree / episode));
          for (const count of counts) {
            expect(count).toBeGreaterThanOrEqual(1);
            expect(count).toBeLessThanOrEqual(most);
          }
          const sum = counts.reduce((total, count) => total + count, 0);
          expect(Math.abs(sum - tasks * mean)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('evaluateBranching', () => {
  it('measures beside the tree the same single episodes as evaluatePolicy does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.constantFrom(0, 0.01),
        fc.integer({ min: 1, max: 3 }),
        async (seed, fail, roots) => {
          const plain = await evaluatePolicy(options(seed, fail));
          const settings = testTimeBranching({ leaves: 6, roots });
          const { single, singleTokens } = await evaluateBranching(
            options(seed, fail),
            settings,
            rules,
          );
          expect(single).toEqual(plain);
          const trees = await playTasks(options(seed, fail));
          const turns = trees.flatMap((tree) => [...tree.turns.values()]);
          const tokens = turns.reduce(
            (n, { generation }) => n + generation.responseTokens.length,
            0,
          );
          expect(singleTokens.response).toBeCloseTo(tokens / tasks.length, 9);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('chooses between one sample and what any path reached', async () => {
    const settings = testTimeBranching({ leaves: 8 });
    const { answered, single, singleTokens, atEqualTokens } = await evaluateBranching(
      options(1),
      settings,
      rules,
    );
    expect(atEqualTokens).toBeUndefined();
    const by = Object.fromEntries(answered.answers.map((each) => [each.rule, each.successes]));
    expect(Object.keys(by)).toEqual([...rules, 'any']);
    for (const successes of Object.values(by))
      successes.forEach((success, i) => expect(success && !by['any']![i]).toBe(false));
    expect(answered.pathsPerTask).toBeGreaterThan(2);
    expect(answered.pathsPerTask).toBeLessThanOrEqual(8);
    expect(answered.tokens.response).toBeGreaterThan(singleTokens.response);
    expect(answered.tokens.prompt).toBeGreaterThan(singleTokens.prompt);
    // Success is score 1 here, so the best score is the oracle; the first path is the single sample.
    expect(by['best-score']).toEqual(by['any']);
    expect(by['first']).toEqual(single.successes);
    expect(answered.answers.filter(({ isOracle }) => isOracle).map(({ rule }) => rule)).toEqual([
      'best-score',
      'any',
    ]);
  });

  it('sets separate episodes of equal tokens beside the trees', async () => {
    let [tree, episodes] = [0, 0];
    for (const seed of [1, 2, 3, 4]) {
      const apart = await evaluateSamples(options(seed), samplingOf({ episodes: 8 })!, rules);
      const { answered, atEqualTokens } = await evaluateBranching(
        options(seed),
        testTimeBranching({ leaves: 8 }),
        rules,
        apart,
      );
      expect(atEqualTokens!.pathsPerTask).toBeGreaterThan(1);
      expect(atEqualTokens!.pathsPerTask).toBeLessThan(answered.pathsPerTask);
      tree += answered.tokens.response;
      episodes += atEqualTokens!.tokens.response;
    }
    // Whole episodes of unequal lengths: equal on average, over 48 games here.
    expect(episodes / tree).toBeGreaterThan(0.85);
    expect(episodes / tree).toBeLessThan(1.15);
  });

  it('names no likeliest path and no equal tokens where the policy tells no tokens', async () => {
    const mute = options(1);
    const { generate, id } = mute.policy;
    const policy = {
      id,
      generate: async (request: Parameters<typeof generate>[0]) => ({
        ...(await generate(request)),
        responseTokens: new Int32Array(0),
        logProbs: new Float32Array(0),
      }),
    };
    const apart = await evaluateSamples({ ...mute, policy }, samplingOf({ episodes: 4 })!, rules);
    const branching = await evaluateBranching(
      { ...mute, policy },
      testTimeBranching({ leaves: 4 }),
      rules,
      apart,
    );
    const { answered, atEqualTokens, single } = branching;
    expect(atEqualTokens).toBeUndefined();
    const text = renderEvaluations([{ single, samples: apart.samples, branching }]);
    expect(text).toMatch(/The server tells no tokens/);
    expect(text).not.toMatch(/likeliest path/);
    expect(answered.answers.map(({ rule }) => rule)).toEqual([
      'majority',
      'best-score',
      'first',
      'any',
    ]);
  });

  it('refuses what cannot be, naming it', async () => {
    expect(() => testTimeBranching({ leaves: 4, roots: 5 })).toThrow(/roots.*found 5/);
    await expect(
      evaluateBranching(options(1, 1), testTimeBranching({ leaves: 4 }), rules),
    ).rejects.toThrow(/every episode was lost.*gone/);
  });
});

describe('what was measured', () => {
  const single = {
    temperature: 1,
    lost: 0,
    successes: [true, false, true, false],
    scores: [1, 0.5, 1, 0],
    kinds: ['boil', 'melt', 'boil', 'find'],
    meanTurns: 3,
    exploreRatio: 0.5,
    invalidRatio: 0,
  };
  const topicOf = (kind: string): string => (kind === 'find' ? '10 search' : '2 matter');

  it('is told for all, each topic and each kind, in the order of their numbers', () => {
    const rows = describeKinds({ single }, topicOf);
    expect(rows.map(({ name, of, games }) => [name, of, games])).toEqual([
      ['all', 'all', 4],
      ['2 matter', 'topic', 3],
      ['boil', 'kind', 2],
      ['melt', 'kind', 1],
      ['10 search', 'topic', 1],
      ['find', 'kind', 1],
    ]);
    expect(rows[1]!.success.mean).toBeCloseTo(2 / 3, 12);
    expect(rows[1]!.score.mean).toBeCloseTo(2.5 / 3, 12);
    // One game has a score, and no interval.
    expect(rows[3]!.score).toEqual({ mean: 0.5, low: NaN, high: NaN });
    expect(describeKinds({ single }).map(({ name }) => name)).toEqual([
      'all',
      'boil',
      'find',
      'melt',
    ]);
  });

  it('is told per game where each was played several times', async () => {
    const { samples, single: first } = await evaluateSamples(
      options(5),
      samplingOf({ episodes: 4 })!,
      ['majority'],
    );
    const [all] = describeKinds({ single: first, samples });
    const won = samples.successes.flat().filter(Boolean).length;
    expect(all!.success.mean).toBeCloseTo(won / 48, 12);
    const passes = describePassAt({ single: first, samples });
    expect(passes.map(({ k }) => k)).toEqual([1, 2, 4]);
    expect(passes[0]!.success).toEqual(all!.success);
    expect(passes[2]!.success.mean).toBeCloseTo(
      samples.successes.filter((each) => each.some(Boolean)).length / 12,
      12,
    );
    expect(passes[2]!.tokens).toBeCloseTo(4 * samples.tokens.response, 9);
    expect(describePassAt({ single: first })).toEqual([]);
    const answers = describeAnswers({ single: first, samples });
    expect(answers.map(({ from, rule }) => [from, rule])).toEqual([
      ['one-sample', 'first'],
      ['episodes', 'majority'],
      ['episodes', 'any'],
    ]);
    expect(answers[2]!.success.mean).toBeCloseTo(passes[2]!.success.mean, 12);
    expect(describeAnswers({ single: first })).toEqual([]);
  });
});

describe('renderEvaluations', () => {
  it('sets branching beside one sample, with intervals and tokens', async () => {
    const settings = testTimeBranching({ leaves: 8 });
    const branching = await evaluateBranching(options(1), settings, ['majority']);
    const text = renderEvaluations([{ single: branching.single, branching }]);
    expect(text).toMatch(/one sample .*% \[.*│ +1\.0 /);
    expect(text).toMatch(/a tree .*majority of the last actions .*\[.*\] .*no game differs/);
    expect(text).toMatch(/a tree .*any path \(an oracle\) .*\[.*\] .*[+-]\d+\.\d \[/);
    // Tasks without a kind are no kind of their own.
    expect(text.match(/│ 12 │|│ +12 │/g)).toHaveLength(1);
    expect(text).toMatch(/up to 8 leaves from 1 root, 2 children where the agent explores/);
    expect(text).toMatch(/--samples 8 sets separate episodes/);
    const alone = renderEvaluations([{ single: branching.single }]);
    expect(alone).not.toMatch(/a tree|pass@k/);
    expect(alone).toMatch(/one sampled episode of each game/);
  });

  it('sets pass@k and episodes of equal tokens beside the trees, and splits below each other', async () => {
    const apart = await evaluateSamples(options(1), samplingOf({ episodes: 4 })!, ['majority']);
    const settings = testTimeBranching({ leaves: 4 });
    const branching = await evaluateBranching(options(1), settings, ['majority'], apart);
    const { single, samples } = apart;
    const text = renderEvaluations([
      { split: 'L0', single, samples, branching },
      { split: 'L1', single, samples, branching },
    ]);
    expect(text).toMatch(/4 sampled episodes of each game/);
    expect(text).toMatch(/L1, temperature 1 +│ +4 │ .*%/);
    expect(text).toMatch(/episodes, equal tokens/);
    expect(text).toMatch(/over the episodes \[95 %\]/);
    expect(text).not.toMatch(/sets separate episodes/);
  });
});
