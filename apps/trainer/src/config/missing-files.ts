import { existsSync } from 'node:fs';

import { InvalidInputError } from '@spark-rl/core';
import { findJar } from '@spark-rl/env-scienceworld';

import type { EnvironmentConfig } from './environment-schema.js';
import type { TrainConfig } from './schema.js';

/** A file or folder that a configuration names and that is not there. Nothing is ever downloaded: it is the user's to get. */
export interface MissingFile {
  readonly field: string;
  /** Where it was looked for; null where it was looked for in the usual places. */
  readonly path: string | null;
  readonly what: string;
}

/** What stands at a field, in a sentence that helps to get it. */
const WHAT: Readonly<Record<string, string>> = {
  'model.folder':
    'the folder of a published model: config.json, safetensors and tokenizer.json, as on Hugging Face',
  'environment.games': 'the games of ALFWorld (json_2.1.1), which its alfworld-download gets',
  'environment.items': 'the products of WebShop, which its setup.sh gets',
  'environment.instructions': 'the instructions of WebShop, which its setup.sh gets',
  'environment.humanInstructions':
    'the instructions of people of WebShop, which its setup.sh gets; or --environment.goals synthetic --environment.humanInstructions null',
  'environment.index': 'what spark-rl webshop index makes; or null',
  'environment.nouns': 'the nouns of product names; or null',
  'environment.recordings':
    'recorded solutions, which spark-rl scienceworld record --task all --split train --count 10 makes; null takes the few that come along',
  'environment.jar': 'the simulator of ScienceWorld, which its Python package brings',
};

const pathsOf = (environment: EnvironmentConfig): Readonly<Record<string, string | null>> => {
  switch (environment.id) {
    case 'alfworld':
      return { games: environment.games };
    case 'webshop': {
      const { items, instructions, humanInstructions, index, nouns } = environment;
      return { items, instructions, humanInstructions, index, nouns };
    }
    case 'scienceworld': {
      const { recordings, jar, simulator } = environment;
      return { recordings, ...(simulator === 'jar' && { jar }) };
    }
  }
};

function hasJar(): boolean {
  try {
    findJar();
    return true;
  } catch (cause) {
    if (cause instanceof InvalidInputError) return false;
    throw cause;
  }
}

/** The files and folders that a configuration names and that are not there, the model first. */
export function missingFiles({
  model,
  environment,
}: Pick<TrainConfig, 'model' | 'environment'>): readonly MissingFile[] {
  const named: (readonly [string, string | null])[] = [
    ...(model.from === 'folder' ? [['model.folder', model.folder] as const] : []),
    ...Object.entries(pathsOf(environment)).map(
      ([name, path]) => [`environment.${name}`, path] as const,
    ),
  ];
  const missing = named
    .filter(([, path]) => path !== null && !existsSync(path))
    .map(([field, path]) => ({ field, path, what: WHAT[field]! }));
  const needsJar =
    environment.id === 'scienceworld' &&
    environment.simulator === 'jar' &&
    environment.jar === null;
  return needsJar && !hasJar()
    ? [...missing, { field: 'environment.jar', path: null, what: WHAT['environment.jar']! }]
    : missing;
}

/** What is missing, line by line, each with the flag that names it. */
export const missingText = (missing: readonly MissingFile[]): string =>
  missing
    .map(
      ({ field, path, what }) =>
        `- --${field} PATH: ${what}${path === null ? '' : ` (not at ${path})`}\n`,
    )
    .join('');

/** @throws InvalidInputError naming all that is missing and the flags to give */
export function refuseMissing(missing: readonly MissingFile[]): void {
  const [first] = missing;
  if (first === undefined) return;
  throw new InvalidInputError(
    `what the configuration names is not there:\n${missingText(missing).trimEnd()}`,
    {
      field: first.field,
      value: first.path,
      remedy: `Name where it is, such as --${first.field} PATH; --dry-run shows the plan without it.`,
    },
  );
}
