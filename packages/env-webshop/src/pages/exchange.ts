/** A request to the site, as far as it matters. */
export interface SiteRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly url: string;
  /** The fields of a form that was sent, URL-encoded. */
  readonly body?: string;
  /** The request's `Sec-Fetch-Site` header: what browsers say about which site a form was sent from. */
  readonly fetchSite?: string | undefined;
}

/** What is answered. */
export interface SiteResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What every answer tells browsers: no script, nothing from elsewhere, in no frame. */
const SAFETY = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** An answer with content. */
export const answer = (
  status: number,
  body: string,
  type = 'text/html; charset=utf-8',
  more: Readonly<Record<string, string>> = {},
): SiteResponse => ({ status, headers: { ...SAFETY, 'content-type': type, ...more }, body });

/** Sends the browser to another page with GET. */
export const seeOther = (location: string): SiteResponse =>
  answer(303, '', 'text/plain; charset=utf-8', { location });
