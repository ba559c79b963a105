/** The choices that a profile names. */
export interface Profile {
  /** Whether the turn that ends a path may fork: its children are copies of a finished leaf. */
  readonly terminalForks: boolean;
  /** Whether a group of fewer than N leaves is filled up by copies of its leaves, drawn with replacement. */
  readonly padding: boolean;
}

/** `spark` follows the paper where the published code wastes budget; `reference-code` does what that code does. */
export const PROFILES = {
  spark: { terminalForks: false, padding: false },
  'reference-code': { terminalForks: true, padding: true },
} as const satisfies Readonly<Record<string, Profile>>;
