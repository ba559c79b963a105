import { readFileSync, existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { createJiti } from 'jiti';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

import { defineConfig } from './define-config.js';
import type { ConfigJson } from './merge-config.js';

/** The names that are looked for where none is given, in this order. */
export const CONFIG_FILES = [
  'spark.config.ts',
  'spark.config.mts',
  'spark.config.js',
  'spark.config.mjs',
  'spark.config.json',
  'spark.config.yaml',
  'spark.config.yml',
] as const;

/** The configuration file of a folder; undefined where there is none. */
export const findConfigFile = (folder: string): string | undefined =>
  CONFIG_FILES.find((name) => existsSync(resolve(folder, name)));

const fileSchema = z
  .object({
    preset: z.string().optional(),
    env: z.string().optional(),
    $schema: z.string().optional(),
  })
  .catchall(z.json());

/** What a configuration file says: where it starts, and the fields that differ. */
export interface ConfigFile {
  readonly preset?: string;
  readonly env?: string;
  readonly fields: ConfigJson;
}

async function load(path: string): Promise<unknown> {
  switch (extname(path)) {
    case '.json':
      return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    case '.yaml':
    case '.yml':
      return parseYaml(readFileSync(path, 'utf8')) as unknown;
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs': {
      const jiti = createJiti(import.meta.url, {
        fsCache: false,
        // Found wherever the file lies, whether the app is installed beside it or not.
        virtualModules: { '@spark-rl/trainer': { defineConfig } },
      });
      return jiti.import(path, { default: true });
    }
    default:
      throw new InvalidInputError(`${path} is no configuration file`, {
        field: '--config',
        value: path,
        remedy: 'Give a file that ends in .ts, .js, .mjs, .json, .yaml or .yml.',
      });
  }
}

/**
 * Reads a configuration file.
 *
 * @throws InvalidInputError when it cannot be read, is damaged, or holds what is no JSON
 */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const path = resolve(file);
  let content: unknown;
  try {
    content = await load(path);
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`${file} cannot be read: ${reason}`, {
      field: '--config',
      value: file,
      remedy: 'Correct the file; a .ts or .js file exports its configuration as default.',
      cause,
    });
  }
  const { preset, env, ...rest } = parseInput(
    fileSchema,
    content,
    file,
    'Give an object with fields of the configuration; spark-rl config lists them.',
  );
  // Checked above to be JSON; what an editor reads of it is not for us.
  const fields = Object.fromEntries(
    Object.entries(rest).filter(([name]) => name !== '$schema'),
  ) as ConfigJson;
  return { ...(preset !== undefined && { preset }), ...(env !== undefined && { env }), fields };
}
