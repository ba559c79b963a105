import { readCatalogue, tableNouns, verifyVectors, type Catalogue } from '@spark-rl/env-webshop';

import type { Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { findData, type NamedFiles } from './find-data.js';
import { readJson } from './read-json.js';

export interface VerifyOptions extends NamedFiles {
  readonly nouns?: string;
}

/** Checks a file of vectors group by group, and says the first failure of each. @returns 1 when any case fails */
export async function verifyCommand(
  file: string,
  options: VerifyOptions,
  output: Output,
): Promise<number> {
  let catalogue: Promise<Catalogue> | undefined;
  const { groups, unchecked } = await verifyVectors(readJson(file), {
    catalogue: () => (catalogue ??= readCatalogue(findData(file, options))),
    ...(options.nouns === undefined ? {} : { nouns: tableNouns(readJson(options.nouns)) }),
  });
  let text = '';
  for (const { group, passed, failed, first } of groups) {
    text += `${group}: ${passed} passed, ${failed} failed\n`;
    if (first !== undefined) text += `  first failure: ${first}\n`;
  }
  if (unchecked.length > 0) text += `not checked: ${unchecked.join(', ')}\n`;
  const sum = (key: 'passed' | 'failed'): number =>
    groups.reduce((total, group) => total + group[key], 0);
  const [passed, failed] = [sum('passed'), sum('failed')];
  text += `${passed} passed, ${failed} failed\n`;
  showResult(output, { passed, failed, groups, unchecked }, text);
  return failed === 0 ? 0 : 1;
}
