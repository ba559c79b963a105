import { EXAMPLES } from '../src/commands/examples.js';
import { commandLine } from '../src/cli.js';
import { fieldFlags } from '../src/config/parse-setting.js';
import { commandPath } from '../src/output/help.js';

type Command = ReturnType<typeof commandLine>;

const program = commandLine({ write: () => undefined, interactive: false }, () => undefined);

function* commandsOf(command: Command): Generator<Command> {
  yield command;
  for (const child of command.commands) yield* commandsOf(child);
}

const all = [...commandsOf(program)];
const leaves = all.filter(({ commands }) => commands.length === 0);

/** Words of a shell line that quotes nothing but with double quotes. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|\S+/g)].map(([whole, quoted]) => quoted ?? whole);

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (more) => void (text += more) });
  command.outputHelp();
  return text;
}

describe('help', () => {
  it.each(leaves.map((command) => [commandPath(command), command] as const))(
    '%s says in a sentence what it does, shows examples, and groups its options',
    (path, command) => {
      const text = helpOf(command);
      expect(text).toMatch(/^Usage: .*\n\n[A-Z][^]*?\.\n/);
      expect(text).toContain('\nWhat is printed:\n');
      expect(text).toMatch(/--json\s+print what comes out as JSON/);
      expect(text).toContain(`\nExamples:\n  $ spark-rl ${path}`);
      expect(text).not.toContain('(default: false)');
    },
  );

  it('puts every command under a heading', () => {
    const text = helpOf(program);
    for (const heading of ['Train:', 'Measure:', 'Look, serve, hand on:', 'Worlds:'])
      expect(text).toContain(`\n${heading}\n`);
    expect(text.split('\nCommands:\n')[1]).toMatch(/^ {2}help [^\n]*\n\nExamples:/);
  });
});

describe('examples', () => {
  const known = new Map(all.map((command) => [commandPath(command), command]));
  const lines = Object.entries(EXAMPLES).flatMap(([path, examples]) =>
    examples.map(({ typed }) => [typed, path] as const),
  );

  it.each(lines)('spark-rl %s', (typed, path) => {
    const args = [...fieldFlags(words(typed))];
    const names: string[] = [];
    while (args[0] !== undefined && known.has([...names, args[0]].join(' ')))
      names.push(args.shift()!);
    const command = known.get(names.join(' '))!;
    expect(command.commands.length).toBe(0);
    if (path !== '' && !(path === 'sft' && names[0] === 'resume'))
      expect(names.join(' ')).toBe(path);
    const { operands, unknown } = command.parseOptions(args);
    expect(unknown).toEqual([]);
    const wanted = command.registeredArguments;
    expect(operands.length).toBeGreaterThanOrEqual(
      wanted.filter(({ required }) => required).length,
    );
    if (!wanted.some(({ variadic }) => variadic))
      expect(operands.length).toBeLessThanOrEqual(wanted.length);
    for (const option of command.options.filter(({ mandatory }) => mandatory))
      expect(args).toContain(option.long);
  });

  it('belong to commands that there are', () => {
    expect(Object.keys(EXAMPLES).filter((path) => !known.has(path))).toEqual([]);
  });
});
