/** What a synthetic instruction asks for. */
export interface Wish {
  /** The kind of product and its attributes, as they stand: the words before the options. */
  readonly phrase: string;
  /** The attributes as far as the sentence's form tells them apart from the kind. */
  readonly attributes: readonly string[];
  /** The values wanted, by the names of their groups. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** In dollars; infinite where none is named. */
  readonly priceLimit: number;
}

const PRICE = /, and price lower than ([\d.]+) dollars$/;
const OPTION = /^([^:]+): (.*)$/;

/** `size: large, and color: blue` as pairs; null where a part has another form. */
function readOptions(text: string): (readonly [string, string])[] | null {
  const parts = text.split(', and ').map((part) => OPTION.exec(part));
  return parts.every((part) => part !== null) ? parts.map((part) => [part[1]!, part[2]!]) : null;
}

/**
 * Reads an instruction of the form `Find me A, B kind with C with size: large, and color: blue, and price lower than 30.00
 * dollars`. Another sentence is all phrase.
 */
export function readInstruction(instruction: string): Wish {
  const price = PRICE.exec(instruction);
  let phrase = instruction.replace(PRICE, '').replace(/^Find me /i, '');
  let options: readonly (readonly [string, string])[] = [];
  // Options stand last, after the last " with " from which on everything has their form.
  for (const { index: at } of [...phrase.matchAll(/ with /g)].reverse()) {
    const found = readOptions(phrase.slice(at + ' with '.length));
    if (found === null) continue;
    options = found;
    phrase = phrase.slice(0, at);
    break;
  }
  const [before, after] = phrase.split(' with ') as [string, string?];
  const list = before.split(', ');
  return {
    phrase,
    // The last of the list before "with" runs into the kind of product, so it cannot be told apart.
    attributes: [...list.slice(0, -1), ...(after === undefined ? [] : after.split(', '))],
    options,
    priceLimit: price === null ? Infinity : Number(price[1]),
  };
}
