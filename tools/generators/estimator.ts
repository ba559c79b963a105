import type { Names } from '../../apps/trainer/src/commands/new/names.js';
import type { Changes } from './changes.js';
import { refuseTaken, withExport, withImport } from './edit-source.js';

const PACKAGE = 'packages/advantage-normalization';

const sourceFile = ({
  kebab,
  camel,
  pascal,
}: Names): string => `import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { leafEstimator } from '../group/leaf-estimator.js';
import { commonShape } from '../options.js';

const optionsSchema = z.strictObject(commonShape);

/** The settings of \`${camel}\`. */
export type ${pascal}Options = z.input<typeof optionsSchema>;

/** The middle one of some values; of an even number of them, the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Compares every leaf with the median of its group, which a few very good or very bad leaves do not move.
 *
 *     A_i = R_i - median R
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * @throws InvalidInputError naming the wrong option or, from \`estimate\`, the tree or leaf at fault
 */
export function ${camel}(options: ${pascal}Options = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of ${camel}');
  return leafEstimator('${kebab}', settings, (group) => {
    const baseline = median(group.map(({ reward }) => reward));
    return group.map(({ reward }) => reward - baseline);
  });
}
`;

const testFile = ({
  kebab,
  camel,
}: Names): string => `import { InvalidInputError } from '@spark-rl/core';

import { ${camel} } from '../src/index.js';
import { advantagesOf, expectAdvantages } from './credits.js';
import { tree } from './trees.js';

const byScore = { reward: ({ score }: { readonly score: number }) => score };

describe('${kebab}', () => {
  it('takes the median of the leaves off, and gives a shared turn a copy for each of them', () => {
    // Scores 1, 10 and 3: the median is 3.
    const forked = tree([
      { next: [{ next: 'success', score: 1 }, { next: 'success', score: 10 }] },
      { next: 'failure', score: 3 },
    ]);
    expectAdvantages(advantagesOf(${camel}(byScore), [forked]), {
      '0': [-2, 7],
      '0.0': [-2],
      '0.1': [7],
      '1': [0],
    });
  });

  it('takes the mean of the two in the middle where leaves are even in number', () => {
    const chains = tree([2, 4, 7, 100].map((score) => ({ next: 'success', score })));
    expectAdvantages(advantagesOf(${camel}(byScore), [chains]), {
      '0': [-3.5],
      '1': [-1.5],
      '2': [1.5],
      '3': [94.5],
    });
  });

  it('has nothing to say of a single leaf', () => {
    expect(${camel}().estimate([tree([{ next: 'success' }])])).toEqual([]);
  });

  it('refuses an option that it does not know', () => {
    expect(() => ${camel}({ std: true } as never)).toThrow(InvalidInputError);
  });
});
`;

/** A new advantage estimator: source, test, export, a row in the README, its place in the tests of all estimators, and in the app. */
export function estimatorChanges(changes: Changes, names: Names): void {
  const { kebab, camel, pascal } = names;
  const index = `${PACKAGE}/src/index.ts`;
  const source = sourceFile(names);
  refuseTaken(camel, [changes.read(index), source]);
  changes.create(`${PACKAGE}/src/grpo/${kebab}.ts`, source);
  changes.create(`${PACKAGE}/tests/${kebab}.test.ts`, testFile(names));
  const exports = `export { ${camel}, type ${pascal}Options } from './grpo/${kebab}.js';`;
  changes.edit(index, (text) => withExport(text, exports));
  changes.before(
    `${PACKAGE}/README.md`,
    '\n| `spoEdge` ',
    `\n| \`${camel}\` | R_i - median R | | groups with a few very good leaves |`,
  );
  changes.create(
    `.changeset/estimator-${kebab}.md`,
    `---\n'@spark-rl/advantage-normalization': minor\n---\n\nThe estimator ${camel}.\n`,
  );

  // What every estimator is tested for: shifts and scalings of the rewards, fines, whether its update makes a policy better.
  const everyEstimator = `${PACKAGE}/tests/every-estimator.ts`;
  changes.edit(everyEstimator, (text) => withImport(text, '../src/index.js', camel));
  changes.before(
    everyEstimator,
    "  'dr-grpo': {",
    `  '${kebab}': { make: (o) => ${camel}(o), shiftFree: true, scaled: 'advantages' },\n`,
  );

  const list = 'export const ESTIMATOR_NAMES = [';
  const schema = changes.find('apps/trainer/src/config', list);
  changes.append(schema, list, ']', `  '${kebab}',`);
  const app = 'apps/trainer/src/pipeline/estimator.ts';
  changes.edit(app, (text) => withImport(text, '@spark-rl/advantage-normalization', camel));
  changes.append(app, 'const ESTIMATORS = {', '}', `  '${kebab}': ${camel},`);
}

/** What comes next, in words. */
export const estimatorNext = ({ kebab }: Names): string =>
  `packages/advantage-normalization/src/grpo/${kebab}.ts compares with the median: replace that with your own formula.
  cd packages/advantage-normalization && npx jest
  npm run -s spark-rl -- train --preset smoke --set learning.estimator=${kebab}
`;
