// The documentation site: guides and documents beside the types of every package. `npm run docs` builds it into docs/site, offline.
import { appendFileSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import katex from '@vscode/markdown-it-katex';

/** The order in which the site shows them. */
const guides = [
  'first-run',
  'reading-a-tree',
  'your-own-environment',
  'your-own-criterion',
  'your-own-policy',
  'training-on-a-gpu',
  'the-method',
  'paper-against-code',
  'when-not-to-use-spark',
  'faq',
].map((name) => `docs/guides/${name}.md`);
const guided = new Set(guides.map((path) => /^# (.+)/.exec(readFileSync(path, 'utf8'))?.[1]));
const documents = readdirSync('docs')
  .filter((name) => name.endsWith('.md') && name !== 'index.md')
  .map((name) => `docs/${name}`);

/**
 * Calls a document what its heading calls it, and not by its file name.
 *
 * @param {import('typedoc').Application} app
 */
function titles(app) {
  app.converter.on('createDocument', (_context, document) => {
    const [first] = document.content;
    const heading = /^# (.+)\n+/.exec(first?.text ?? '');
    if (heading === null) return;
    document.name = heading[1];
    document.frontmatter.group = guided.has(heading[1]) ? 'Guides' : 'Documents';
  });
}

/**
 * Puts the styles of formulas and their fonts beside the site's own, so that it needs no network.
 *
 * @param {import('typedoc').Application} app
 */
function formulas(app) {
  app.renderer.on('endRender', ({ outputDirectory }) => {
    const plugin = createRequire(import.meta.url).resolve('@vscode/markdown-it-katex');
    // The styles must be of the version that wrote the formulas.
    const from = dirname(createRequire(plugin).resolve('katex/dist/katex.min.css'));
    const assets = join(outputDirectory, 'assets');
    const woff2 = /,url\([^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)/g;
    const css = readFileSync(join(from, 'katex.min.css'), 'utf8').replace(woff2, '');
    appendFileSync(join(assets, 'custom.css'), css);
    cpSync(join(from, 'fonts'), join(assets, 'fonts'), {
      recursive: true,
      filter: (path) => !/\.(?:woff|ttf)$/.test(path),
    });
  });
}

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'spark-rl',
  plugin: [titles, formulas],
  entryPointStrategy: 'packages',
  entryPoints: ['packages/*'],
  packageOptions: {
    entryPoints: ['src/index.ts'],
    tsconfig: 'tsconfig.lib.json',
    disableGit: true,
    gitRevision: 'main',
    sourceLinkTemplate: 'https://github.com/spark-rl/spark-rl/blob/main/{path}#L{line}',
    validation: { notExported: false, invalidLink: true, notDocumented: false },
  },
  readme: 'docs/index.md',
  projectDocuments: [...guides, ...documents],
  out: 'docs/site',
  customCss: 'tools/site/site.css',
  searchInDocuments: true,
  searchInComments: true,
  sort: ['documents-first', 'alphabetical-ignoring-documents'],
  groupOrder: ['Guides', 'Documents', '*'],
  navigation: { includeGroups: true, includeCategories: false },
  markdownItLoader: (parser) => parser.use(katex.default ?? katex, { throwOnError: true }),
  hideGenerator: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  treatValidationWarningsAsErrors: true,
  logLevel: 'Warn',
};
