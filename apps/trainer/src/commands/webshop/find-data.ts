import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import type { CatalogueFiles } from '@spark-rl/env-webshop';

/** Where data files may be named by the caller. */
export interface NamedFiles {
  readonly items?: string;
  readonly ins?: string;
  readonly human?: string;
}

const FORMS = {
  items: /^items_shuffle.*\.json$/,
  ins: /^items_ins_v2.*\.json$/,
  human: /^items_human_ins.*\.json$/,
};

function filesIn(folder: string): NamedFiles {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return {};
  }
  const found = Object.entries(FORMS).flatMap(([key, form]) => {
    const name = names.find((each) => form.test(each));
    return name === undefined ? [] : [[key, join(folder, name)] as const];
  });
  return Object.fromEntries(found);
}

/** The folders that data are looked for in: that of the file, then `data/webshop` from the working folder upwards. */
function folders(file: string): string[] {
  const list = [dirname(resolve(file))];
  for (let folder = process.cwd(), last = ''; folder !== last;) {
    list.push(join(folder, 'data', 'webshop'), join(folder, 'shared', 'data', 'webshop'));
    last = folder;
    folder = dirname(folder);
  }
  return list;
}

/**
 * The data files of the catalogue that recordings speak of: those named, or those that lie beside the recordings, or in a
 * folder for WebShop's data.
 *
 * @throws InvalidInputError when there are none
 */
export function findData(file: string, named: NamedFiles): CatalogueFiles {
  // The third file is looked for beside the other two, where those are named.
  const found =
    named.items !== undefined && named.ins !== undefined
      ? filesIn(dirname(resolve(named.items)))
      : (folders(file)
          .map(filesIn)
          .find(({ items, ins }) => items !== undefined && ins !== undefined) ?? {});
  const { items, ins, human } = { ...found, ...named };
  if (items === undefined || ins === undefined) {
    throw new InvalidInputError(`${file} speaks of a catalogue, but its data are not there`, {
      field: items === undefined ? '--items' : '--ins',
      remedy: 'Name them with --items and --ins, or put them beside the file.',
    });
  }
  return {
    items,
    instructions: ins,
    ...(human === undefined ? {} : { humanInstructions: human }),
  };
}
