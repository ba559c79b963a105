import { strip } from '../python/python-text.js';
import type { Page, PageNode } from './page.js';
import type { Session } from './session.js';

/** How a page becomes an observation: `text` joins all texts, `text_rich` has one a line and marks what can be clicked. */
export type ObservationMode = 'text' | 'text_rich';

const SEPARATOR = ' [SEP] ';

function richLine(node: PageNode, session: Session): { line: string; clicked: boolean } {
  const { kind, text } = node;
  const mark = (clicked: boolean): string =>
    clicked ? `[clicked button] ${text} [clicked button_]` : `[button] ${text} [button_]`;
  switch (kind) {
    case 'text':
      return { line: text, clicked: false };
    case 'button':
      return { line: mark(false), clicked: false };
    case 'option': {
      // The original looks for the quoted text anywhere in the address, so another group's value can mark it too.
      const clicked = session.url.includes(`"${text}"`);
      return { line: `  ${mark(clicked)}`, clicked };
    }
    case 'product':
      return { line: `\n${mark(session.seen.includes(text))}`, clicked: false };
  }
}

/** A page as the text that an agent observes, in the words and marks of the original. */
export function pageText(page: Page, session: Session, mode: ObservationMode): string {
  if (mode === 'text') return page.nodes.map(({ text }) => strip(text)).join(SEPARATOR);
  let text = '';
  for (const node of page.nodes) {
    const { line, clicked } = richLine(node, session);
    text += `${line}\n`;
    if (clicked) text = `You have clicked ${node.text}.\n${text}`;
  }
  return text;
}
