/** `npm run new -- KIND NAME`: makes a new environment, criterion or estimator that passes its checks as it stands. */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { InvalidInputError, SparkError } from '@spark-rl/core';

import { namesOf, type Names } from '../../apps/trainer/src/commands/new/names.js';
import { Changes } from './changes.js';
import { criterionChanges, criterionNext } from './criterion.js';
import { environmentChanges, environmentNext } from './environment.js';
import { estimatorChanges, estimatorNext } from './estimator.js';

interface Generator {
  readonly collect: (changes: Changes, names: Names) => void;
  readonly next: (names: Names) => string;
  /** A package has to be linked where the others find it. */
  readonly makesPackage: boolean;
}

const generators: Readonly<Record<string, Generator>> = {
  environment: { collect: environmentChanges, next: environmentNext, makesPackage: true },
  criterion: { collect: criterionChanges, next: criterionNext, makesPackage: false },
  estimator: { collect: estimatorChanges, next: estimatorNext, makesPackage: false },
};

const HELP = `npm run new -- KIND NAME [--dry-run] [--no-install]

  environment NAME   packages/env-NAME: a small whole world with tests, the conformance suite, an expert, a README
  criterion NAME     a branching criterion in packages/branching-criteria
  estimator NAME     an advantage estimator in packages/advantage-normalization

NAME is lower-case words joined by hyphens, such as lucky-boxes. What is made passes its checks as it stands, is
registered where it must be, and is there to be replaced by your own. --dry-run lists the files and writes none.
--no-install leaves out npm install, which links a new package.
`;

async function generate(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      'no-install': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [kind, name, ...more] = positionals;
  if (values.help) return void process.stdout.write(HELP);
  const generator = Object.hasOwn(generators, kind ?? '') ? generators[kind!] : undefined;
  if (generator === undefined || name === undefined || more.length > 0) {
    throw new InvalidInputError(
      kind === undefined
        ? 'there is nothing to make'
        : generator === undefined
          ? `${kind} cannot be made`
          : `${kind} takes one name`,
      { remedy: `Write: npm run new -- ${Object.keys(generators).join('|')} NAME` },
    );
  }
  const names = namesOf(`the ${kind!}`, name);
  const changes = new Changes(process.cwd());
  generator.collect(changes, names);
  const listed = changes.paths.map((path) => `  ${path}\n`).join('');
  if (values['dry-run']) return void process.stdout.write(`would write\n${listed}`);
  const install = generator.makesPackage && !values['no-install'];
  await changes.make(() => {
    if (install) execFileSync('npm', ['install', '--no-audit', '--no-fund'], { stdio: 'inherit' });
  });
  process.stdout.write(`wrote\n${listed}\n${generator.next(names)}`);
}

try {
  await generate(process.argv.slice(2));
} catch (cause) {
  const known = cause instanceof SparkError || cause instanceof TypeError;
  process.stderr.write(`error: ${known ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
}
