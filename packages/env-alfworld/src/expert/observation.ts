/** What an observation says about the world. */
export interface Sightings {
  /** The receptacles of the room; empty when the text does not list them. */
  readonly room: readonly string[];
  /** The receptacles that the agent stands at, when the text says so. */
  readonly facing: readonly string[];
  /** Receptacles seen to be closed. */
  readonly closed: readonly string[];
  /** Receptacles seen from inside or above, and what lies there. */
  readonly contents: readonly (readonly [place: string, things: readonly string[]])[];
  readonly taken: { readonly thing: string; readonly place: string } | null;
  readonly moved: { readonly thing: string; readonly place: string } | null;
  /** The object that was just cleaned, heated or cooled. */
  readonly treated: string | null;
  /** Whether the last command did nothing. */
  readonly nothingHappened: boolean;
}

/** The names in a list such as `a mug 2, a mug 1, and a plate 1`; none for `nothing`. */
const names = (list: string): string[] =>
  list.trim() === 'nothing'
    ? []
    : list.split(/, (?:and )?/).map((item) => item.replace(/^an? /, '').trim());

const pair = (
  found: RegExpExecArray | null,
): { readonly thing: string; readonly place: string } | null =>
  found === null ? null : { thing: found[1]!, place: found[2]! };

/** Reads an observation in any of ALFWorld's wordings. */
export function readObservation(text: string): Sightings {
  return {
    room: names(/Looking quickly around you, you see ([^.]*)\./.exec(text)?.[1] ?? 'nothing'),
    facing: names(/You are facing the ([^.]*)\./.exec(text)?.[1] ?? 'nothing'),
    closed: [...text.matchAll(/The ([^.]*?) is closed\./g)].map((found) => found[1]!),
    contents: [
      ...text.matchAll(/(?:On the ([^.]*?)|The ([^.]*?) is open\. In it), you see ([^.]*)\./g),
    ].map((found) => [found[1] ?? found[2]!, names(found[3]!)]),
    taken: pair(/You pick up the ([^.]*?) from the ([^.]*?)\./.exec(text)),
    moved: pair(/You (?:move|put) the ([^.]*?) (?:to|in\/on) the ([^.]*?)\./.exec(text)),
    treated: /You (?:clean|heat|cool) the ([^.]*?) using/.exec(text)?.[1] ?? null,
    nothingHappened: text.startsWith('Nothing happens'),
  };
}
