import { useEffect } from 'react';

import type { TreePlace } from '../../shared/views.js';
import { compareHash, runHash, treeHash } from '../app/route.js';
import { Shell } from '../app/shell.js';
import { useSource } from '../app/source-context.js';
import { useData } from '../app/use-data.js';
import { Notice } from '../ui/notice.js';
import { CompareSide } from './compare-side.js';
import { FactTable } from './fact-table.js';
import { MissingCheckpoints } from './missing-checkpoints.js';
import { placeKey, SameTaskPicker } from './same-task-picker.js';
import { compareTrees, differingSettings } from './tree-facts.js';

/** Two trees of the same task: of two runs, or of two checkpoints of one. */
export const ComparePage = ({
  a,
  b,
}: {
  readonly a: TreePlace;
  readonly b: TreePlace | undefined;
}) => {
  const source = useSource();
  // What another command grows for the task appears while the page is open.
  const { value: others, error: searchError } = useData(
    `same ${placeKey(a)}`,
    () => source.sameTask(a),
    source.live ? 4000 : 0,
  );
  const first = useData(`tree ${placeKey(a)}`, () => source.tree(a), 0);
  const second = useData(b === undefined ? null : `tree ${placeKey(b)}`, () => source.tree(b!), 0);
  const next = b === undefined ? others?.trees[0] : undefined;
  useEffect(() => {
    // The address says what is seen; going back does not lead here again.
    if (next !== undefined) window.location.replace(compareHash(a, next));
  }, [a, next]);
  const error = searchError ?? first.error ?? second.error;
  const [left, right] = [first.value, second.value];
  return (
    <Shell
      wide
      crumbs={[
        { text: 'Runs', href: '#/' },
        { text: a.run, href: runHash(a.run) },
        { text: 'Tree', href: treeHash(a) },
        { text: 'Compare' },
      ]}
    >
      <header className="page-head">
        <div>
          <h1>{left?.instruction ?? 'Compare'}</h1>
          <p className="muted">The same task, played twice.</p>
        </div>
        {others !== undefined && b !== undefined && (
          <SameTaskPicker a={a} chosen={b} trees={others.trees} />
        )}
      </header>
      {error !== undefined && (
        <Notice title="The trees cannot be compared.">
          <p>{error}</p>
        </Notice>
      )}
      {others?.trees.length === 0 && (
        <Notice title="This task was played only once.">
          <p>
            Runs with the same seed and environment meet the same tasks at the same steps: train a
            second run, for instance with <code>--set rollout.method=chain</code>, to see both here.
          </p>
        </Notice>
      )}
      {left !== undefined && right !== undefined && b !== undefined && (
        <>
          <div className="compare-sides">
            <CompareSide key={`a ${placeKey(a)}`} name="A" view={left} place={a} />
            <CompareSide key={`b ${placeKey(b)}`} name="B" view={right} place={b} />
          </div>
          <div className="facts-grid two">
            <FactTable title="In numbers" names={['A', 'B']} rows={compareTrees(left, right)} />
            <FactTable
              title="Settings that differ"
              names={['A', 'B']}
              rows={differingSettings(left, right)}
            />
          </div>
        </>
      )}
      {others !== undefined && <MissingCheckpoints missing={others.missing} />}
    </Shell>
  );
};
