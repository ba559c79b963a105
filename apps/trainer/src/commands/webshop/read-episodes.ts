import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { agentProtocol, namedGrammars, type GrammarName } from '@spark-rl/agent-protocol';
import { InvalidInputError, type ParsedResponse } from '@spark-rl/core';
import { episodesOfTree, readEpisodes, type Episode } from '@spark-rl/env-webshop';
import { readManifest, readTree } from '@spark-rl/run-store';

import { environmentSchema } from '../../config/environment-schema.js';
import type { ShopChoice } from './named-shop.js';
import { readJson } from './read-json.js';

/** The most episodes that one server lists. */
const MOST_EPISODES = 5000;

/** What can be replayed, and in which shop it was recorded where that is known. */
export interface Recording {
  readonly episodes: readonly Episode[];
  readonly shop: ShopChoice | null;
  /** Tree files that end before the tree did, or were not read because there are too many. */
  readonly left: readonly string[];
}

/** Takes responses apart by the first grammar that they keep; which one an agent speaks is not recorded beside them. */
function parseAny(): (text: string) => ParsedResponse {
  const names = Object.keys(namedGrammars) as GrammarName[];
  const parsers = names.map((grammar) => agentProtocol({ form: 'messages', grammar }).parse);
  return (text) => {
    const readings = parsers.map((parse) => parse(text));
    return readings.find(({ valid }) => valid) ?? readings[0]!;
  };
}

function treeFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? treeFiles(path) : entry.name.endsWith('.jsonl') ? [path] : [];
    });
}

/** The shop of a run, as its configuration says it. */
async function shopOfRun(folder: string): Promise<ShopChoice | null> {
  const { config } = await readManifest(folder);
  const read = environmentSchema.safeParse(config['environment']);
  if (!read.success || read.data.id !== 'webshop') return null;
  const { items, instructions, humanInstructions, index, nouns, products, detail, goals } =
    read.data;
  return {
    ...(items !== null && { items }),
    ...(instructions !== null && { ins: instructions }),
    ...(humanInstructions !== null && { human: humanInstructions }),
    ...(index !== null && { index }),
    ...(nouns !== null && { nouns }),
    products,
    detail,
    goals,
  };
}

async function ofTrees(paths: readonly string[], below: string): Promise<Omit<Recording, 'shop'>> {
  const episodes: Episode[] = [];
  const left: string[] = [];
  for (const path of paths) {
    const read = episodes.length >= MOST_EPISODES ? undefined : await readTree(path);
    if (read === undefined) left.push(path);
    else episodes.push(...episodesOfTree(read.tree, path.slice(below.length).replace(/^\//, '')));
  }
  return { episodes, left };
}

/**
 * Reads what is to be replayed: a run folder of `spark-rl train --env webshop` or a folder in it, a tree file (`.jsonl`), or a
 * JSON file of episodes.
 *
 * @throws InvalidInputError when there is nothing to replay in it, or it is damaged
 */
export async function readRecording(path: string): Promise<Recording> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new InvalidInputError(`${path} is not there`, {
      field: '--replay',
      value: path,
      remedy: 'Give a run folder, a tree file or a JSON file of episodes.',
    });
  }
  let recording: Recording;
  if (stat.isDirectory()) {
    const isRun = statSync(join(path, 'manifest.json'), { throwIfNoEntry: false }) !== undefined;
    const trees = isRun ? join(path, 'trees') : path;
    const files = statSync(trees, { throwIfNoEntry: false }) === undefined ? [] : treeFiles(trees);
    recording = { ...(await ofTrees(files, trees)), shop: isRun ? await shopOfRun(path) : null };
  } else if (path.endsWith('.jsonl')) recording = { ...(await ofTrees([path], '')), shop: null };
  else {
    recording = { episodes: readEpisodes(readJson(path), parseAny(), path), shop: null, left: [] };
  }
  if (recording.episodes.length > 0) return recording;
  throw new InvalidInputError(`${path} has no episodes to replay`, {
    field: '--replay',
    value: path,
    remedy:
      'Give a run that has taken at least one step of reinforcement, or a file with episodes.',
  });
}
