import { ComparePage } from '../compare/compare-page.js';
import { CurvesPage } from '../compare/curves-page.js';
import { RunPage } from '../run/run-page.js';
import { RunsPage } from '../runs/runs-page.js';
import { TreePage } from '../tree/tree-page.js';
import { TreesPage } from '../trees/trees-page.js';
import { Notice } from '../ui/notice.js';
import { parseRoute, useHash } from './route.js';
import { Shell } from './shell.js';

/** Chooses the page. */
export const App = () => {
  const hash = useHash();
  const { parts, query } = parseRoute(hash);
  const [page, ...rest] = parts;
  const [run = '', set = '', file = '', otherRun, otherSet, otherFile] = rest;
  switch (page) {
    case undefined:
      return <RunsPage />;
    case 'run':
      return set === 'trees' ? (
        <TreesPage key={run} run={run} query={query} />
      ) : (
        <RunPage key={run} run={run} />
      );
    case 'tree':
      return (
        <TreePage
          key={`${run}/${set}/${file}`}
          place={{ run, set, file }}
          node={query.get('node')}
        />
      );
    case 'compare':
      return (
        <ComparePage
          key={`${run}/${set}/${file}`}
          a={{ run, set, file }}
          b={
            otherRun !== undefined && otherSet !== undefined && otherFile !== undefined
              ? { run: otherRun, set: otherSet, file: otherFile }
              : undefined
          }
        />
      );
    case 'curves':
      return <CurvesPage key={rest.join('/')} runs={rest} />;
    default:
      return (
        <Shell crumbs={[{ text: 'Runs', href: '#/' }, { text: 'Nothing here' }]}>
          <Notice title="There is no such page." heading="h1">
            <p>
              <a href="#/">Go to the runs.</a>
            </p>
          </Notice>
        </Shell>
      );
  }
};
