import { InvalidInputError } from '@spark-rl/core';

/** Puts an export into an index of named exports, where its path belongs in the alphabet. */
export function withExport(index: string, statement: string): string {
  const pathOf = (text: string): string => / from '(.+)';/.exec(text)?.[1] ?? '';
  const statements = index.match(/export (?:type )?\{[^}]*\} from '[^']+';\n/g) ?? [];
  const next = statements.find((each) => pathOf(each) > pathOf(statement));
  return next === undefined
    ? `${index}${statement}\n`
    : index.replace(next, `${statement}\n${next}`);
}

/** The names that a source exports or imports. */
export const namesIn = (source: string): ReadonlySet<string> =>
  new Set(
    [...source.matchAll(/(?:import|export) (?:type )?\{([^}]*)\}/g)].flatMap(([, names]) =>
      names!.split(',').map((each) => each.trim().replace(/^type /, '')),
    ),
  );

/** Adds a name to what a source imports from a module. */
export function withImport(source: string, module: string, name: string): string {
  const statement = new RegExp(`import \\{([^}]*)\\} from '${module}';`);
  const names = statement
    .exec(source)?.[1]
    ?.split(',')
    .map((each) => each.trim());
  if (names === undefined) {
    throw new InvalidInputError(`nothing is imported from ${module}`, {
      field: module,
      remedy: 'The file was rewritten: tell tools/generators where the new import belongs.',
    });
  }
  const [types, values] = [true, false].map((type) =>
    names.filter((each) => each !== '' && each.startsWith('type ') === type),
  );
  const sorted = [...values!, name].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()));
  return source.replace(
    statement,
    () => `import { ${[...sorted, ...types!].join(', ')} } from '${module}';`,
  );
}

const RESERVED = new Set(
  (
    'abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do else enum ' +
    'eval export extends false finally for from function get if implements import in instanceof interface let new null number of ' +
    'object package private protected public return set static string super switch symbol this throw true try type typeof ' +
    'undefined unknown var void while with yield'
  ).split(' '),
);

/** Refuses a name that the language, or a neighbouring source, has given to something else. */
export function refuseTaken(identifier: string, sources: readonly string[]): void {
  if (!RESERVED.has(identifier) && !sources.some((source) => namesIn(source).has(identifier)))
    return;
  throw new InvalidInputError(`${identifier} is the name of something else`, {
    field: 'name',
    value: identifier,
    remedy: 'Choose another name.',
  });
}
