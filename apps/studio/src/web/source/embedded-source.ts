import {
  RUN_ELEMENT,
  treeElement,
  type EmbeddedRun,
  type EmbeddedTree,
} from '../../shared/embedded.js';
import { restorePrompt } from '../../shared/restore-prompt.js';
import type { TreePlace } from '../../shared/views.js';
import type { Source } from './source.js';

/** Reads what an element of the page holds: base64 of gzip of JSON. */
async function read<Value>(id: string): Promise<Value> {
  const text = document.getElementById(id)?.textContent;
  if (text === undefined || text === '') throw new Error('this page does not hold that tree');
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as Value;
}

/** Reads the page itself, which `spark-rl studio --export` wrote. */
export function embeddedSource(): Source {
  const run = read<EmbeddedRun>(RUN_ELEMENT);
  const trees = new Map<string, Promise<EmbeddedTree>>();
  const treeAt = ({ set, file }: TreePlace): Promise<EmbeddedTree> => {
    const id = treeElement(set, file);
    const found = trees.get(id) ?? read<EmbeddedTree>(id);
    trees.set(id, found);
    return found;
  };
  return {
    live: false,
    runs: async () => {
      const { folder, run: view } = await run;
      return { folder, runs: [view] };
    },
    run: async () => (await run).run,
    metrics: async (_, offset) => {
      const { metrics } = await run;
      return offset === 0 ? metrics : { ...metrics, points: [] };
    },
    trees: async (_, set) => (await run).trees[set] ?? [],
    tree: async (place) => (await treeAt(place)).view,
    turn: async (place, node) => restorePrompt(await treeAt(place), node),
    sameTask: async ({ run: own, set, file }) => {
      const { trees: sets } = await run;
      const task = sets[set]?.find((tree) => tree.file === file)?.task;
      const found = Object.entries(sets).flatMap(([other, cards]) =>
        cards
          .filter((card) => card.task === task && (other !== set || card.file !== file))
          .map(({ file: name, outcomes }) => ({ run: own, set: other, file: name, outcomes })),
      );
      // A command would grow trees that this page cannot show.
      return { trees: found, missing: [] };
    },
  };
}

/** Whether this page was exported. */
export const isExported = (): boolean => document.getElementById(RUN_ELEMENT) !== null;
