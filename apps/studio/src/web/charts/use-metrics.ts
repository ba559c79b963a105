import { useEffect, useState } from 'react';

import type { MetricsPoint, Problem } from '../../shared/views.js';
import { useSource } from '../app/source-context.js';

/** What was measured of a run so far. */
export interface Metrics {
  readonly points: readonly MetricsPoint[];
  readonly problems: readonly Problem[];
  /** Whether the first part was read. */
  readonly loaded: boolean;
}

const NOTHING: Metrics = { points: [], problems: [], loaded: false };
const INTERVAL = 1500;

/** Reads a run's measurements, and goes on where it stopped while they grow. */
export function useMetrics(run: string): Metrics {
  const source = useSource();
  const [metrics, setMetrics] = useState(NOTHING);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let offset = 0;
    const go = async (): Promise<void> => {
      const before = offset;
      try {
        const chunk = await source.metrics(run, offset);
        if (!current) return;
        offset = chunk.offset;
        if (chunk.points.length > 0 || chunk.restarted || before === 0)
          setMetrics((old) => {
            const fresh = chunk.restarted || before === 0;
            return {
              points: fresh ? chunk.points : [...old.points, ...chunk.points],
              problems: fresh ? chunk.problems : [...old.problems, ...chunk.problems],
              loaded: true,
            };
          });
      } catch {
        // The run itself says that the server does not answer; the next call may succeed.
      }
      if (current && source.live)
        timer = setTimeout(() => void go(), offset > before ? 50 : INTERVAL);
    };
    void go();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [source, run]);
  return metrics;
}
