import { configJsonSchema, describeFields } from '../config/describe-fields.js';
import { resolveConfig, type ConfigSources } from '../config/resolve-config.js';
import type { Output } from '../output/progress.js';
import { showResult } from '../output/result.js';

export interface ConfigOptions extends ConfigSources {
  readonly schema: boolean;
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
    const schema = configJsonSchema();
    showResult(output, schema, `${JSON.stringify(schema, null, 2)}\n`);
    return 0;
  }
  const { config, preset, env, file } = await resolveConfig(options);
  const from = file === undefined ? '' : `, with ${file} over it`;
  let text = `The preset ${preset} for ${env}${from}. Change a field with --FIELD VALUE.\n\n`;
  for (const { field, meaning } of describeFields()) {
    const value = valueAt(config, field);
    // What belongs to another world is not in this configuration.
    if (value === undefined) continue;
    text += `${field} = ${JSON.stringify(value)}\n    ${meaning}\n`;
  }
  showResult(output, config, text);
  return 0;
}
