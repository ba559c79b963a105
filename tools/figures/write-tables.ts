import { readFileSync, writeFileSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';

/** Puts tables between the marks `<!-- table NAME -->` and `<!-- end NAME -->` of a Markdown file. */
export async function writeTables(
  path: string,
  tables: Readonly<Record<string, string>>,
): Promise<void> {
  let text = readFileSync(path, 'utf8');
  for (const [name, table] of Object.entries(tables)) {
    const [start, end] = [`<!-- table ${name} -->`, `<!-- end ${name} -->`];
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${path} has no place for the table ${name}`);
    text = `${text.slice(0, from + start.length)}\n\n${table}\n\n${text.slice(to)}`;
  }
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}
