import { InvalidInputError, parseInput } from '@spark-rl/core';

import { refuseContradictions } from './contradictions.js';
import type { EnvironmentName } from './environment-schema.js';
import { joinParts, mergeConfig, type ConfigJson } from './merge-config.js';
import { knownNames } from './nearest-name.js';
import { parseSetting } from './parse-setting.js';
import { benchmarks } from './presets/benchmarks.js';
import { paper } from './presets/paper.js';
import { quickstarts, smokes } from './presets/small.js';
import { trainConfigSchema, type TrainConfig } from './schema.js';

/** A preset: its configurations by environment. One of a single environment implies it. */
type Preset = Readonly<Partial<Record<EnvironmentName, TrainConfig>>>;

/** By name, then by environment. */
export const presets = {
  quickstart: quickstarts,
  smoke: smokes,
  ...benchmarks,
  ...paper,
} satisfies Readonly<Record<string, Preset>>;

function chosen<Value>(from: Readonly<Record<string, Value>>, name: string, field: string): Value {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  if (value === undefined) {
    throw new InvalidInputError(`there is no ${field.slice(2)} ${name}`, {
      field,
      value: name,
      remedy: knownNames(name, Object.keys(from)),
    });
  }
  return value;
}

const DEFAULT_ENVIRONMENT = 'alfworld';

/**
 * Looks up a preset by its name and that of an environment, which a preset of one environment implies.
 *
 * @throws InvalidInputError naming the presets or environments that there are, or the preset of the environment that was meant
 */
export function presetNamed(name: string, environment?: string): TrainConfig {
  const preset = chosen<Preset>(presets, name, '--preset');
  const worlds = Object.keys(preset) as EnvironmentName[];
  const [only] = worlds;
  if (worlds.length > 1 || only === undefined)
    return chosen<TrainConfig>(preset, environment ?? DEFAULT_ENVIRONMENT, '--env');
  if (environment === undefined || environment === only) return preset[only]!;
  chosen(presets.quickstart, environment, '--env');
  const other = Object.keys(presets).find(
    (each) => each === name.replace(only, environment) && each !== name,
  );
  throw new InvalidInputError(`the preset ${name} is of ${only}, not of ${environment}`, {
    field: '--env',
    value: environment,
    remedy: `Leave --env out, or choose ${other === undefined ? `another preset` : `--preset ${other}`}.`,
  });
}

/** The fields of another world are others: it is chosen before any field is set. */
function refuseOtherWorld({ environment }: TrainConfig, config: ConfigJson): void {
  const wanted = (config['environment'] as ConfigJson | undefined)?.['id'];
  if (wanted === environment.id) return;
  throw new InvalidInputError(`configuration: environment.id: the preset is of ${environment.id}`, {
    field: 'environment.id',
    value: wanted,
    remedy: `Choose the world with --env ${typeof wanted === 'string' ? wanted : 'NAME'} (in a file: env).`,
  });
}

/**
 * Lays parts over a preset, such as settings of the form `rollout.leaves=16`, and validates the result.
 *
 * @throws InvalidInputError for an unknown field (naming the nearest), a malformed setting, or a value that is not allowed
 */
export function configureFrom(
  base: TrainConfig,
  settings: readonly string[],
  file?: { readonly name: string; readonly fields: ConfigJson },
): TrainConfig {
  let config = base as unknown as ConfigJson;
  if (file !== undefined) config = mergeConfig(config, file.fields, file.name);
  // What is said of the model decides together whether it is a new or a published one.
  const ofModel = settings.filter((setting) => setting.startsWith('model.'));
  if (ofModel.length > 0) {
    const where = ofModel.map((setting) => `--set ${setting}`).join(' ');
    config = mergeConfig(config, joinParts(ofModel.map(parseSetting)), where);
  }
  for (const setting of settings.filter((each) => !ofModel.includes(each)))
    config = mergeConfig(config, parseSetting(setting), `--set ${setting}`);
  refuseOtherWorld(base, config);
  const made = parseInput(
    trainConfigSchema,
    config,
    'configuration',
    'Correct that field (--set FIELD=VALUE) and try again.',
  );
  refuseContradictions(made);
  return made;
}
