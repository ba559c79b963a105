/** A group of options of a product, such as its sizes. */
export interface OptionGroup {
  /** Lower-cased, such as `size`. */
  readonly name: string;
  /** Lower-cased, in the shop's order; a value may occur twice. */
  readonly values: readonly string[];
}

/** An instruction that a person wrote for a product. */
export interface HumanInstruction {
  readonly instruction: string;
  readonly attributes: readonly string[];
  /** Values only, such as `blue`. */
  readonly options: readonly string[];
}

/** A product as the shop shows it, made of the three data files. */
export interface Product {
  readonly asin: string;
  readonly title: string;
  readonly description: string;
  readonly bulletPoints: readonly string[];
  /** One of beauty, electronics, garden, fashion, grocery in the original data. */
  readonly category: string;
  /** The search that led to the product when the data were collected; lower-cased. */
  readonly query: string;
  /** From general to special, separated by `›`. */
  readonly productCategory: string;
  readonly attributes: readonly string[];
  /** In dollars: one price, or two between which it is drawn. */
  readonly prices: readonly [number] | readonly [number, number];
  /** As the shop shows it: `$5.0`, `$19.99 to $27.99`. */
  readonly priceText: string;
  readonly options: readonly OptionGroup[];
  /** The address of the first picture, where there is one. */
  readonly image: string | null;
  /** The synthetic instruction and what it asks for, where there is one. */
  readonly instruction: string | null;
  readonly instructionAttributes: readonly string[];
  readonly humanInstructions: readonly HumanInstruction[];
}
