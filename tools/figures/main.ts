// Measures and draws the figures and tables of docs/ anew: npm run figures, or npm run figures -- NAME; some take a PATH after the name.
import { writeFileSync } from 'node:fs';

import { renderChart } from '../../apps/trainer/src/output/chart.js';
import { estimatorNoise, weightBias } from './estimators.js';
import { pivotalStepsChart } from './pivotal-steps-chart.js';
import { measurePivotalSteps, type CoveragePoint } from './pivotal-steps.js';
import { takeReport } from './report.js';
import { takeStudioPages } from './studio.js';
import { takeTerminal } from './terminal.js';
import { takeWebshopPages } from './webshop-pages.js';
import { writeTables } from './write-tables.js';

/** What the text of docs/pivotal-steps.md quotes: the budget N = 8. */
function printTable(points: readonly CoveragePoint[]): void {
  const show = ({ measured, low, high, predicted }: CoveragePoint): string =>
    `${measured.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] (${predicted.toFixed(3)})`;
  for (const covered of new Set(points.map((point) => point.covered))) {
    console.log(`\nN = 8, ${covered}: measured [95 % interval] (predicted)\n`);
    console.log('| branching | m = 1 | m = 2 | m = 4 | m = 8 |\n| --- | --- | --- | --- | --- |');
    const shown = points.filter(
      (point) =>
        point.budget === 'N = 8' && point.covered === covered && [1, 2, 4, 8].includes(point.steps),
    );
    for (const branching of new Set(shown.map((point) => point.branching))) {
      const cells = shown.filter((point) => point.branching === branching).map(show);
      console.log(`| ${branching} | ${cells.join(' | ')} |`);
    }
  }
}

async function drawPivotalSteps(): Promise<void> {
  const points = await measurePivotalSteps();
  const path = new URL('../../docs/pivotal-steps.svg', import.meta.url).pathname;
  writeFileSync(path, `${await renderChart(pivotalStepsChart(points))}\n`);
  console.log('written to docs/pivotal-steps.svg');
  printTable(points);
}

async function tabulateEstimators(): Promise<void> {
  const path = new URL('../../docs/estimators.md', import.meta.url).pathname;
  await writeTables(path, { bias: weightBias(), noise: await estimatorNoise() });
  console.log('written to docs/estimators.md');
}

const figures: Readonly<Record<string, () => Promise<void>>> = {
  'pivotal-steps': drawPivotalSteps,
  estimators: tabulateEstimators,
  'webshop-pages': takeWebshopPages,
};
/** Pictures of what somebody's own runs left behind. */
const figuresOf: Readonly<Record<string, (path: string) => Promise<void>>> = {
  studio: takeStudioPages,
  terminal: takeTerminal,
  report: takeReport,
};
const [name, path] = process.argv.slice(2);
if (name === undefined) for (const draw of Object.values(figures)) await draw();
else if (name in figures) await figures[name]!();
else if (name in figuresOf && path !== undefined) await figuresOf[name]!(path);
else {
  const known = [...Object.keys(figures), ...Object.keys(figuresOf).map((each) => `${each} PATH`)];
  console.error(`There is no figure ${name}. Choose one of: ${known.join(', ')}.`);
  process.exitCode = 1;
}
