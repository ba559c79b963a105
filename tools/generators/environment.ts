import type { Names } from '../../apps/trainer/src/commands/new/names.js';
import { worldFiles, worldTests } from '../../apps/trainer/src/commands/new/world-files.js';
import type { Changes } from './changes.js';

/** A small package of the house, whose build files a new one takes over. */
const PATTERN = 'packages/budget';
const TAKEN_OVER = [
  'jest.config.js',
  'tsup.config.ts',
  'tsconfig.json',
  'tsconfig.lib.json',
  'tsconfig.test.json',
  'tsconfig.build.json',
];

const indexFile = ({ camel, pascal }: Names): string => `export { ${camel}Brief } from './brief.js';
export {
  ${camel}Environment,
  type ${pascal}Options,
  type ${pascal}State,
} from './environment.js';
export { ${camel}Expert } from './expert.js';
`;

const readmeFile = ({ kebab, camel }: Names): string => `# @spark-rl/env-${kebab}

An environment for language-model agents: a row of boxes, one of which holds a prize.

## Install

\`\`\`sh
npm install @spark-rl/env-${kebab}
\`\`\`

## Example

\`\`\`ts
import { observationText } from '@spark-rl/core';
import { ${camel}Environment, ${camel}Expert } from '@spark-rl/env-${kebab}';

const world = ${camel}Environment({ boxes: 4 });
for await (const task of world.tasks({ split: 'train', count: 2 })) {
  const { instruction, ...start } = await world.reset(task);
  const expert = ${camel}Expert().begin({ instruction, key: ['demo'] });
  let { state, observation, status } = start;
  console.log(\`\${task.id}: \${instruction} \${observationText(observation)}\`);
  while (status === 'running') {
    const { action } = expert.act(observation);
    ({ state, observation, status } = await world.step(state, action));
    console.log(\`> \${action}\\n\${observationText(observation)}\`);
  }
}
\`\`\`

## Concepts

- **State**: a value. \`step\` returns a new one and changes nothing, so a rollout can fork anywhere. The conformance suite of
  \`@spark-rl/core/testing\` holds the environment to that, and to the rest of the contract.
- **Task**: \`{ boxes, prize }\`, drawn from split, seed and index: the same query gives the same tasks.
- **Score**: 1 with status \`success\` when the prize is found; \`truncated\` after \`maxSteps\` actions.
- **Brief**: \`${camel}Brief\` tells an agent the world and the forms of its actions.
- **Expert**: \`${camel}Expert\` sees what an agent sees, and marks its turns \`explore\` or \`think\`: the annotated turns of a warm-up.

## Options

| option     | meaning                               | default |
| ---------- | ------------------------------------- | ------- |
| \`boxes\`    | how many boxes, from 2 to 100         | 6       |
| \`maxSteps\` | actions until an episode is cut off   | 10      |

## Where it comes from

The interfaces are those of \`@spark-rl/core\`.
`;

/** A new environment: a package with a small whole world, the conformance suite, a README with an example; and its place in the house. */
export function environmentChanges(changes: Changes, names: Names): void {
  const name = `@spark-rl/env-${names.kebab}`;
  const folder = `packages/env-${names.kebab}`;
  const manifest = JSON.parse(changes.read(`${PATTERN}/package.json`)) as Record<string, unknown>;
  changes.create(
    `${folder}/package.json`,
    JSON.stringify({
      ...manifest,
      name,
      version: '0.1.0',
      description: `The ${names.kebab} environment for language-model agents.`,
      repository: { ...(manifest['repository'] as object), directory: folder },
    }),
  );
  for (const file of TAKEN_OVER)
    changes.create(`${folder}/${file}`, changes.read(`${PATTERN}/${file}`));
  for (const [file, text] of Object.entries(worldFiles(names)))
    changes.create(`${folder}/src/${file}`, text);
  for (const [file, text] of Object.entries(worldTests(names)))
    changes.create(`${folder}/tests/${file}`, text);
  changes.create(`${folder}/src/index.ts`, indexFile(names));
  changes.create(`${folder}/README.md`, readmeFile(names));
  changes.create(
    `.changeset/env-${names.kebab}.md`,
    `---\n'${name}': minor\n---\n\nThe ${names.kebab} environment.\n`,
  );

  changes.edit('tsconfig.json', (text) => {
    const solution = JSON.parse(text) as { references: { path: string }[] };
    const app = solution.references.findIndex(({ path }) => path.startsWith('./apps/'));
    solution.references.splice(app, 0, { path: `./${folder}` });
    return JSON.stringify(solution);
  });
  changes.before(
    'README.md',
    '| [`@spark-rl/tensor`](packages/tensor) ',
    `| [\`${name}\`](${folder}) | the ${names.kebab} environment |\n`,
  );
}

/** What comes next, in words. */
export const environmentNext = ({ kebab, camel }: Names): string =>
  `packages/env-${kebab} holds a small whole world: replace it with yours, file by file, and keep the checks passing.
  cd packages/env-${kebab} && npx jest           its tests, the conformance suite among them
  npx nx run-many -t lint typecheck build test check:package -p @spark-rl/env-${kebab}
To train in it, give apps/trainer the package (package.json, tsconfig.lib.json, tsconfig.test.json) and open ${camel}Environment in apps/trainer/src/worlds.
The guide is docs/guides/your-own-environment.md.
`;
