import type { Estimate, LabReport } from '@spark-rl/criteria-lab';

import type { ChartPanel, ChartSpec } from './chart.js';

const WIDTH = 520;
const BLUE = '#2b6ca3';
const ORANGE = '#c8651b';
const GREY = '#8a8f98';

const TURN = { field: 'turn', type: 'ordinal', title: 'turn', axis: { labelAngle: 0 } } as const;
const interval = ({ value, low, high }: Estimate) => ({
  value,
  low: low ?? value,
  high: high ?? value,
});

/** How important turns are: the mean variance of success, and the part that the first action decides. */
function importancePanel({ byTurn }: LabReport): ChartPanel {
  const kinds = [
    ['variance of success', 'variance'],
    ['part of it between first actions', 'betweenActions'],
  ] as const;
  return {
    title: 'How much it matters what is done after a turn (mean, 95 %)',
    width: WIDTH,
    height: 180,
    data: {
      values: byTurn.flatMap((turn) =>
        kinds.map(([kind, field]) => ({
          turn: turn.turnIndex,
          kind,
          turns: turn.turns,
          ...interval(turn[field]),
        })),
      ),
    },
    encoding: {
      x: TURN,
      color: {
        field: 'kind',
        type: 'nominal',
        sort: null,
        scale: { range: [BLUE, ORANGE] },
        legend: { title: null, orient: 'top', symbolType: 'stroke', symbolOpacity: 1 },
      },
    },
    layer: [
      {
        mark: { type: 'area', opacity: 0.15 },
        encoding: {
          y: { field: 'low', type: 'quantitative', title: 'importance' },
          y2: { field: 'high' },
        },
      },
      {
        mark: { type: 'line', point: true },
        encoding: { y: { field: 'value', type: 'quantitative', title: 'importance' } },
      },
    ],
  };
}

/** Where each criterion asks for forks. */
const triggerPanel = ({ criteria }: LabReport): ChartPanel => ({
  title: 'Share of turns at which a criterion asks for a fork',
  width: WIDTH,
  height: { step: 20 },
  data: {
    values: criteria.flatMap(({ criterion, byTurn }) =>
      byTurn.map(({ turnIndex, turns, triggered }) => ({
        criterion,
        turn: turnIndex,
        share: turns === 0 ? null : triggered / turns,
      })),
    ),
  },
  mark: { type: 'rect' },
  encoding: {
    x: TURN,
    y: {
      field: 'criterion',
      type: 'nominal',
      sort: null,
      title: null,
      axis: { labelLimit: 260 },
    },
    color: {
      field: 'share',
      type: 'quantitative',
      scale: { range: ['#f4f7fa', '#1d558c'], domain: [0, 1] },
      legend: { title: null, format: '.0%', gradientLength: 80 },
    },
  },
});

/** How well each finds the turns that matter, beside what can be reached. */
function aurocPanel({ criteria, ceiling }: LabReport): ChartPanel {
  const lines = [
    { at: 0.5, line: 'chance' },
    ...(ceiling.auroc.value === null ? [] : [{ at: ceiling.auroc.value, line: 'noise ceiling' }]),
    ...(ceiling.halfAuroc.value === null
      ? []
      : [{ at: ceiling.halfAuroc.value, line: 'half of the continuations' }]),
  ];
  const names = criteria.map(({ criterion }) => criterion);
  return {
    title: 'AUROC for critical turns (95 %)',
    width: WIDTH,
    height: { step: 20 },
    layer: [
      {
        data: {
          values: criteria.map((each) => ({ criterion: each.criterion, ...interval(each.auroc) })),
        },
        encoding: {
          y: {
            field: 'criterion',
            type: 'nominal',
            sort: names,
            title: null,
            axis: { labelLimit: 260 },
          },
        },
        layer: [
          {
            mark: { type: 'bar', color: BLUE, height: 10, opacity: 0.75 },
            encoding: {
              x: {
                field: 'value',
                type: 'quantitative',
                title: 'AUROC',
                scale: { domain: [0, 1] },
              },
            },
          },
          {
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
          },
        ],
      },
      {
        data: { values: lines },
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: {
          x: { field: 'at', type: 'quantitative' },
          strokeDash: {
            field: 'line',
            type: 'nominal',
            sort: null,
            legend: { title: null, orient: 'top', symbolType: 'stroke' },
          },
          color: { value: GREY },
        },
      },
    ],
  };
}

/** What the lab found as one picture: importance by turn, where each criterion asks, how well each does. */
export const criteriaChart = (report: LabReport): ChartSpec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  config: {
    title: { anchor: 'start', frame: 'group', fontSize: 13, offset: 8 },
    legend: { labelLimit: 0 },
    view: { stroke: null },
  },
  spacing: 28,
  resolve: { scale: { color: 'independent', strokeDash: 'independent' } },
  vconcat: [importancePanel(report), triggerPanel(report), aurocPanel(report)],
});
