import type { Names } from '../../apps/trainer/src/commands/new/names.js';
import type { Changes } from './changes.js';
import { refuseTaken, withExport, withImport } from './edit-source.js';

const PACKAGE = 'packages/branching-criteria';

const sourceFile = ({
  kebab,
  camel,
  pascal,
}: Names): string => `import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import { widthSchema } from '../width.js';

const ${camel}Options = z.strictObject({
  words: countSchema.default(40),
  width: widthSchema.default(2),
});

/** How many words, and B, of {@link ${camel}}. */
export type ${pascal}Options = z.input<typeof ${camel}Options>;

/**
 * Forks where the agent reasons at length: b_t = B if its reasoning has at least k words, else 1. The priority of a request is the
 * number of words.
 *
 * @param options.words - k, a whole number of at least 1, 40 by default
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function ${camel}(options: ${pascal}Options = {}): BranchingCriterion {
  const { words, width } = parseInput(${camel}Options, options, 'options of ${camel}');
  return {
    id: \`${kebab}(\${words},\${width})\`,
    maxWidth: width,
    decide: ({ turn }) => {
      const said = turn.response.reasoning.split(/\\s+/).filter((word) => word !== '').length;
      return said >= words ? { width, priority: said } : { width: 1 };
    },
  };
}
`;

const testFile = ({
  kebab,
  camel,
}: Names): string => `import { InvalidInputError } from '@spark-rl/core';

import { ${camel} } from '../src/index.js';
import { askAfter } from './make.js';

describe('${kebab}', () => {
  it('asks from so many words of reasoning on, with their number as priority', () => {
    const three = ${camel}({ words: 3, width: 4 });
    expect(askAfter(three, { reasoning: 'one two three' })).toEqual({ width: 4, priority: 3 });
    expect(askAfter(three, { reasoning: ' one\\n two  three four ' })).toEqual({ width: 4, priority: 4 });
    expect(askAfter(three, { reasoning: 'one two' })).toEqual({ width: 1 });
    expect(askAfter(three, { reasoning: '', text: 'one two three' })).toEqual({ width: 1 });
  });

  it('says what it is', () => {
    expect(${camel}()).toMatchObject({ id: '${kebab}(40,2)', maxWidth: 2 });
  });

  it.each([{ words: 0 }, { words: 1.5 }, { width: 0 }, { word: 3 }])('refuses %j', (options) => {
    expect(() => ${camel}(options as never)).toThrow(InvalidInputError);
  });
});
`;

/** A new branching criterion: source, test, export, a row in the README, and a name in the configuration of the app. */
export function criterionChanges(changes: Changes, names: Names): void {
  const { kebab, camel, pascal } = names;
  const index = `${PACKAGE}/src/index.ts`;
  const source = sourceFile(names);
  refuseTaken(camel, [changes.read(index), source]);
  changes.create(`${PACKAGE}/src/criteria/${kebab}.ts`, source);
  changes.create(`${PACKAGE}/tests/${kebab}.test.ts`, testFile(names));
  const exports = `export { ${camel}, type ${pascal}Options } from './criteria/${kebab}.js';`;
  changes.edit(index, (text) => withExport(text, exports));
  changes.before(
    `${PACKAGE}/README.md`,
    '| `criterion` ',
    `| \`${camel}\` | where its reasoning has at least k words | \`words\` (40), \`width\` | parsed response |\n`,
  );
  changes.create(
    `.changeset/criterion-${kebab}.md`,
    `---\n'@spark-rl/branching-criteria': minor\n---\n\nThe criterion ${camel}.\n`,
  );

  const list = 'export const CRITERIA = [';
  const schema = changes.find('apps/trainer/src/config', list);
  changes.append(schema, list, ']', `  '${kebab}',`);
  const method = 'apps/trainer/src/pipeline/method.ts';
  changes.edit(method, (text) => withImport(text, '@spark-rl/branching-criteria', camel));
  changes.before(
    method,
    '    default:\n      return calibratedQuantile(',
    `    case '${kebab}':\n      return ${camel}({ width });\n`,
  );
}

/** What comes next, in words. */
export const criterionNext = ({ kebab }: Names): string =>
  `packages/branching-criteria/src/criteria/${kebab}.ts asks where reasoning is long: replace that with your own rule.
  cd packages/branching-criteria && npx jest tests/${kebab}.test.ts
  npm run -s spark-rl -- train --preset smoke --set rollout.criterion=${kebab}
The guide is docs/guides/your-own-criterion.md.
`;
