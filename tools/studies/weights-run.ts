/** What is compared: the three weights of a shared turn, and chains, which share none. */
export const METHODS = ['sum', 'mean', 'reach', 'chain'] as const;
export type StudiedMethod = (typeof METHODS)[number];

/** One training run of the study. */
export interface StudiedRun {
  readonly seed: number;
  readonly method: StudiedMethod;
  /** After each step: tokens generated so far, and the share of the step's turns that explored. */
  readonly steps: readonly {
    readonly tokens: number;
    readonly explore: number;
    readonly success: number;
  }[];
  /** Share of the evaluation games won, and of their turns that explored, at temperature 1. */
  readonly success: number;
  readonly exploreAfter: number;
  readonly exploreBefore: number;
  readonly successBefore: number;
}
