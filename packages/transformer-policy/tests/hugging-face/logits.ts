import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { float64Ops, fromHost, type HostTensor, type Named } from '@spark-rl/tensor';

import { decoderTransformer, type TransformerConfig } from '../../src/index.js';
import { TINY_FOLDERS, writeTinyFolder, type TinyName } from './tiny-folders.js';
import { writeTinyTokenizer } from './tokenizer-folder.js';

const made: string[] = [];

/** A folder that `removeFolders` takes away. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spark-rl-'));
  made.push(path);
  return path;
}

export const removeFolders = (): void =>
  made.splice(0).forEach((path) => rmSync(path, { recursive: true, force: true }));

/** A tiny folder, whole. */
export function tinyFolder(name: TinyName): { path: string; weightFiles: string[] } {
  const path = join(temporaryFolder(), name);
  const weightFiles = writeTinyFolder(path, TINY_FOLDERS[name]);
  writeTinyTokenizer(path);
  return { path, weightFiles };
}

/** Logits after every token of one row, in float64 to the end: an engine hands out float32. */
export function float64Logits(
  config: TransformerConfig,
  parameters: Named<HostTensor>,
  tokens: readonly number[],
): number[][] {
  const model = decoderTransformer(config);
  const open = (tensors: Named<HostTensor>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, fromHost(tensor)]));
  const at = {
    dtype: 'int32',
    shape: [tokens.length],
    data: Int32Array.from(tokens.keys()),
  } as const;
  const logits = model.logits(
    float64Ops,
    open(parameters),
    open(model.prepare(Int32Array.from(tokens), 1, tokens.length)),
    fromHost(at),
  );
  const size = config.vocabularySize;
  return tokens.map((_, i) => Array.from(logits.data.slice(i * size, (i + 1) * size)));
}

/** Largest difference, over the largest size of what is expected. */
export function relativeDifference(
  found: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): number {
  const size = Math.max(...expected.flat().map(Math.abs));
  const away = expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - found[i]![j]!)));
  return Math.max(...away) / size;
}
