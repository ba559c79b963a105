import type { Names } from './names.js';
import { worldFiles } from './world-files.js';

/** The packages that a project of its own needs, as published. */
export const PACKAGE_RANGES: Readonly<Record<string, string>> = {
  '@spark-rl/agent-protocol': '^0.1.0',
  '@spark-rl/branching-criteria': '^0.1.0',
  '@spark-rl/budget': '^0.1.0',
  '@spark-rl/core': '^0.1.0',
  '@spark-rl/tree-rollout': '^0.1.0',
  zod: '^4.0.0',
};

const manifest = ({ kebab }: Names): string =>
  `${JSON.stringify(
    {
      name: kebab,
      version: '0.1.0',
      private: true,
      type: 'module',
      engines: { node: '>=20.19.0' },
      scripts: {
        start: 'tsc && node dist/main.js',
        test: 'tsc && node --test dist/environment.test.js',
      },
      dependencies: PACKAGE_RANGES,
      devDependencies: { '@types/node': '^20.19.0', typescript: '^5.9.0' },
    },
    null,
    2,
  )}\n`;

const tsconfig = `{
  "compilerOptions": {
    "target": "es2022",
    "module": "nodenext",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "types": ["node"],
    "rootDir": "src",
    "outDir": "dist"
  },
  "include": ["src"]
}
`;

const mainFile = ({
  camel,
}: Names): string => `import { sparkProtocol } from '@spark-rl/agent-protocol';
import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { randomSource, textPolicy, treeId, type Task } from '@spark-rl/core';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { ${camel}Brief } from './brief.js';
import { ${camel}Environment } from './environment.js';

// Any function from a prompt to a response is a policy: call a model here. This one opens a box at random, and says that it is unsure
// while many are closed; equal keys must give equal responses.
const policy = textPolicy('opens-any', (prompt, { key }) => {
  const closed = [...prompt.matchAll(/Closed: ([\\d, ]+)\\./g)].at(-1)![1]!.split(', ');
  const action = \`<action>open box \${randomSource(key).pick(closed)}</action>\`;
  return closed.length > 3
    ? \`<explore>It can be in any of \${closed.length}.</explore>\${action}\`
    : \`<think>Not many are left.</think>\${action}\`;
});

// SPARK's rollout: 4 roots, forks of 2 where the policy explores, at most 8 leaves.
const environment = ${camel}Environment({ maxSteps: 3 });
const tasks = environment.tasks({ split: 'train', count: 4 }) as Task[];
const trees = await rolloutTrees({
  environment,
  policy,
  protocol: sparkProtocol({ form: 'messages' }),
  brief: ${camel}Brief(),
  budget: leafBudget({ leaves: 8 }),
  criterion: exploreTag({ width: 2 }),
  trees: tasks.map((task) => ({ task, treeId: treeId(task.id), seed: ['example', 1] })),
});
for (const { task, leaves, turns } of trees) {
  const found = leaves.filter(({ outcome }) => outcome === 'success').length;
  console.log(\`\${task.id}: \${leaves.length} leaves, \${turns.size} turns, \${found} with success\`);
}
`;

const testFile = ({ camel }: Names): string => `import { test } from 'node:test';

import { environmentChecks } from '@spark-rl/core/testing';

import { ${camel}Environment } from './environment.js';

// Does the world keep the contract? Determinism, purity of step, JSON tasks, and so on.
for (const { name, run } of environmentChecks({
  make: () => ${camel}Environment(),
  query: { split: 'train', count: 3 },
})) {
  test(name, run);
}
`;

const readme = ({ kebab, camel }: Names): string => `# ${kebab}

An environment for language-model agents, made with \`spark-rl new environment ${kebab}\`: a small whole world, to be replaced by your own.

\`\`\`sh
npm install
npm test     # does the world keep the contract of an environment?
npm start    # grows SPARK's trees in it, with a policy that is one function
\`\`\`

| file | what it is |
| ---- | ---------- |
| \`src/environment.ts\` | the world: a state, \`tasks\`, \`reset\`, \`step\`, \`admissible\` |
| \`src/brief.ts\` | what an agent is told before it acts |
| \`src/expert.ts\` | \`${camel}Expert\`: who shows how it is done, for a warm-up |
| \`src/environment.test.ts\` | the conformance suite |
| \`src/main.ts\` | a rollout with a budget of leaves |
`;

/** A project of its own that depends on published packages. Its files by path. */
export const projectFiles = (names: Names): Readonly<Record<string, string>> => ({
  'package.json': manifest(names),
  'tsconfig.json': tsconfig,
  '.gitignore': 'node_modules/\ndist/\n',
  'README.md': readme(names),
  ...Object.fromEntries(
    Object.entries(worldFiles(names)).map(([file, text]) => [`src/${file}`, text]),
  ),
  'src/environment.test.ts': testFile(names),
  'src/main.ts': mainFile(names),
});
