import type { ReactNode } from 'react';

import { Glyph, type GlyphName } from './glyph.js';

/** A word or two about something, with its shape where it has one. */
export const Chip = ({
  tone = 'plain',
  glyph,
  children,
}: {
  readonly tone?: string;
  readonly glyph?: GlyphName;
  readonly children: ReactNode;
}) => (
  <span className={`chip chip-${tone}`}>
    {glyph !== undefined && <Glyph name={glyph} size={13} />}
    {children}
  </span>
);
