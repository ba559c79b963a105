import type { Command } from 'commander';

import { EXAMPLES } from '../commands/examples.js';

/** Under which heading an option stands, by its long name; those that are not named stand under "Options". */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Where it starts:': ['preset', 'env', 'config', 'set', 'seed', 'seeds', 'run', 'checkpoint'],
  'What is taken:': [
    ...['tasks', 'tasks-of', 'episodes', 'split', 'levels', 'steps', 'task', 'variation', 'goal'],
    ...['variations', 'count', 'kinds', 'held-out', 'game', 'size', 'recording', 'tries'],
  ],
  'Branching at test time:': ['leaves', 'roots', 'width', 'choose'],
  'A served model:': [
    ...['policy', 'model', 'server', 'key-env', 'grammar', 'games', 'max-tokens', 'concurrency'],
    ...['cassette', 'record'],
  ],
  'The data:': [
    ...['items', 'ins', 'human', 'index', 'nouns', 'goals', 'products', 'detail', 'jar'],
    ...['simplifications'],
  ],
  'Where it listens:': ['host', 'port', 'token', 'no-token'],
  'What it runs on:': ['engine', 'java', 'heap', 'jobs'],
  'Where things go:': ['out', 'id', 'export', 'runs', 'index-file', 'append'],
  'What is printed:': ['json', 'dry-run', 'schema', 'list', 'help'],
};

const groupOf = (name: string): string | undefined =>
  Object.entries(GROUPS).find(([, names]) => names.includes(name))?.[0];

/** Headings of `spark-rl --help`. */
const COMMAND_GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Train:': ['train', 'sft', 'resume', 'config'],
  'Measure:': ['eval', 'rollout', 'compare', 'criteria'],
  'Look, serve, hand on:': ['studio', 'play', 'serve', 'export'],
  'Worlds:': ['alfworld', 'webshop', 'scienceworld', 'new'],
  'This machine:': ['doctor', 'help'],
};

/** A description as a sentence. */
const sentence = (text: string): string =>
  text === ''
    ? ''
    : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** The names that lead to a command, such as `webshop serve`; empty for the program itself. */
export function commandPath(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent != null; at = at.parent)
    names.unshift(at.name());
  return names.join(' ');
}

function examplesText(path: string): string {
  const examples = EXAMPLES[path] ?? [];
  if (examples.length === 0) return '';
  const lines = examples.map(
    ({ typed, does }) => `  $ spark-rl ${typed}\n      ${sentence(does)}\n`,
  );
  return `\nExamples:\n${lines.join('')}`;
}

/** A default as a user would type it. */
const shown = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** What a user learns of a command whose help is shown: a sentence, options under headings, examples. */
export function teach(command: Command): void {
  const path = commandPath(command);
  command.configureHelp({
    showGlobalOptions: false,
    commandDescription: (each) => sentence(each.description()),
    subcommandDescription: (each) => sentence(each.description()),
    optionDescription: (option) => {
      const { description, defaultValueDescription } = option;
      const defaultValue: unknown = option.defaultValue;
      // What is off by default needs no word.
      if (defaultValue === undefined || defaultValue === false || defaultValue === '')
        return description;
      if (Array.isArray(defaultValue) && defaultValue.length === 0) return description;
      return `${description} (default: ${defaultValueDescription ?? shown(defaultValue)})`;
    },
  });
  for (const option of command.options) {
    const group = groupOf(option.long?.replace(/^--/, '') ?? '');
    if (group !== undefined) option.helpGroup(group);
  }
  for (const [heading, names] of Object.entries(COMMAND_GROUPS))
    if (command.parent?.parent === null && names.includes(command.name()))
      command.helpGroup(heading);
  const text = examplesText(path);
  if (text !== '') command.addHelpText('after', text);
}
