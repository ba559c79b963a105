import { useEffect, useState, type ReactNode } from 'react';

import { HelpDialog } from '../ui/help-dialog.js';
import { useSource } from './source-context.js';
import { toggleTheme, useTheme } from './theme.js';

/** A step of the way to where the reader is. */
export interface Crumb {
  readonly text: string;
  readonly href?: string;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches('input:not([type=range], [type=checkbox]), select, textarea');

/** The frame of all pages: where one is, help, colours. */
export const Shell = ({
  crumbs,
  wide = false,
  children,
}: {
  readonly crumbs: readonly Crumb[];
  readonly wide?: boolean;
  readonly children: ReactNode;
}) => {
  const [help, setHelp] = useState(false);
  const theme = useTheme();
  const { live } = useSource();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '?') setHelp(true);
      else if (event.key === 't') toggleTheme();
      else if (event.key === '/') {
        const search = document.querySelector<HTMLElement>('input[type=search]');
        if (search === null) return;
        event.preventDefault();
        search.focus();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const title = crumbs.at(-1)?.text;
  useEffect(() => {
    document.title = title === undefined ? 'spark-rl studio' : `${title} · spark-rl studio`;
  }, [title]);
  return (
    <div className={wide ? 'shell wide' : 'shell'}>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className="top">
        <a className="brand" href="#/">
          <svg width="20" height="20" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M1.5 8h4.2l5-4.6M5.7 8l5 4.6" />
            <circle cx="12.4" cy="2.9" r="2.1" className="one" />
            <circle cx="12.4" cy="13.1" r="2.1" className="two" />
          </svg>
          studio
        </a>
        <nav aria-label="Where you are">
          <ol>
            {crumbs.map(({ text, href }, index) => (
              <li key={index}>
                {href === undefined ? (
                  <span aria-current="page">{text}</span>
                ) : (
                  <a href={href}>{text}</a>
                )}
              </li>
            ))}
          </ol>
        </nav>
        {!live && <span className="chip chip-plain">exported</span>}
        <button
          type="button"
          className="quiet"
          aria-label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
          onClick={toggleTheme}
        >
          {theme === 'dark' ? '☀' : '☾'}
        </button>
        <button type="button" className="quiet" aria-label="Keys" onClick={() => setHelp(true)}>
          ?
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </div>
  );
};
