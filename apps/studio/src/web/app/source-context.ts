import { createContext, useContext } from 'react';

import type { Source } from '../source/source.js';

const SourceContext = createContext<Source | undefined>(undefined);

export const SourceProvider = SourceContext.Provider;

/** Where the data comes from. */
export function useSource(): Source {
  const source = useContext(SourceContext);
  if (source === undefined) throw new Error('the page has no source of data');
  return source;
}
