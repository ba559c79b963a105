import { strip } from '../python/python-text.js';
import type { Page } from './page.js';
import { parseAction } from './parse-action.js';
import type { Session } from './session.js';

/**
 * How an observation is put before an agent: as the `original` environment gives it, or as `verl-agent` and `spark` cut it:
 * without what stands before and in the instruction, which prompts state elsewhere; verl-agent also quotes every part.
 */
export type PromptFormat = 'original' | 'verl-agent' | 'spark';

const SEPARATOR = ' [SEP] ';

/** Cuts an observation in `text` mode for a prompt. A page that does not show the instruction stays whole. */
export function formatObservation(text: string, session: Session, format: PromptFormat): string {
  if (format === 'original') return text;
  const parts = text.split(SEPARATOR);
  const task = parts.indexOf(strip(session.goal.instruction));
  if (task < 0) return text;
  const rest = parts.slice(task + 1);
  return (format === 'verl-agent' ? rest.map((part) => `'${part}'`) : rest).join(SEPARATOR);
}

/** The form of a search, as verl-agent's lists of actions write it. */
const SEARCH_FORM = 'search[<your query>]';

/**
 * The actions that do something on a page. Values that an action cannot name, because a bracket or line break in them takes it
 * apart elsewhere, are left out. `verl-agent` lists the search button too, although a click on it does nothing.
 */
export function formatActions(page: Page, format: PromptFormat): readonly string[] {
  const clicks = [...page.clickables.keys()].filter(
    (text) => format === 'verl-agent' || text !== 'search',
  );
  return [
    ...(page.hasSearchBar ? [SEARCH_FORM] : []),
    ...clicks
      .filter((text) => parseAction(`click[${text}]`).argument?.toLowerCase() === text)
      .map((text) => `click[${text}]`),
  ];
}
