import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { SparkError } from '@spark-rl/core';

import {
  RUN_ELEMENT,
  treeElement,
  type EmbeddedRun,
  type EmbeddedTree,
  type EmbeddedTurn,
} from '../shared/embedded.js';
import type { TreePlace, TurnDetail } from '../shared/views.js';
import type { Library } from './library.js';
import { readAllMetrics } from './metrics.js';
import type { Asset } from './request-handler.js';

const compress = promisify(gzip);

const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** Data as an element that no browser runs: base64 has no character that could end it. */
async function dataElement(id: string, value: unknown): Promise<string> {
  const bytes = await compress(JSON.stringify(value), { level: 9 });
  return `<script type="application/octet-stream" id="${escapeAttribute(id)}">${bytes.toString('base64')}</script>\n`;
}

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The text of the only asset of a kind. */
function textOf(assets: ReadonlyMap<string, Asset>, extension: string): string {
  const found = [...assets].filter(([path]) => path.endsWith(extension));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new SparkError('invalid-input', `the built page has ${found.length} ${extension} files`, {
      remedy: 'Run npx nx build @spark-rl/studio.',
    });
  return Buffer.from(only[1].bytes).toString('utf8');
}

/**
 * The page around the data: script and style inside, and a policy that lets only these two run and nothing be loaded.
 *
 * @returns what comes before the data, and what comes after it
 */
export function exportFrame(
  assets: ReadonlyMap<string, Asset>,
  title: string,
): readonly [before: string, after: string] {
  // What would end the element early is written so that it means the same to JavaScript.
  const script = textOf(assets, '.js').replaceAll('</script', '<\\/script');
  const style = textOf(assets, '.css').replaceAll('</style', '<\\/style');
  const policy =
    `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; img-src data:; ` +
    "base-uri 'none'; form-action 'none'";
  return [
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeAttribute(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="root"></div>
`,
    `<script type="module">${script}</script>
</body>
</html>
`,
  ];
}

/** Shortens prompts that begin with all that was said before them: each would repeat its whole path. */
function shortenPrompts(
  details: readonly TurnDetail[],
  parents: ReadonlyMap<string, string | null>,
): readonly EmbeddedTurn[] {
  const byId = new Map(details.map((each) => [each.id, each]));
  return details.map((each) => {
    const parent = byId.get(parents.get(each.id) ?? '');
    const before =
      parent?.prompt == null
        ? undefined
        : parent.prompt + parent.tokens.map(({ text }) => text).join('');
    return before !== undefined && each.prompt?.startsWith(before) === true
      ? { ...each, prompt: each.prompt.slice(before.length), continues: true }
      : { ...each, continues: false };
  });
}

async function embeddedTree(library: Library, place: TreePlace): Promise<EmbeddedTree> {
  const view = await library.tree(place);
  const details = await Promise.all(view.turns.map(({ id }) => library.turn(place, id)));
  const parents = new Map(view.turns.map(({ id, parent }) => [id, parent]));
  return { view, turns: shortenPrompts(details, parents) };
}

/**
 * A run as one HTML file, piece by piece: it needs no server and no network.
 *
 * @param sets - which sets of trees it holds
 */
export async function* exportedPage(
  library: Library,
  assets: ReadonlyMap<string, Asset>,
  run: string,
  sets: (set: { readonly name: string; readonly step: number | null }) => boolean,
): AsyncGenerator<string, void, undefined> {
  const view = await library.run(run);
  const chosen = view.sets.filter(sets);
  const cards = await Promise.all(
    chosen.map(async ({ name }) => [name, await library.trees(run, name)] as const),
  );
  const embedded: EmbeddedRun = {
    folder: run,
    run: { ...view, sets: chosen },
    metrics: await readAllMetrics((offset) => library.metrics(run, offset)),
    trees: Object.fromEntries(cards),
  };
  const [before, after] = exportFrame(assets, `${run} · spark-rl studio`);
  yield before;
  yield await dataElement(RUN_ELEMENT, embedded);
  for (const [set, trees] of cards) {
    for (const { file, turns } of trees) {
      // One that cannot be read is told in the list, and has nothing to show.
      if (turns > 0)
        yield await dataElement(
          treeElement(set, file),
          await embeddedTree(library, { run, set, file }),
        );
    }
  }
  yield after;
}
