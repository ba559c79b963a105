import type { BudgetTurn } from '../../shared/views.js';
import { columnLeft } from './tree-layout.js';
import type { Density } from './density.js';

/** The head of each column: its turn, and how many of the leaves of the budget were opened by then. */
export const BudgetColumns = ({
  budget,
  limit,
  density,
  width,
  from,
  to,
  until,
}: {
  readonly budget: readonly BudgetTurn[];
  readonly limit: number;
  readonly density: Density;
  readonly width: number;
  /** The part that is seen, in pixels. */
  readonly from: number;
  readonly to: number;
  readonly until: number;
}) => (
  <div className="budget-columns" style={{ width }} aria-hidden="true">
    {budget.map(({ turn, opened, forks }) => {
      const left = columnLeft(density, turn);
      if (left + density.columnWidth < from || left > to) return null;
      const dots = density.name === 'dots';
      return (
        <div
          key={turn}
          className={turn > until ? 'column faded' : 'column'}
          style={{ left, width: Math.max(density.nodeWidth, dots ? density.columnWidth - 6 : 0) }}
          title={`after turn ${turn}: ${opened} of ${limit} leaves opened, ${forks} forks`}
        >
          <span className="turn-number">{dots ? turn : `turn ${turn}`}</span>
          {!dots && (
            <span className="opened">
              {opened}/{limit}
            </span>
          )}
          <span className="fill">
            <span
              style={{ width: `${Math.min(100, (100 * opened) / Math.max(1, limit))}%` }}
              className={opened >= limit ? 'full' : ''}
            />
          </span>
        </div>
      );
    })}
  </div>
);
