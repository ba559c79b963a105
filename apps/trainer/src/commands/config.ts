import { configJsonSchema, describeFields } from '../config/describe-fields.js';
import { resolveConfig, type ConfigSources } from '../config/resolve-config.js';
import type { Output } from '../output/progress.js';

export interface ConfigOptions extends ConfigSources {
  readonly schema: boolean;
  readonly json: boolean;
}

const valueAt = (config: unknown, field: string): unknown =>
  field
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null
          ? (value as Record<string, unknown>)[key]
          : undefined,
      config,
    );

/** `spark-rl config`: every field of a configuration with its value and what it means; or its JSON Schema. */
export async function configCommand(options: ConfigOptions, output: Output): Promise<number> {
  if (options.schema) {
    output.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return 0;
  }
  const { config, preset, env, file } = await resolveConfig(options);
  if (options.json) {
    output.write(`${JSON.stringify(config, null, 2)}\n`);
    return 0;
  }
  const from = file === undefined ? '' : `, with ${file} over it`;
  output.write(`The preset ${preset} for ${env}${from}. Change a field with --FIELD VALUE.\n\n`);
  for (const { field, meaning } of describeFields()) {
    const value = valueAt(config, field);
    // What belongs to another world is not in this configuration.
    if (value === undefined) continue;
    output.write(`${field} = ${JSON.stringify(value)}\n    ${meaning}\n`);
  }
  return 0;
}
