import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openCheckpoints } from '@spark-rl/run-store';
import type { TokenDecoder } from '@spark-rl/studio';
import { loadTokenizer, type TokenizerConfig } from '@spark-rl/transformer-policy';

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

/**
 * The tokenizer of a run, which is the same in all its checkpoints; undefined before the first one.
 *
 * @throws when the checkpoint's tokenizer is damaged
 */
export async function openTokenDecoder(runFolder: string): Promise<TokenDecoder | undefined> {
  const folder = join(runFolder, 'checkpoints');
  const [name] = await openCheckpoints(folder).list();
  if (name === undefined) return undefined;
  const json = await readJson(join(folder, name, 'tokenizer.json'));
  const config = (await readJson(join(folder, name, 'tokenizer_config.json'))) as TokenizerConfig;
  const { decode, streamDecoder } = loadTokenizer(json, { config });
  return {
    decode,
    pieces: (tokens) => {
      const stream = streamDecoder();
      const texts = [...tokens].map((token) => stream.push(token));
      const rest = stream.end();
      const last = texts.length - 1;
      if (last >= 0) texts[last] += rest;
      return texts;
    },
  };
}
