import type { Density } from './density.js';
import type { PlacedLink, TreeLayout } from './tree-layout.js';
import { fateOf } from './turn-words.js';

/** A line that leaves and arrives level. */
function pathOf({ from, to }: PlacedLink, density: Density, start: TreeLayout['start']): string {
  const x0 = from === start ? from.x + 6 : from.x + density.nodeWidth / 2;
  const x1 = to.x - density.nodeWidth / 2;
  const middle = (x0 + x1) / 2;
  return from.y === to.y
    ? `M${x0} ${from.y}H${x1}`
    : `M${x0} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${x1} ${to.y}`;
}

/** The lines between turns. */
export const TreeLinks = ({
  layout,
  links,
  density,
  path,
  isFaded,
}: {
  readonly layout: TreeLayout;
  readonly links: readonly PlacedLink[];
  readonly density: Density;
  readonly path: ReadonlySet<string>;
  readonly isFaded: (node: string) => boolean;
}) => (
  <svg className="links" width={layout.width} height={layout.height} aria-hidden="true">
    <circle cx={layout.start.x} cy={layout.start.y} r="6" className="start" />
    {links.map((link) => {
      const { turn } = link.to;
      const classes = [
        `fate-${fateOf(turn)}`,
        path.has(turn.id) ? 'on-path' : '',
        isFaded(turn.id) ? 'faded' : '',
      ];
      return (
        <path key={turn.id} d={pathOf(link, density, layout.start)} className={classes.join(' ')} />
      );
    })}
  </svg>
);
