import { useEffect, useState } from 'react';

/** What came of loading something. The last value stays while it is loaded anew, and when that fails. */
export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly error: string | undefined;
}

/**
 * Loads something, and again at an interval while the page is seen.
 *
 * @param key - what is loaded; null loads nothing
 * @param load - may change from call to call: the key says what is meant
 * @param every - milliseconds; 0 loads once
 */
export function useData<Value>(
  key: string | null,
  load: () => Promise<Value>,
  every: number,
): Loaded<Value> {
  const [state, setState] = useState<Loaded<Value> & { readonly key: string | null }>({
    key,
    value: undefined,
    error: undefined,
  });
  useEffect(() => {
    if (key === null) return;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = async (): Promise<void> => {
      try {
        if (document.visibilityState === 'visible' || timer === undefined) {
          const value = await load();
          if (current)
            setState((old) =>
              old.key === key && old.value === value && old.error === undefined
                ? old
                : { key, value, error: undefined },
            );
        }
      } catch (cause) {
        const error = cause instanceof Error ? cause.message : String(cause);
        if (current)
          setState((old) => ({ key, value: old.key === key ? old.value : undefined, error }));
      }
      if (current && every > 0) timer = setTimeout(() => void go(), every);
    };
    void go();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key, every]);
  return state.key === key ? state : { value: undefined, error: undefined };
}
