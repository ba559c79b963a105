import { configureFrom, presetNamed } from './presets.js';
import { findConfigFile, readConfigFile } from './read-config-file.js';
import type { TrainConfig } from './schema.js';

/** Where a configuration comes from; what stands later wins. */
export interface ConfigSources {
  /** Default: that of the file, or `quickstart`. */
  readonly preset?: string;
  /** Default: that of the file, that which the preset implies, or `alfworld`. */
  readonly env?: string;
  /** A configuration file; by default `spark.config.*` of the working folder, where there is one. */
  readonly config?: string;
  readonly set: readonly string[];
}

/** A configuration, and what it was made of. */
export interface ResolvedConfig {
  readonly config: TrainConfig;
  readonly preset: string;
  readonly env: string;
  /** The file that was read; undefined where there was none. */
  readonly file?: string;
}

/**
 * A preset, over it the configuration file, over that the settings of the command line.
 *
 * @throws InvalidInputError for what cannot be read, is unknown, or contradicts itself
 */
export async function resolveConfig(sources: ConfigSources): Promise<ResolvedConfig> {
  const file = sources.config ?? findConfigFile(process.cwd());
  const read = file === undefined ? undefined : await readConfigFile(file);
  const preset = sources.preset ?? read?.preset ?? 'quickstart';
  const base = presetNamed(preset, sources.env ?? read?.env);
  const env = base.environment.id;
  const config = configureFrom(
    base,
    sources.set,
    file === undefined || read === undefined ? undefined : { name: file, fields: read.fields },
  );
  return { config, preset, env, ...(file !== undefined && { file }) };
}
