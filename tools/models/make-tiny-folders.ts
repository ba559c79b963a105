/**
 * Writes the tiny random Qwen2, Qwen3 and Llama folders that the tests of transformer-policy load, for other programs to read:
 *
 *     npx tsx --conditions=@spark-rl/source tools/models/make-tiny-folders.ts FOLDER
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  TINY_FOLDERS,
  TINY_NAMES,
  TINY_TOKENS,
  writeTinyFolder,
} from '../../packages/transformer-policy/tests/hugging-face/tiny-folders.js';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say where to write: make-tiny-folders.ts FOLDER');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'tokens.json'), JSON.stringify(TINY_TOKENS));
for (const name of TINY_NAMES) writeTinyFolder(join(folder, name), TINY_FOLDERS[name]);
console.log(`${TINY_NAMES.length} folders in ${folder}`);
