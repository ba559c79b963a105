import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../../../../shared/data/webshop');

/** The path of a file of the shared data. */
export const dataPath = (name: string): string => join(folder, name);

/** Parses a JSON file of the shared data. */
export const readData = <Content>(name: string): Content =>
  JSON.parse(readFileSync(dataPath(name), 'utf8')) as Content;

/** `describe` where the shared data are, `describe.skip` otherwise; say so in the name. */
export const describeWithData = existsSync(folder) ? describe : describe.skip;

export const files1k = {
  items: dataPath('items_shuffle_1000.reconstructed.json'),
  instructions: dataPath('items_ins_v2_1000.json'),
  humanInstructions: dataPath('items_human_ins.subset_1000.json'),
};
