/** A piece of HTML that may stand in a page as it is: everything in it that came from elsewhere has been escaped. */
export interface Html {
  readonly markup: string;
}

/** What can be put into {@link html}: text is escaped, pieces of HTML are not, lists are joined, null and false are nothing. */
export type HtmlValue = string | number | Html | null | false | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, which are no part of HTML, and lone surrogates, which no encoding has. */
const FORBIDDEN = /[^\P{Cc}\t\n\r]|\p{Surrogate}/gu;

/** Text as HTML shows it to the letter, in elements and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character]!);

function markupOf(value: HtmlValue): string {
  if (value === null || value === false) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(markupOf).join('');
}

/** Puts HTML together: html`<p>${text}</p>`. Whatever is put in is escaped unless it is HTML already; attributes must be quoted. */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => ({
  markup: String.raw({ raw: parts }, ...values.map(markupOf)),
});
