import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const KEY = 'spark-rl-studio-theme';
const EVENT = 'themechange';
const system = window.matchMedia('(prefers-color-scheme: dark)');

/** What the reader chose; nothing where storage is closed, as in some browsers for files. */
function chosen(): string | null {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const current = (): Theme =>
  document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light';

function apply(): void {
  const choice = chosen();
  document.documentElement.dataset['theme'] =
    choice === 'dark' || choice === 'light' ? choice : system.matches ? 'dark' : 'light';
  window.dispatchEvent(new Event(EVENT));
}

/** Follows the system until the reader chooses. */
export function startTheme(): void {
  system.addEventListener('change', apply);
  apply();
}

/** Changes to the other colours, and remembers it. */
export function toggleTheme(): void {
  const next = current() === 'dark' ? 'light' : 'dark';
  try {
    window.localStorage.setItem(KEY, next);
    apply();
  } catch {
    document.documentElement.dataset['theme'] = next;
    window.dispatchEvent(new Event(EVENT));
  }
}

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener(EVENT, changed);
  return () => window.removeEventListener(EVENT, changed);
};

export const useTheme = (): Theme => useSyncExternalStore(subscribe, current);
