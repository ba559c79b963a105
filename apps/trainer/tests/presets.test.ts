import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parameterCount } from '@spark-rl/transformer-policy';

import { missingFiles, missingText, refuseMissing } from '../src/config/missing-files.js';
import { configureFrom, presetNamed, presets } from '../src/config/presets.js';
import { resolveConfig } from '../src/config/resolve-config.js';
import { publishedArchitecture } from '../src/pipeline/published-sizes.js';

/** What the paper states (3.1, B.4), written out again: not read from the presets. */
const STATED = {
  rollout: {
    leaves: 8,
    roots: 4,
    width: 2,
    tasksPerStep: 16,
    maxResponseTokens: 512,
    temperature: 0.4,
    criterion: 'explore-tag',
  },
  learning: { learningRate: 1e-6, klCoefficient: 0.01 },
  reinforcement: { maxSteps: 120 },
  warmup: { episodes: 300 },
  agent: { grammar: 'spark', prompt: 'messages', history: 5, admissible: true },
  evaluation: { episodes: 128, seed: 0 },
  environment: { maxTurns: 30 },
};
/** What its code does where it says nothing. */
const CODED = {
  learning: {
    clip: 0.2,
    entropyCoefficient: 0.001,
    finalLearningRateShare: 1,
    optimizerStepsPerBatch: null,
    objective: {
      copiesPerStep: 256,
      dualClip: 3,
      epochs: 1,
      aggregation: 'token-mean',
      klEstimator: 'k3',
    },
  },
  warmup: {
    epochs: 3,
    batchRows: 32,
    learningRate: 1e-5,
    warmupShare: 0.1,
    finalLearningRateShare: 0,
  },
  reinforcement: { checkpointEvery: 5 },
  evaluation: { every: 5 },
};
/** The most tokens of a prompt (B.4) and of a response together. */
const CONTEXT = { alfworld: 2560, scienceworld: 4608, webshop: 6512 };

describe.each(['alfworld', 'scienceworld', 'webshop'] as const)('the paper on %s', (world) => {
  it.each([
    [`paper-${world}`, 'models/Qwen2.5-1.5B-Instruct'],
    [`paper-${world}-7b`, 'models/Qwen2.5-7B-Instruct'],
  ])('%s has its numbers', (name, folder) => {
    const config = presetNamed(name);
    expect(config).toMatchObject(STATED);
    expect(config).toMatchObject(CODED);
    expect(config.environment.id).toBe(world);
    expect(config.model).toMatchObject({
      from: 'folder',
      folder,
      contextLength: CONTEXT[world],
      lora: null,
    });
    // 120 steps of 16 tasks, 8 paths, 30 turns, 512 tokens: the steps end it, whatever is generated.
    expect(config.reinforcement.tokens).toBe(235_929_600);
  });
});

describe('the benchmarks', () => {
  it('have their own limits, splits and data', () => {
    expect(presetNamed('alfworld').environment).toMatchObject({
      id: 'alfworld',
      games: 'data/alfworld/json_2.1.1',
      maxTurns: 50,
    });
    expect(presetNamed('webshop').environment).toMatchObject({
      items: 'data/webshop/items_shuffle.json',
      goals: 'human',
      splits: 'original',
      maxTurns: 15,
    });
    expect(presetNamed('scienceworld').environment).toMatchObject({
      simulator: 'jar',
      simplifications: 'easy',
      maxTurns: 100,
    });
    for (const name of ['alfworld', 'webshop', 'scienceworld'] as const) {
      expect(presetNamed(name).model.from).toBe('folder');
      expect(presetNamed(name).agent).toMatchObject({ prompt: 'messages', history: 5 });
    }
  });

  it('imply their environment, and refuse another', async () => {
    const resolved = await resolveConfig({ preset: 'webshop', set: [] });
    expect(resolved).toMatchObject({ preset: 'webshop', env: 'webshop' });
    expect(() => presetNamed('webshop', 'alfworld')).toThrow(
      /the preset webshop is of webshop, not of alfworld\. Leave --env out, or choose --preset alfworld\./,
    );
    expect(() => presetNamed('paper-webshop-7b', 'scienceworld')).toThrow(
      /--preset paper-scienceworld-7b/,
    );
    expect(() => presetNamed('paper-alfworld', 'alfwrld')).toThrow(
      /no env alfwrld\. Did you mean alfworld\?/,
    );
    expect(presetNamed('webshop', 'webshop')).toBe(presetNamed('webshop'));
    expect(() => presetNamed('paper-alfwold')).toThrow(/Did you mean paper-alfworld\?/);
  });

  it('become small with a few settings', () => {
    const config = configureFrom(presetNamed('alfworld'), [
      'environment.games=null',
      'environment.size=small',
      'model.folder=/elsewhere',
    ]);
    expect(config).toMatchObject({
      environment: { games: null, size: 'small' },
      model: { folder: '/elsewhere', lora: { rank: 16 } },
    });
  });
});

describe('what is missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is named with its flag, the model first', () => {
    const missing = missingFiles(presetNamed('webshop'));
    expect(missing.map(({ field }) => field)).toEqual([
      'model.folder',
      'environment.items',
      'environment.instructions',
      'environment.humanInstructions',
    ]);
    expect(missingText(missing)).toMatch(
      /^- --model\.folder PATH: the folder of a published model/,
    );
    expect(() => refuseMissing(missing)).toThrow(
      /--environment\.items PATH: .*\(not at data\/webshop\/items_shuffle\.json\)[\s\S]*--dry-run/,
    );
  });

  it('is nothing where all is there, or made here', () => {
    const games = join(folder, 'games');
    writeFileSync(games, '');
    const config = configureFrom(presetNamed('paper-alfworld'), [
      `environment.games=${games}`,
      `model.folder=${folder}`,
    ]);
    expect(missingFiles(config)).toEqual([]);
    expect(() => refuseMissing([])).not.toThrow();
    for (const worlds of [presets.quickstart, presets.smoke])
      for (const preset of Object.values(worlds)) expect(missingFiles(preset)).toEqual([]);
  });
});

describe('the size of a model that is not there', () => {
  it.each([
    ['models/Qwen2.5-0.5B-Instruct', 494_032_768],
    ['models/Qwen2.5-1.5B-Instruct', 1_543_714_304],
    ['/somewhere/Qwen2.5-3B', 3_085_938_688],
    ['Qwen2.5-7B-Instruct', 7_615_616_512],
  ])('%s has %d parameters, as published', (name, count) => {
    expect(parameterCount(publishedArchitecture(name)!)).toBe(count);
  });

  it('is not guessed', () => {
    expect(publishedArchitecture('models/my-own')).toBeUndefined();
  });
});
