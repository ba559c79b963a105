/** Colours of curves, by their place; told apart by their dashes, too. */
const CURVES = ['--curve-1', '--curve-2', '--curve-3', '--curve-4', '--curve-5', '--curve-6'];
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 4], [8, 8]];

const read = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** What a canvas is drawn with: it does not know style sheets. */
export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly curve: (index: number) => string;
  readonly dash: (index: number) => number[];
}

export const chartColours = (): ChartColours => ({
  text: read('--muted'),
  grid: read('--line'),
  curve: (index) => read(CURVES[index % CURVES.length]!),
  dash: (index) => [...DASHES[index % DASHES.length]!],
});
