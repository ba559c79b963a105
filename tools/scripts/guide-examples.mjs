// Runs every TypeScript block of the guides as it stands, and compares what it prints with the text block behind it, where there is one. Checks
// that every command of their shell blocks exists with the options it is given, runs those that only print (--dry-run), and follows links within
// the documentation. Names of files limit it to those.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { root } from './workspace.mjs';

const docs = join(root, 'docs');
const only = process.argv.slice(2);
const pages = [docs, join(docs, 'guides')]
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'))
  .filter((path) => only.length === 0 || only.includes(basename(path)));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tsx = ['--conditions=@spark-rl/source', '--import', 'tsx'];

let failures = 0;
const fail = (path, what) => {
  failures++;
  console.error(`FAILED ${relative(root, path)}: ${what}`);
};
const node = (args) =>
  spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 300_000 });

/** The fenced blocks of a page, in order. */
const blocksOf = (text) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, content]) => ({
    language,
    content,
  }));

/** What a heading is called in links, as GitHub and TypeDoc have it. */
const anchorOf = (heading) =>
  heading
    .replace(/`/g, '')
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .trim()
    .replace(/ /g, '-');
const anchorsOf = (text) =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, each]) =>
    anchorOf(each),
  );

function checkLinks(path, text) {
  for (const [, target] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    const [file, anchor] = target.split('#');
    const at = file === '' ? path : resolve(dirname(path), file);
    if (!existsSync(at)) fail(path, `the link to ${target} leads nowhere`);
    else if (anchor !== undefined && !anchorsOf(readFileSync(at, 'utf8')).includes(anchor))
      fail(path, `${target}: the page has no such heading`);
  }
}

/** The arguments of the app in a line of shell, undefined for other commands. */
function appArguments(line) {
  const match = /^(?:npm run -s spark-rl -- |spark-rl )(.+)$/.exec(line.replace(/\s+#.*$/, ''));
  return match?.[1]
    .match(/'[^']*'|"[^"]*"|\S+/g)
    .map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
}

const helps = new Map();
function helpOf(command) {
  const key = command.join(' ');
  if (!helps.has(key)) {
    const { status, stdout } = node([...tsx, 'apps/trainer/src/bin.ts', ...command, '--help']);
    helps.set(key, status === 0 ? stdout : undefined);
  }
  return helps.get(key);
}

let schema;
/** Whether the configuration has a field, such as `model.lora.rank`: any field is an option of commands that take --set. */
function isField(name) {
  schema ??= JSON.parse(node([...tsx, 'apps/trainer/src/bin.ts', 'config', '--schema']).stdout);
  const has = (node, [part, ...rest]) =>
    part === undefined ||
    [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])].some(
      (each) =>
        (Object.hasOwn(each.properties ?? {}, part) && has(each.properties[part], rest)) ||
        (each !== node && has(each, [part, ...rest])) ||
        typeof each.additionalProperties === 'object',
    );
  return has(schema, name.split('.'));
}

function checkCommand(path, line) {
  const script = /^(?:[A-Z_]+=\S+ )*npm run (?:-s )?([\w:-]+)/.exec(line)?.[1];
  if (script !== undefined && !Object.hasOwn(scripts, script))
    return fail(path, `package.json has no script ${script}`);
  const words = appArguments(line);
  if (words === undefined) return;
  if (words.includes('--dry-run')) {
    const { status, stdout, stderr } = node([...tsx, 'apps/trainer/src/bin.ts', ...words]);
    if (status !== 0) fail(path, `${line} ended with ${status}\n${stdout}${stderr}`);
    return;
  }
  if (words[0].startsWith('-')) return;
  // A group of commands lists its own: `webshop search`.
  const first = helpOf(words.slice(0, 1));
  if (first === undefined) return fail(path, `${line}: there is no command ${words[0]}`);
  const nested = new RegExp(`^  ${words[1]}[ \\n]`, 'm').test(first.split('Commands:')[1] ?? '');
  const help = nested ? helpOf(words.slice(0, 2)) : first;
  for (const option of words.filter((word) => word.startsWith('--'))) {
    const [flag] = option.split('=');
    const setsField = help.includes('--set <') && isField(flag.slice(2));
    if (!help.includes(flag) && !setsField) fail(path, `${line}: there is no ${option}`);
  }
}

const work = join(root, 'apps', 'trainer', '.guide-examples');
mkdirSync(work, { recursive: true });
try {
  for (const path of pages) {
    const text = readFileSync(path, 'utf8');
    const before = failures;
    checkLinks(path, text);
    const checked = ['index.md', 'gpu.md', 'logging.md', 'evaluation.md'];
    if (dirname(path) === docs && !checked.includes(basename(path))) continue;
    const blocks = blocksOf(text);
    for (const [i, { language, content }] of blocks.entries()) {
      if (language === 'sh')
        for (const line of content.trim().split('\n')) checkCommand(path, line);
      if (language !== 'ts') continue;
      const file = join(work, `${basename(path, '.md')}-${i}.mts`);
      writeFileSync(file, content);
      const { status, stdout, stderr } = node([...tsx, file]);
      const expected = blocks[i + 1]?.language === 'text' ? blocks[i + 1].content : undefined;
      if (status !== 0 || stdout.trim() === '')
        fail(path, `block ${i} ended with ${status}\n${stdout}${stderr}`);
      else if (expected !== undefined && expected !== stdout)
        fail(path, `promises\n${expected}but block ${i} printed\n${stdout}`);
      else if (process.env.SHOW) console.log(stdout);
    }
    if (failures === before) console.log(`ok ${relative(root, path)}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);
