import type { TreePlace } from '../../shared/views.js';
import { compareHash, runHash, treeHash } from '../app/route.js';
import { Shell } from '../app/shell.js';
import { useSource } from '../app/source-context.js';
import { useData } from '../app/use-data.js';
import { Notice } from '../ui/notice.js';
import { CompareSide } from './compare-side.js';
import { FactTable } from './fact-table.js';
import { compareTrees, differingSettings } from './tree-facts.js';

const nameOf = ({ run, set }: TreePlace): string => `${run} · ${set}`;
const keyOf = ({ run, set, file }: TreePlace): string => `${run} ${set} ${file}`;

/** Two trees of the same task: of two runs, or of two checkpoints of one. */
export const ComparePage = ({
  a,
  b,
}: {
  readonly a: TreePlace;
  readonly b: TreePlace | undefined;
}) => {
  const source = useSource();
  const { value: others, error: searchError } = useData(
    `same ${keyOf(a)}`,
    () => source.sameTask(a),
    0,
  );
  const chosen = b ?? others?.[0];
  const first = useData(`tree ${keyOf(a)}`, () => source.tree(a), 0);
  const second = useData(
    chosen === undefined ? null : `tree ${keyOf(chosen)}`,
    () => source.tree(chosen!),
    0,
  );
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
        {others !== undefined && others.length > 0 && (
          <div className="tools">
            <label>
              <span>Beside</span>
              <select
                value={chosen === undefined ? '' : keyOf(chosen)}
                onChange={(event) => {
                  const next = others.find((each) => keyOf(each) === event.target.value);
                  if (next !== undefined) window.location.hash = compareHash(a, next);
                }}
              >
                {others.map((each) => (
                  <option key={keyOf(each)} value={keyOf(each)}>
                    {nameOf(each)}
                  </option>
                ))}
              </select>
            </label>
          </div>
        )}
      </header>
      {error !== undefined && (
        <Notice title="The trees cannot be compared.">
          <p>{error}</p>
        </Notice>
      )}
      {others?.length === 0 && (
        <Notice title="This task was played only once.">
          <p>
            Runs with the same seed and environment meet the same tasks at the same steps: train a
            second run, for instance with <code>--set rollout.method=chain</code>, to see both here.
          </p>
        </Notice>
      )}
      {left !== undefined && right !== undefined && chosen !== undefined && (
        <>
          <div className="compare-sides">
            <CompareSide key={`a ${keyOf(a)}`} name="A" view={left} place={a} />
            <CompareSide key={`b ${keyOf(chosen)}`} name="B" view={right} place={chosen} />
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
    </Shell>
  );
};
