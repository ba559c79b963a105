import { formatCount, formatSeconds } from '../output/progress.js';
import { percent } from '../output/table.js';
import { showDifference, showRate } from '../pipeline/summary.js';
import { summariseWarmups, type Comparison, type Standing, type VariantSummary } from './result.js';

/** A table of a report: words only, so that it can be shown in any form. */
export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const showStanding = (standing: Standing | undefined, seeds: number): readonly string[] =>
  standing === undefined
    ? ['', '', '']
    : [showDifference(standing.difference), `${standing.seedsAhead} of ${seeds}`, standing.verdict];

/** The tables of a comparison: success, and what it took. */
export function reportTables(
  comparison: Comparison,
  summaries: readonly VariantSummary[],
): readonly ReportTable[] {
  const seeds = comparison.before.length;
  const measured = [summariseWarmups(comparison), ...summaries];
  return [
    {
      title: 'Success on unseen games, temperature 1',
      head: [
        'method',
        'success [95 %]',
        'by seed',
        'SPARK is better by, in points [95 %]',
        'seeds SPARK leads in',
        '',
      ],
      rows: measured.map((each) => [
        each.label,
        showRate(each.success),
        each.bySeed.map(percent).join(', '),
        ...showStanding(each.standing, seeds),
      ]),
    },
    {
      title: 'Success on unseen games, temperature 0.4',
      head: [
        'method',
        'success [95 %]',
        'SPARK is better by, in points [95 %]',
        'seeds SPARK leads in',
        '',
      ],
      rows: measured.map((each) => [
        each.label,
        showRate(each.successAt04),
        ...showStanding(each.standingAt04, seeds),
      ]),
    },
    {
      title: 'What it took, and how rollouts ended',
      head: [
        'method',
        'mean score',
        'tokens generated',
        'saved beside chains',
        'time of training',
        'leaves a task',
        'turns that explore',
        'turns that repeat an action',
      ],
      rows: summaries.map(({ label, meanScore, tokens, saved, seconds, atTheEnd }) => [
        label,
        meanScore.toFixed(3),
        formatCount(tokens),
        percent(saved),
        formatSeconds(seconds),
        Number.isNaN(atTheEnd.leaves) ? '-' : atTheEnd.leaves.toFixed(1),
        percent(atTheEnd.explore),
        percent(atTheEnd.repeated),
      ]),
    },
  ];
}

/** What the figures cannot say by themselves. */
export const NOTES: readonly string[] = [
  'Every method began with the same warm-up of its seed, generated the same number of tokens, and was measured on the same unseen games, one sampled episode each.',
  'Intervals are 95 %, over games: they say how sure a difference is for these weights. How much training seeds differ shows in the column by seed.',
  'A tie is an interval that holds zero. With as many comparisons as rows, one in twenty leaves it out by luck.',
  'Rollouts at the end are means of the last five steps.',
];

const markdownTable = ({ title, head, rows }: ReportTable): string =>
  [
    `## ${title}`,
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');

/** The report in Markdown, beside a picture in a file. */
export function markdownReport(
  comparison: Comparison,
  tables: readonly ReportTable[],
  picture: string,
): string {
  return [
    `# ${comparison.title}`,
    '',
    '```sh',
    comparison.command,
    '```',
    '',
    ...tables.map(markdownTable),
    `![Rollouts over generated tokens](${picture})`,
    '',
    ...NOTES.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const htmlTable = ({ title, head, rows }: ReportTable): string => `
<h2>${escape(title)}</h2>
<div class="wide"><table>
<thead><tr>${head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('')}</tr></thead>
<tbody>
${rows
  .map(
    ([first = '', ...rest]) =>
      `<tr><th scope="row">${escape(first)}</th>${rest.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`,
  )
  .join('\n')}
</tbody></table></div>`;

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #d9d9d9; --soft: #f5f5f2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e3; --paper: #17181a; --line: #3a3c40; --soft: #222427; } }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
pre { background: var(--soft); padding: .8rem 1rem; white-space: pre-wrap; border-radius: 6px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .35rem .8rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; }
th[scope=row], thead th:first-child { text-align: left; } th[scope=row] { font-weight: 500; }
figure { margin: 1.5rem 0; background: #fff; border-radius: 6px; overflow-x: auto; }
`;

/** The report as one page that needs nothing else: tables, the picture, no script. */
export const htmlReport = (
  comparison: Comparison,
  tables: readonly ReportTable[],
  svg: string,
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(comparison.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(comparison.title)}</h1>
<pre><code>${escape(comparison.command)}</code></pre>
${tables.map(htmlTable).join('\n')}
<h2>Rollouts over generated tokens</h2>
<figure role="img" aria-label="Success, exploring and repetition of rollouts over generated tokens">${svg}</figure>
<ul>
${NOTES.map((note) => `<li>${escape(note)}</li>`).join('\n')}
</ul>
</main>
</body>
</html>
`;
