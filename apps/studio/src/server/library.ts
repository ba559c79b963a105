import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { InvalidInputError, type NodeId } from '@spark-rl/core';
import { salvageTree } from '@spark-rl/run-store';

import { stepOf } from '../shared/set-names.js';
import type {
  MetricsChunk,
  Problem,
  RunList,
  RunView,
  SameTask,
  TreeCard,
  TreePlace,
  TreeView,
  TurnDetail,
} from '../shared/views.js';
import { creditGroups, type CreditGroup, type CreditRule, type GroupCredits } from './credits.js';
import { messageOf } from './json-file.js';
import { createMemory } from './memory.js';
import { readMetricsChunk } from './metrics.js';
import { findRuns, pathWithin } from './run-folders.js';
import { readLooseManifest, readRunCard, readRunView, type LooseManifest } from './run-view.js';
import { findSameTask } from './same-task.js';
import { groupOf, setPath, treeFilesIn } from './tree-sets.js';
import { treeCard, treeView, type ReadTree } from './tree-view.js';
import { turnDetail, type TokenDecoder } from './turn-detail.js';

/** What the library must be told of runs, since only the app that trained them knows. */
export interface LibraryOptions {
  /** The folder of runs. */
  readonly runs: string;
  /** How a run with this configuration credits its trees. May throw when the configuration is none that it knows. */
  readonly creditRule?: (config: LooseManifest['config']) => CreditRule;
  /** The tokenizer of a run; undefined when it has none. May throw when it is damaged. */
  readonly tokenDecoder?: (runFolder: string) => Promise<TokenDecoder | undefined>;
}

/** Reads runs for the page. Nothing is written, and what is damaged is told beside what could be read. */
export interface Library {
  readonly runs: () => Promise<RunList>;
  readonly run: (run: string) => Promise<RunView>;
  readonly metrics: (run: string, offset: number) => Promise<MetricsChunk>;
  readonly trees: (run: string, set: string) => Promise<readonly TreeCard[]>;
  readonly tree: (place: TreePlace) => Promise<TreeView>;
  readonly turn: (place: TreePlace, node: string) => Promise<TurnDetail>;
  /** Where else the task of a tree was played, in any run, at any step and with any checkpoint. */
  readonly sameTask: (place: TreePlace) => Promise<SameTask>;
}

/** A tree file that was read; without a tree when nothing of it could be. */
type FileContent = { readonly read: ReadTree } | { readonly problems: readonly Problem[] };

const REMEMBERED_TREES = 96;
const REMEMBERED_GROUPS = 32;
const MOST_PROBLEMS = 20;

async function readTreeFile(path: string): Promise<FileContent> {
  const name = basename(path);
  const salvaged = await salvageTree(path);
  if (salvaged === undefined)
    return { problems: [{ place: name, reason: 'nothing was written to it yet' }] };
  const shown = salvaged.problems.slice(0, MOST_PROBLEMS).map(({ line, reason }) => ({
    place: `${name}:${line}`,
    reason,
  }));
  const more = salvaged.problems.length - shown.length;
  const problems =
    more > 0 ? [...shown, { place: name, reason: `and ${more} more damaged lines` }] : shown;
  return salvaged.found === undefined ? { problems } : { read: { ...salvaged.found, problems } };
}

const NO_OUTCOMES = { success: 0, failure: 0, truncated: 0, failed: 0 };
const unreadableCard = (file: string, problems: readonly Problem[]): TreeCard => ({
  file,
  task: file,
  kind: null,
  instruction: '',
  outcomes: NO_OUTCOMES,
  turns: 0,
  forks: 0,
  invalid: 0,
  tokens: 0,
  opened: 0,
  limit: 0,
  finished: false,
  problems,
});

/** Opens a folder of runs for looking at them. */
export function openLibrary(options: LibraryOptions): Library {
  const root = resolve(options.runs);
  const files = createMemory<FileContent>(REMEMBERED_TREES);
  const credits = createMemory<GroupCredits>(REMEMBERED_GROUPS);
  const decoders = createMemory<TokenDecoder | undefined>(8);

  const folderOf = (run: string): Promise<string> => pathWithin(root, run.split('/'));
  const setFolder = (run: string, set: string): Promise<string> =>
    pathWithin(root, [...run.split('/'), ...setPath(set)]);

  /** A tree file as it is now; a file that did not change is read once. */
  const contentOf = async (path: string): Promise<FileContent> => {
    const { size, mtimeMs } = await stat(path);
    return files.get(path, `${size} ${mtimeMs}`, () => readTreeFile(path));
  };
  const readOf = async ({ run, set, file }: TreePlace): Promise<ReadTree> => {
    const content = await contentOf(
      await pathWithin(root, [...run.split('/'), ...setPath(set), file]),
    );
    if ('read' in content) return content.read;
    const [first] = content.problems;
    throw new InvalidInputError(
      `${file} cannot be shown: ${first === undefined ? 'it is empty' : `${first.place}: ${first.reason}`}`,
      { field: file, remedy: 'Restore the file from a copy.' },
    );
  };

  const creditRuleOf = async (run: string): Promise<CreditRule | undefined> => {
    const { value } = await readLooseManifest(await folderOf(run));
    if (value === undefined) return undefined;
    try {
      return options.creditRule?.(value.config);
    } catch {
      // Said where the advantages would stand.
      return undefined;
    }
  };

  const groupAt = async (folder: string, names: readonly string[]): Promise<CreditGroup> => {
    const contents = await Promise.all(names.map((name) => contentOf(join(folder, name))));
    const reads = contents.flatMap((content) => ('read' in content ? [content.read] : []));
    const sound = reads.filter(({ finished, problems }) => finished && problems.length === 0);
    return { trees: sound.map(({ tree }) => tree), unfinished: names.length - sound.length };
  };

  const creditsOf = async ({ run, set, file }: TreePlace): Promise<GroupCredits> => {
    if (stepOf(set) === null)
      return { credited: [], note: 'No advantages: these trees were not trained on.' };
    const rule = await creditRuleOf(run);
    const folder = await setFolder(run, set);
    const all = await treeFilesIn(folder);
    const own = groupOf(file);
    const wide = rule?.estimator.acrossTasks !== undefined;
    const names = wide ? all : all.filter((name) => groupOf(name) === own);
    const stats = await Promise.all(names.map((name) => stat(join(folder, name))));
    const signature = stats.map(({ size, mtimeMs }) => `${size} ${mtimeMs}`).join();
    return credits.get(wide ? folder : join(folder, own), signature, async () => {
      const keys = [...new Set(names.map(groupOf))];
      const groups = await Promise.all(
        keys.map((key) =>
          groupAt(
            folder,
            names.filter((name) => groupOf(name) === key),
          ),
        ),
      );
      return creditGroups(groups, rule);
    });
  };

  const decoderOf = async (run: string): Promise<TokenDecoder | undefined> => {
    const folder = await folderOf(run);
    const open = options.tokenDecoder;
    if (open === undefined) return undefined;
    // Checkpoints come while a run trains: an absent one is looked for again.
    const known = await decoders.get(folder, 'once', () => open(folder)).catch(() => undefined);
    return known ?? (await open(folder).catch(() => undefined));
  };

  return {
    runs: async () => {
      const ids = await findRuns(root);
      const runs = await Promise.all(ids.map((id) => readRunCard(join(root, id), id)));
      return {
        folder: options.runs,
        runs: runs.sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? '')),
      };
    },
    run: async (run) => readRunView(await folderOf(run), run),
    metrics: async (run, offset) =>
      readMetricsChunk(join(await folderOf(run), 'metrics.jsonl'), offset),
    trees: async (run, set) => {
      const folder = await setFolder(run, set);
      const names = await treeFilesIn(folder);
      return Promise.all(
        names.map(async (name) => {
          const content = await contentOf(join(folder, name)).catch(
            (cause: unknown): FileContent => ({
              problems: [{ place: name, reason: messageOf(cause) }],
            }),
          );
          return 'read' in content
            ? treeCard(content.read, name)
            : unreadableCard(name, content.problems);
        }),
      );
    },
    tree: async (place) => {
      const read = await readOf(place);
      const rule = await creditRuleOf(place.run);
      const { credited, note } = await creditsOf(place);
      const own = credited.find(({ tree }) => tree.id === read.tree.id)?.credits ?? [];
      return treeView(read, place, new Map(own.map(({ node, copies }) => [node, copies])), {
        estimator: own.length > 0 ? (rule?.estimator.id ?? null) : null,
        note,
      });
    },
    turn: async (place, node) => {
      const { tree } = await readOf(place);
      const turn = tree.turns.get(node as NodeId);
      if (turn === undefined) {
        throw new InvalidInputError(`${place.file} has no turn ${node}`, {
          field: 'node',
          value: node,
          remedy: 'Choose a turn of the tree.',
        });
      }
      const { credited } = await creditsOf(place);
      const credits = credited.find(({ tree: { id } }) => id === tree.id)?.credits ?? [];
      const copies = credits.find((credit) => credit.node === turn.id)?.copies ?? [];
      return turnDetail(tree, turn, copies, await decoderOf(place.run));
    },
    sameTask: async (place) => {
      const { tree } = await readOf(place);
      return findSameTask(place, tree.task, {
        root,
        name: options.runs,
        cardOf: async (path) => {
          const content = await contentOf(path);
          return 'read' in content
            ? { task: content.read.tree.task, card: treeCard(content.read, basename(path)) }
            : undefined;
        },
      });
    },
  };
}
