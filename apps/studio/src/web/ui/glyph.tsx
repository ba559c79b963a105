import type { LeafOutcome } from '@spark-rl/core';
import type { ReactNode } from 'react';

/** What a shape stands for; shapes differ, so that nothing hangs on colours alone. */
export type GlyphName =
  LeafOutcome | 'invalid' | 'explore' | 'fork' | 'think' | 'shared' | 'refused';

const SHAPES: Readonly<Record<GlyphName, ReactNode>> = {
  success: (
    <>
      <circle cx="8" cy="8" r="7" className="fill" />
      <path d="M4.6 8.2l2.4 2.4 4.4-5" className="mark" />
    </>
  ),
  failure: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" rx="2.5" className="fill" />
      <path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" className="mark" />
    </>
  ),
  truncated: (
    <>
      <path d="M5 1.5h6l4 6.5-4 6.5H5L1 8z" className="fill" />
      <path d="M8 4.8V8l2.2 1.6" className="mark" />
    </>
  ),
  failed: (
    <>
      <path d="M8 1.2l7.2 13H.8z" className="fill" />
      <path d="M8 6v4M8 12v.2" className="mark" />
    </>
  ),
  invalid: (
    <>
      <path d="M8 .6L15.4 8 8 15.4.6 8z" className="fill" />
      <path d="M8 4.6v4M8 11v.2" className="mark" />
    </>
  ),
  explore: (
    <>
      <circle cx="8" cy="8" r="6.2" className="line" />
      <path d="M10.8 5.2L9.2 9.2l-4 1.6 1.6-4z" className="fill" />
    </>
  ),
  fork: <path d="M2 8h4l5-4.5h3M6 8l5 4.5h3" className="line" />,
  think: <circle cx="8" cy="8" r="3" className="fill" />,
  shared: <path d="M2 5.5h12M2 10.5h12" className="line" />,
  refused: <path d="M2 8h4l5-4.5h3M10 9.5l4 4M14 9.5l-4 4" className="line" />,
};

/** A small shape with a meaning; hidden from screen readers, which get the words beside it. */
export const Glyph = ({
  name,
  size = 16,
}: {
  readonly name: GlyphName;
  readonly size?: number;
}) => (
  <svg
    className={`glyph glyph-${name}`}
    width={size}
    height={size}
    viewBox="0 0 16 16"
    aria-hidden="true"
  >
    {SHAPES[name]}
  </svg>
);
