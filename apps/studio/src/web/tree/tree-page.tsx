import { useCallback, useMemo, useRef, useState } from 'react';

import { percent, plural } from '../../shared/format.js';
import { countOutcomes } from '../../shared/outcome-counts.js';
import { setTitle } from '../../shared/set-names.js';
import type { TreePlace, TreeView } from '../../shared/views.js';
import { compareHash, replaceQuery, runHash, treesHash } from '../app/route.js';
import { Shell } from '../app/shell.js';
import { useSource } from '../app/source-context.js';
import { useData } from '../app/use-data.js';
import { SiblingsDialog } from '../turn/siblings-dialog.js';
import { TurnPanel } from '../turn/turn-panel.js';
import { Chip } from '../ui/chip.js';
import { Notice } from '../ui/notice.js';
import { outcomesInWords } from '../ui/outcome-bar.js';
import { Problems } from '../ui/problems.js';
import { densityOf, fittingDensity, startingDensity, type DensityName } from './density.js';
import { Legend } from './legend.js';
import { TreeCanvas } from './tree-canvas.js';
import { nextMatch } from './tree-keys.js';
import { layOut } from './tree-layout.js';
import { TreeToolbar, type TreeLook } from './tree-toolbar.js';
import { matchingTurns } from './turn-filters.js';

const NARROW = '(max-width: 800px)';
const SIZES: readonly DensityName[] = ['dots', 'labels', 'cards'];

/** What is known of a tree as a whole. */
const TreeFacts = ({ view, place }: { readonly view: TreeView; readonly place: TreePlace }) => {
  const forks = view.turns.filter(({ grantedWidth }) => grantedWidth > 1).length;
  const saved = 1 - view.tokens / Math.max(1, view.chainTokens);
  return (
    <header className="tree-head">
      <div>
        <h1>{view.instruction === '' ? view.task.id : view.instruction}</h1>
        <p className="muted">
          {view.task.kind !== null && <>{view.task.kind} · </>}
          <span className="mono">{view.task.id}</span>
        </p>
      </div>
      <ul className="tree-facts">
        {!view.finished && view.problems.length === 0 && (
          <li>
            <Chip tone="live">growing</Chip>
          </li>
        )}
        <li>{outcomesInWords(countOutcomes(view.leaves))}</li>
        <li>
          {view.budget.at(-1)?.opened ?? 0} of {view.limit} leaves
        </li>
        <li>{plural(forks, 'fork', 'forks')}</li>
        <li>{plural(view.turns.length, 'turn', 'turns')}</li>
        <li title="against the same leaves as separate paths">{percent(saved)} of tokens saved</li>
        <li>
          <a className="button" href={compareHash(place)}>
            Compare
          </a>
        </li>
      </ul>
    </header>
  );
};

const LoadedTree = ({
  view,
  place,
  node,
}: {
  readonly view: TreeView;
  readonly place: TreePlace;
  readonly node: string | null;
}) => {
  const [look, setLook] = useState<TreeLook>(() => ({
    density: startingDensity(view.turns.length, window.matchMedia(NARROW).matches),
    search: '',
    filter: 'all',
    until: Infinity,
  }));
  const [siblings, setSiblings] = useState(false);
  const stage = useRef<HTMLDivElement>(null);
  const change = useCallback(
    (changes: Partial<TreeLook>) => setLook((old) => ({ ...old, ...changes })),
    [],
  );
  const select = useCallback((next: string) => replaceQuery({ node: next }), []);
  const density = densityOf(look.density);
  const selected = view.turns.some(({ id }) => id === node) ? node : (view.turns[0]?.id ?? null);
  const matches = useMemo(
    () => matchingTurns(view.turns, look.search, look.filter),
    [view.turns, look.search, look.filter],
  );
  const next = (backwards: boolean): void => {
    const { turns } = layOut(view, density);
    const found = nextMatch(
      turns,
      selected,
      ({ turn }) => matches?.has(turn.id) === true,
      backwards,
    );
    if (found !== undefined) select(found.turn.id);
  };
  const fit = (): void => {
    const element = stage.current;
    if (element === null) return;
    const { height, columns } = layOut(view, density);
    change({
      density: fittingDensity(
        height / density.rowHeight,
        columns.length + 1,
        element.clientWidth,
        element.clientHeight - 40,
      ),
    });
  };
  const resize = (step: number): void =>
    change({ density: SIZES[Math.max(0, Math.min(2, SIZES.indexOf(look.density) + step))]! });
  const onKey = (key: string): void => {
    if (key === '+' || key === '=') resize(1);
    else if (key === '-') resize(-1);
    else if (key === '0') fit();
    else if (key === 's') setSiblings(true);
  };
  const turn = view.turns.find(({ id }) => id === selected);
  return (
    <>
      <TreeFacts view={view} place={place} />
      <Problems problems={view.problems} />
      {view.lost !== null && (
        <Notice title="The task could not be begun.">
          <p>{view.lost}</p>
        </Notice>
      )}
      <TreeToolbar
        view={view}
        look={look}
        found={matches?.size}
        onChange={change}
        onNext={next}
        onFit={fit}
      />
      <div className="tree-stage">
        <div className="tree-side" ref={stage}>
          {view.turns.length === 0 ? (
            <Notice title="No turn was taken yet." />
          ) : (
            <TreeCanvas
              view={view}
              density={density}
              selected={selected}
              matches={matches}
              until={look.until}
              onSelect={select}
              onKey={onKey}
            />
          )}
          <Legend />
        </div>
        {turn !== undefined && (
          <TurnPanel
            view={view}
            place={place}
            turn={turn}
            onSelect={select}
            onSiblings={() => setSiblings(true)}
          />
        )}
      </div>
      {siblings && turn !== undefined && (
        <SiblingsDialog
          view={view}
          place={place}
          turn={turn}
          onSelect={select}
          onClose={() => setSiblings(false)}
        />
      )}
    </>
  );
};

/** One tree. */
export const TreePage = ({
  place,
  node,
}: {
  readonly place: TreePlace;
  readonly node: string | null;
}) => {
  const source = useSource();
  const [growing, setGrowing] = useState(true);
  const { value: view, error } = useData(
    `tree ${place.run} ${place.set} ${place.file}`,
    async () => {
      const read = await source.tree(place);
      setGrowing(!read.finished && read.problems.length === 0);
      return read;
    },
    source.live && growing ? 1500 : 0,
  );
  return (
    <Shell
      wide
      crumbs={[
        { text: 'Runs', href: '#/' },
        { text: place.run, href: runHash(place.run) },
        { text: setTitle(place.set), href: treesHash(place.run, place.set) },
        { text: 'Tree' },
      ]}
    >
      {view !== undefined && <LoadedTree view={view} place={place} node={node} />}
      {view === undefined && error === undefined && <p className="muted">Reading …</p>}
      {error !== undefined && (
        <Notice title="This tree cannot be shown." heading={view === undefined ? 'h1' : 'h2'}>
          <p>{error}</p>
        </Notice>
      )}
    </Shell>
  );
};
