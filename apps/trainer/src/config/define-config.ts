import type { EnvironmentConfig, EnvironmentName } from './environment-schema.js';
import type { TrainConfig } from './schema.js';

type Part<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: Part<Value[Key]> }
    : Value;

/** What a configuration file may say: where it starts, and what differs from that. */
export interface UserConfig extends Part<Omit<TrainConfig, 'environment'>> {
  /** The preset that it starts from; default `quickstart`. */
  readonly preset?: string;
  /** The world of the preset; default `alfworld`. */
  readonly env?: EnvironmentName;
  readonly environment?: Part<EnvironmentConfig>;
}

/** Gives a `spark.config.ts` its types; returns what it gets. */
export const defineConfig = (config: UserConfig): UserConfig => config;
