import { distance } from 'fastest-levenshtein';

/** The known name that a mistyped one most resembles; undefined where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const best = known
    .map((each) => ({ each, edits: distance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)[0];
  return best !== undefined && best.edits <= Math.max(2, name.length / 3) ? best.each : undefined;
}

/** What to say of a name that is not known: the nearest one, and all there are. */
export function knownNames(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const question = nearest === undefined ? '' : `Did you mean ${nearest}? `;
  return `${question}Known here: ${known.join(', ')}.`;
}
