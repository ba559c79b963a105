import type { ChartSpec } from '../../apps/trainer/src/output/chart.js';
import { MASS, ROWS, TREES, type CoveragePoint } from './pivotal-steps.js';

/** Shares below this are left out: a few trees in thousands. */
const LEAST = 0.001;

const BRANCHING = ['B = 1 (chains)', 'B = 2', 'B = 3', 'B = 4'];
/** Told apart by most eyes (Okabe and Ito). */
const COLOURS = ['#6b6b6b', '#0072b2', '#e69f00', '#d55e00'];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond'];

const steps = {
  field: 'steps',
  type: 'quantitative' as const,
  title: 'pivotal steps, m',
  scale: { nice: false, domain: [0.7, 8.3] },
  axis: { values: [1, 2, 3, 4, 5, 6, 7, 8], grid: false, format: 'd' },
};
const share = (field: string) => ({
  field,
  type: 'quantitative' as const,
  title: null,
  scale: { type: 'log' as const, domain: [LEAST, 1] },
  axis: { values: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], format: '~g' },
});
const colour = {
  field: 'branching',
  type: 'nominal' as const,
  title: null,
  scale: { domain: BRANCHING, range: COLOURS },
  legend: { orient: 'bottom' as const, symbolSize: 80, symbolOpacity: 1 },
};

/** Points with intervals over predicted curves: a column for each N, a row for each kind of coverage. */
export const pivotalStepsChart = (points: readonly CoveragePoint[]): ChartSpec => ({
  title: {
    text: `Coverage of m pivotal steps, each right with q = ${MASS}`,
    subtitle: [
      `Points: measured on ${TREES.toLocaleString('en-US')} trees, with 95 % intervals.`,
      'Curves: predicted. Dashed: predicted if N never bound.',
    ],
    anchor: 'start',
    fontSize: 15,
    subtitleFontSize: 12,
    subtitlePadding: 6,
    offset: 14,
  },
  background: 'white',
  padding: 12,
  data: { values: [...points] },
  facet: {
    column: {
      field: 'budget',
      type: 'nominal',
      title: null,
      sort: ['N = 8', 'N = 16', 'N without limit'],
      header: { labelFontSize: 13, labelFontWeight: 'bold' },
    },
    row: {
      field: 'covered',
      type: 'nominal',
      title: null,
      sort: [ROWS.line, ROWS.tree],
      header: { labelFontSize: 13, labelFontWeight: 'bold' },
    },
  },
  spec: {
    width: 240,
    height: 220,
    layer: [
      {
        mark: { type: 'line', strokeWidth: 1, strokeDash: [3, 3], opacity: 0.7, clip: true },
        encoding: { x: steps, y: share('unbound'), color: colour },
        transform: [{ filter: 'datum.unbound !== null' }],
      },
      {
        mark: { type: 'line', strokeWidth: 1.5, clip: true },
        encoding: { x: steps, y: share('predicted'), color: colour },
      },
      {
        transform: [
          { filter: `datum.measured >= ${LEAST}` },
          { calculate: `max(datum.low, ${LEAST})`, as: 'from' },
        ],
        mark: { type: 'rule', strokeWidth: 1.2, clip: true },
        encoding: {
          x: steps,
          y: share('from'),
          y2: { field: 'high' },
          color: colour,
        },
      },
      {
        transform: [{ filter: `datum.measured >= ${LEAST}` }],
        mark: { type: 'point', filled: true, size: 34, opacity: 1 },
        encoding: {
          x: steps,
          y: share('measured'),
          color: colour,
          shape: {
            field: 'branching',
            type: 'nominal',
            title: null,
            scale: { domain: BRANCHING, range: SHAPES },
          },
        },
      },
    ],
  },
  config: {
    view: { stroke: '#cccccc' },
    axis: { labelFontSize: 11, titleFontSize: 12, gridColor: '#eeeeee' },
    legend: { labelFontSize: 12 },
  },
});
