import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { leafStatistics } from '@spark-rl/advantage-normalization';
import {
  childId,
  createTreeBuilder,
  leafId,
  rootId,
  taskId,
  treeId,
  type LeafOutcome,
  type NodeId,
  type Tree,
  type TreeEvent,
  type Turn,
} from '@spark-rl/core';
import { configHash, createRun, type Run } from '@spark-rl/run-store';

import { openLibrary, type Library, type TokenDecoder } from '../src/index.js';

/** A tokenizer whose tokens are words with the space before them; it learns them as it meets them. */
const words: string[] = [];
export const encodeWords = (text: string): Int32Array =>
  Int32Array.from(text.match(/\s*\S+|\s+$/g) ?? [], (word) => {
    const known = words.indexOf(word);
    return known >= 0 ? known : words.push(word) - 1;
  });
export const wordDecoder: TokenDecoder = {
  pieces: (tokens) => [...tokens].map((token) => words[token] ?? ''),
  decode: (tokens) => [...tokens].map((token) => words[token] ?? '').join(''),
};

/** What a tree of the tests looks like. */
export interface FixtureTree {
  readonly task?: string;
  readonly instruction?: string;
  readonly observation?: string;
  readonly roots: number;
  /** Turns of a path. */
  readonly depth: number;
  /** Turns after which every path forks in two. */
  readonly forks: readonly number[];
  /** The outcome of leaf `i` in the order of paths. */
  readonly outcome?: (index: number) => LeafOutcome;
  readonly limit?: number;
  /** Which turn is invalid, by its id. */
  readonly invalid?: string;
}

/** The events of a tree, parents first. */
export function treeEvents(name: string, fixture: FixtureTree): TreeEvent[] {
  const tree = treeId(name);
  const { roots, depth, forks, limit = 64, observation = 'You see a door.' } = fixture;
  const outcome = fixture.outcome ?? ((index) => (index % 2 === 0 ? 'success' : 'failure'));
  const events: TreeEvent[] = [];
  let ended = 0;
  const grow = (id: NodeId, parent: Turn | null): void => {
    const index = id.split('.').length - 1;
    const wide = forks.includes(index);
    const valid = id !== fixture.invalid;
    const last = index === depth - 1;
    const action = `open door ${index}`;
    const text = `<${wide ? 'explore' : 'think'}> which one </think> <action> ${action} </action>`;
    const responseTokens = encodeWords(text);
    const before = parent?.generation;
    const added = encodeWords(`\n${observation}\n`);
    const turn: Turn = {
      id,
      parent: parent?.id ?? null,
      index,
      observation,
      generation: {
        text,
        policyVersion: '3',
        finish: 'stop',
        promptTokens:
          before === undefined
            ? added
            : Int32Array.from([...before.promptTokens, ...before.responseTokens, ...added]),
        responseTokens,
        logProbs: Float32Array.from(responseTokens, (_, place) => (place === 1 ? -2 : -0.01)),
        cachedPromptTokens: 0,
      },
      response: {
        valid,
        ...(!valid && { reason: 'no action' }),
        mode: wide ? 'explore' : 'think',
        reasoning: 'which one',
        action: valid ? action : '',
      },
      action: valid ? action : '',
      admissible: valid ? true : null,
      next: { observation, score: last ? 1 : 0, status: 'running' },
      requestedWidth: wide ? 2 : 1,
      grantedWidth: wide && !last ? 2 : 1,
    };
    events.push({ type: 'turn', tree, turn });
    if (last)
      events.push({
        type: 'leaf',
        tree,
        leaf: { id: leafId(id), tail: id, outcome: outcome(ended++), score: 0 },
      });
    else for (let child = 0; child < turn.grantedWidth; child++) grow(childId(id, child), turn);
  };
  for (let root = 0; root < roots; root++) grow(rootId(root), null);
  const opening: TreeEvent = {
    type: 'tree',
    tree,
    opening: {
      task: {
        id: taskId(fixture.task ?? 'door/1'),
        environment: 'corridor',
        split: 'train',
        kind: 'doors',
        data: {},
      },
      instruction: fixture.instruction ?? 'open the right door',
      observation,
      score: 0,
      settings: { leaves: limit, roots, temperature: 1 },
    },
  };
  const account = { limit, used: ended, reserved: 0, failed: 0, free: limit - ended };
  return [opening, ...events, { type: 'end', tree, account }];
}

/** The same tree, without a file. */
export function treeOf(name: string, fixture: FixtureTree): Tree {
  const [opening, ...rest] = treeEvents(name, fixture);
  if (opening?.type !== 'tree') throw new Error('the opening comes first');
  const builder = createTreeBuilder(opening.tree, opening.opening);
  for (const event of rest) {
    if (event.type === 'turn') builder.addTurn(event.turn);
    if (event.type === 'leaf') builder.addLeaf(event.leaf);
    if (event.type === 'end') return builder.build(event.account);
  }
  throw new Error('the end comes last');
}

/** Makes a folder of runs that is removed by `remove`. */
export async function temporaryRuns(): Promise<{
  readonly root: string;
  readonly library: Library;
  readonly remove: () => Promise<void>;
}> {
  const root = await mkdtemp(join(tmpdir(), 'studio-'));
  const library = openLibrary({
    runs: root,
    creditRule: () => ({ estimator: leafStatistics(), treesPerTask: 1 }),
    tokenDecoder: () => Promise.resolve(wordDecoder),
  });
  return { root, library, remove: () => rm(root, { recursive: true, force: true }) };
}

/** Begins a run, which holds its lock until it is closed. */
export function beginRun(root: string, id: string): Promise<Run> {
  const config = { environment: { id: 'corridor' }, rollout: { method: 'spark', leaves: 8 } };
  return createRun(root, {
    format: 1,
    id,
    createdAt: '2026-01-02T03:04:05.000Z',
    command: ['train', '--id', id],
    seed: 1,
    config,
    configHash: configHash(config),
    engine: 'onnx-cpu',
    device: 'CPU',
    versions: {},
  });
}

/** A row of a step of reinforcement. */
export const metricsRow = (step: number, success: number): Record<string, string | number> => ({
  phase: 'reinforce',
  step,
  'rollout/success': success,
  'rollout/tokens_generated': 1000,
  'timing_s/gen': 2,
  'explore/share': 0.1,
});

/** Records a tree in a set of a run. */
export async function recordTree(
  run: Run,
  set: string,
  name: string,
  fixture: FixtureTree,
): Promise<void> {
  const journal = run.treeJournal(set);
  for (const event of treeEvents(name, fixture)) await journal.append(event);
  await journal.close();
}

/** Eight leaves: four roots that all fork after turn 1. */
export const SMALL: FixtureTree = { roots: 4, depth: 4, forks: [1], limit: 8 };
export const SMALL_NAME = '000-door/1';
export const SMALL_FILE = '000-door_1.jsonl';

/** A run with two steps, one small tree each, that has ended. */
export async function finishedRun(root: string, id: string, tree = SMALL): Promise<void> {
  const run = await beginRun(root, id);
  await run.recordMetrics(metricsRow(1, 0.25));
  await run.recordMetrics(metricsRow(2, 0.5));
  await recordTree(run, 'step-0001', SMALL_NAME, tree);
  await recordTree(run, 'step-0002', '000-door/2', { ...tree, task: 'door/2' });
  const evaluation = (successes: boolean[]): string =>
    JSON.stringify({
      at1: {
        temperature: 1,
        lost: 0,
        successes,
        kinds: successes.map((_, index) => `kind ${index % 2}`),
        meanTurns: 3,
        exploreRatio: 0.1,
        invalidRatio: 0,
      },
      seconds: 1,
    });
  await run.writeFile('evaluation-warmup.json', evaluation([true, false, false, true]));
  await run.writeFile('evaluation-final.json', evaluation([true, true, false, false]));
  const rate = (value: number): object => ({ rate: value, low: 0, high: 1, episodes: 4 });
  await run.writeFile(
    'summary.json',
    JSON.stringify({ success: { warmup: rate(0.25), final: rate(0.5) }, steps: 2 }),
  );
  await run.close();
}
