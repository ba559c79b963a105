import type { MetricsPoint, RunView } from '../../shared/views.js';
import { useSource } from '../app/source-context.js';
import { useData, type Loaded } from '../app/use-data.js';

/** A run with all that was measured of it. */
export interface MeasuredRun {
  readonly view: RunView;
  readonly points: readonly MetricsPoint[];
}

/** Several runs at once; read anew now and then, since any of them may be training. */
export function useManyRuns(runs: readonly string[]): Loaded<readonly MeasuredRun[]> {
  const source = useSource();
  return useData(
    `curves ${runs.join(' ')}`,
    () =>
      Promise.all(
        runs.map(async (run) => {
          const [view, first] = await Promise.all([source.run(run), source.metrics(run, 0)]);
          let points = first.points;
          for (let { offset } = first; source.live;) {
            const next = await source.metrics(run, offset);
            if (next.offset === offset || next.restarted) break;
            points = [...points, ...next.points];
            offset = next.offset;
          }
          return { view, points };
        }),
      ),
    source.live ? 5000 : 0,
  );
}
