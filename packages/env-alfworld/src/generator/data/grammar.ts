/**
 * The words of generated household games, as a TWL2 text grammar. The sentences and command forms are ALFWorld's interface
 * strings (alfworld/alfworld, MIT), wording of the data versions 2.1.2 and later, so that play reads exactly like the real
 * games; the rules that produce them are written for this package.
 */
const listOf = (condition: string, subject: string): string =>
  `[{${subject}.indefinite + ' ' + ${subject}.name | ${condition}}]`;

const contents = listOf('inreceptacle(thing:object, place:receptacle)', 'thing');
const facing =
  'atlocation(who:agent, spot:location) & receptacleatlocation(place:receptacle, spot:location)';
const isClean = 'isclean(thing:object)';
const isHot = 'ishot(thing:object)';
const isCool = 'iscool(thing:object)';
const isSliced = 'issliced(thing:object)';

interface Rule {
  readonly condition?: string;
  readonly rhs: string;
}

const when = (conditions: readonly string[], rhs: string): Rule => ({
  condition: conditions.join(' & '),
  rhs,
});
const always = (rhs: string): Rule => ({ rhs });

const HELP = [
  'Available commands:',
  '  look:                             look around your current location',
  '  inventory:                        check your current inventory',
  '  go to (receptacle):               move to a receptacle',
  '  open (receptacle):                open a receptacle',
  '  close (receptacle):               close a receptacle',
  '  take (object) from (receptacle):  take an object from a receptacle',
  '  move (object) to (receptacle):  place an object in or on a receptacle',
  '  examine (something):              examine a receptacle or an object',
  '  use (object):                     use an object',
  '  heat (object) with (receptacle):  heat an object using a receptacle',
  '  clean (object) with (receptacle): clean an object using a receptacle',
  '  cool (object) with (receptacle):  cool an object using a receptacle',
  '  slice (object) with (object):     slice an object using a sharp object',
  '',
].join('\n');

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  intro: [always('-= Welcome to TextWorld, ALFRED! =-\n\n#surroundings#\n\n#task#')],
  surroundings: [
    when(
      [facing],
      `You are facing the [{place.name | ${facing}}]. Next to it, you see ${listOf(
        `${facing} & objectatlocation(thing:object, spot:location) & not_inreceptacle(thing:object, place:receptacle)`,
        'thing',
      )}.`,
    ),
    always(
      `You are in the middle of a room. Looking quickly around you, you see ${listOf('receptacleatlocation(place:receptacle, spot:location)', 'place')}.`,
    ),
  ],
  place: [
    when(
      ['openable(place:receptacle)', 'opened(place:receptacle)'],
      `The {place.name} is open. In it, you see ${contents}.`,
    ),
    when(['openable(place:receptacle)'], 'The {place.name} is closed.'),
    always(`On the {place.name}, you see ${contents}.`),
  ],
  thing: [
    when(
      ['isreceptacleobject(thing:object)'],
      `This is a normal {thing.name}. In it, you see ${listOf('inreceptacleobject(inner:object, thing:object)', 'inner')}.`,
    ),
    when([isClean, isHot, isSliced], 'This is a hot and clean sliced {thing.name}.'),
    when([isClean, isCool, isSliced], 'This is a cool and clean sliced {thing.name}.'),
    when([isClean, isSliced], 'This is a clean sliced {thing.name}.'),
    when([isHot, isSliced], 'This is a hot sliced {thing.name}.'),
    when([isCool, isSliced], 'This is a cool sliced {thing.name}.'),
    when([isClean, isHot], 'This is a hot and clean {thing.name}.'),
    when([isClean, isCool], 'This is a cool and clean {thing.name}.'),
    when([isHot], 'This is a hot {thing.name}.'),
    when([isClean], 'This is a clean {thing.name}.'),
    when([isCool], 'This is a cold {thing.name}.'),
    when([isSliced], 'This is a sliced {thing.name}.'),
    always("There's nothing special about {thing.name}."),
  ],
  carried: [
    when(
      ['holdsany(who:agent)'],
      `You are carrying: ${listOf('holds(who:agent, thing:object)', 'thing')}.`,
    ),
    always('You are not carrying anything.'),
  ],
  arrived: [always('You arrive at {place.name}. #place#')],
  opening: [always('You open the {place.name}. #place#')],
  helping: [always(HELP)],
  list_empty: [always('nothing')],
  list_separator: [always(', ')],
  list_last_separator: [always(', and ')],
};

/** Per action: the form of its command, and what is observed after it. */
const ACTIONS: Readonly<Record<string, readonly [template: string, feedback: string]>> = {
  go: ['go to {place}', '#arrived#'],
  open: ['open {place}', '#opening#'],
  close: ['close {place}', 'You close the {place.name}.'],
  take: ['take {thing} from {place}', 'You pick up the {thing.name} from the {place.name}.'],
  move: ['move {thing} to {place}', 'You move the {thing.name} to the {place.name}.'],
  clean: ['clean {thing} with {place}', 'You clean the {thing.name} using the {place.name}.'],
  heat: ['heat {thing} with {place}', 'You heat the {thing.name} using the {place.name}.'],
  cool: ['cool {thing} with {place}', 'You cool the {thing.name} using the {place.name}.'],
  use: ['use {thing}', 'You turn on the {thing.name}.'],
  slice: ['slice {thing} with {tool}', 'You sliced the {thing.name} with the {tool.name}.'],
  examineplace: ['examine {place}', '#place#'],
  examinething: ['examine {thing}', '#thing#'],
  look: ['look', '#surroundings#'],
  inventory: ['inventory', '#carried#'],
  help: ['help', '#helping#'],
};

const block = (rules: object): string =>
  `grammar :: """\n${JSON.stringify(rules, null, 1)}\n""";\n`;

const COMMON = [
  block(RULES),
  ...Object.entries(ACTIONS).map(
    ([name, [template, feedback]]) =>
      `action ${name} {\n  template :: "${template}";\n  feedback :: "${feedback}";\n}\n`,
  ),
].join('\n');

/** The text grammar of a game whose task is `sentence`, such as `put a hot egg in fridge`. Only its last block differs between games. */
export const householdGrammar = (sentence: string): string =>
  `${COMMON}\n${block({ task: [always(`Your task is to: ${sentence}.`)] })}`;
