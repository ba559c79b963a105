/** How large turns are drawn. */
export type DensityName = 'cards' | 'labels' | 'dots';

/** Sizes in pixels. */
export interface Density {
  readonly name: DensityName;
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  /** From one turn to the next. */
  readonly columnWidth: number;
  /** From one path to the next. */
  readonly rowHeight: number;
  readonly leafSize: number;
}

export const DENSITIES: readonly Density[] = [
  { name: 'dots', nodeWidth: 14, nodeHeight: 14, columnWidth: 30, rowHeight: 18, leafSize: 12 },
  { name: 'labels', nodeWidth: 112, nodeHeight: 24, columnWidth: 138, rowHeight: 30, leafSize: 15 },
  { name: 'cards', nodeWidth: 178, nodeHeight: 50, columnWidth: 216, rowHeight: 62, leafSize: 18 },
];

/** The density of that name. */
export const densityOf = (name: DensityName): Density =>
  DENSITIES.find((density) => density.name === name)!;

/** The largest at which the whole tree is seen; dots when none is. */
export function fittingDensity(
  rows: number,
  columns: number,
  width: number,
  height: number,
): DensityName {
  const fits = DENSITIES.filter(
    ({ columnWidth, rowHeight }) => rows * rowHeight <= height && columns * columnWidth <= width,
  );
  return fits.at(-1)?.name ?? 'dots';
}

/** Where to begin: as much detail as a tree of that size can bear. */
export const startingDensity = (turns: number, narrow: boolean): DensityName =>
  turns > 500 ? 'dots' : turns > 160 || narrow ? 'labels' : 'cards';
