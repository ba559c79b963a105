import type { TopLevelSpec } from 'vega-lite';

/** A picture as Vega-Lite describes it: data, marks, encodings (https://vega.github.io/vega-lite). */
export type ChartSpec = TopLevelSpec;

/** One of several charts below each other. */
export type ChartPanel = Extract<ChartSpec, { vconcat: unknown }>['vconcat'][number];

/**
 * Draws a chart without a browser. The libraries are loaded only here: most commands draw nothing.
 *
 * @returns the picture as an SVG document
 */
export async function renderChart(spec: ChartSpec): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
