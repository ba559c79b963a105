import { InvalidInputError, type JsonValue } from '@spark-rl/core';

import type { ConfigJson } from './merge-config.js';

function parseValue(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** `rollout.leaves=16` as `{ rollout: { leaves: 16 } }`. @throws InvalidInputError where there is no `=` */
export function parseSetting(setting: string): ConfigJson {
  const at = setting.indexOf('=');
  if (at < 1) {
    throw new InvalidInputError(`--set ${setting} has no value`, {
      field: '--set',
      value: setting,
      remedy: 'Write it as FIELD=VALUE, for example --set rollout.leaves=16.',
    });
  }
  return setting
    .slice(0, at)
    .split('.')
    .reduceRight<JsonValue>(
      (inner, key) => ({ [key]: inner }),
      parseValue(setting.slice(at + 1)),
    ) as ConfigJson;
}

const FIELD_FLAG = /^--([A-Za-z]\w*(?:\.\w+)+)(?:=([\s\S]*))?$/;

/** Writes flags that name a field, `--rollout.leaves 16` or `--rollout.leaves=16`, as `--set rollout.leaves=16`. */
export function fieldFlags(argv: readonly string[]): readonly string[] {
  const written: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const match = FIELD_FLAG.exec(argv[at]!);
    if (match === null) {
      written.push(argv[at]!);
      continue;
    }
    const value = match[2] ?? argv[++at];
    if (value === undefined) {
      throw new InvalidInputError(`${argv[at - 1]!} has no value`, {
        field: argv[at - 1]!,
        remedy: `Write it as --${match[1]!}=VALUE.`,
      });
    }
    written.push('--set', `${match[1]!}=${value}`);
  }
  return written;
}
