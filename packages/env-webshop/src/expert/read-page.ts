/** A product in a list of results. */
export interface Offer {
  readonly asin: string;
  readonly title: string;
  /** The lowest price that is shown, in dollars. */
  readonly price: number;
}

/** What an observation in text mode shows. */
export type SeenPage =
  | { readonly kind: 'search' }
  | { readonly kind: 'results'; readonly page: number; readonly offers: readonly Offer[] }
  | { readonly kind: 'item'; readonly texts: readonly string[]; readonly title: string }
  | { readonly kind: 'sub-page'; readonly text: string }
  | { readonly kind: 'done' };

const SEPARATOR = ' [SEP] ';
const RESULTS = /^Page (-?\d+) \(Total results: \d+\)$/;
const ASIN = /^[A-Z0-9]{10}$/;

/** The parts of an observation, without the quotes that some prompts put around them. */
const partsOf = (observation: string): string[] =>
  observation
    .split(SEPARATOR)
    .map((part) =>
      part.length > 1 && part.startsWith("'") && part.endsWith("'") ? part.slice(1, -1) : part,
    );

function readOffers(parts: readonly string[]): Offer[] {
  const offers: Offer[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [asin, title, price] = [parts[i]!, parts[i + 1]!, parts[i + 2]!];
    if (!ASIN.test(asin)) break;
    const amounts = [...price.matchAll(/[\d.]+/g)].map(([amount]) => Number(amount));
    offers.push({ asin, title, price: Math.min(...amounts) });
  }
  return offers;
}

/** Reads an observation in text mode, in any of the prompt formats. */
export function readPage(observation: string): SeenPage {
  const parts = partsOf(observation);
  if (parts[0] === 'Thank you for shopping with us!') return { kind: 'done' };
  const results = parts.findIndex((part) => RESULTS.test(part));
  if (results >= 0) {
    const next = parts.indexOf('Next >', results);
    const page = Number(RESULTS.exec(parts[results]!)![1]);
    return { kind: 'results', page, offers: readOffers(parts.slice(next + 1)) };
  }
  const back = parts.indexOf('Back to Search');
  if (back < 0) return { kind: 'search' };
  const rest = parts.slice(back + 2);
  const price = rest.findIndex((part) => part.startsWith('Price: '));
  if (parts.at(-1) === 'Buy Now' && price > 0)
    return { kind: 'item', texts: rest.slice(0, price - 1), title: rest[price - 1]! };
  return { kind: 'sub-page', text: rest.join(' ') };
}
