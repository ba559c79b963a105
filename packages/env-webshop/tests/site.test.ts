import { InvalidInputError } from '@spark-rl/core';

import type { SiteResponse } from '../src/pages/exchange.js';
import { shopSite, LONGEST_FORM, type ShopSite, type ShopSiteOptions } from '../src/pages/site.js';
import { tinyShop } from './tiny-shop.js';

function site(options: Partial<ShopSiteOptions> = {}): ShopSite {
  let names = 0;
  return shopSite({ shop: tinyShop(), newId: () => `v${++names}`, ...options });
}

const get = (to: ShopSite, url: string): SiteResponse => to.handle({ method: 'GET', url });

const post = (to: ShopSite, url: string, fields: Record<string, string>): SiteResponse =>
  to.handle({ method: 'POST', url, body: new URLSearchParams(fields).toString() });

/** Sends a form, and follows to where it leads. */
function follow(to: ShopSite, url: string, fields: Record<string, string>): string {
  const reply = post(to, url, fields);
  expect(reply.status).toBe(303);
  return reply.headers['location']!;
}

describe('shopSite', () => {
  it('sells a product by forms alone', () => {
    const shop = site();
    let at = follow(shop, '/start', { goal: '0' });
    expect(at).toBe('/visit/v1/0');
    at = follow(shop, at, { search: 'mug' });
    at = follow(shop, at, { action: 'click[b000000001]' });
    at = follow(shop, at, { action: 'click[large]' });
    at = follow(shop, at, { action: 'click[buy now]' });
    const bought = get(shop, at);
    expect(bought.status).toBe(200);
    expect(bought.body).toContain('Thank you for shopping with us!');
    expect(bought.body).toContain('size: large');
    expect(post(shop, at, { search: 'mug' }).status).toBe(409);
  });

  it('goes on from an earlier page as a fork, and keeps both', () => {
    const shop = site();
    const start = follow(shop, '/start', { goal: '0' });
    const results = follow(shop, start, { search: 'mug' });
    const first = follow(shop, results, { action: 'click[b000000001]' });
    const second = follow(shop, results, { action: 'click[b000000002]' });
    expect(get(shop, first).body).toContain('Blue Mug');
    expect(get(shop, second).body).toContain('Mug B000000002');
    expect(get(shop, second).body).toMatch(/Goal 0 · 2\s+actions/);
  });

  it('tells browsers to run no script and to load nothing from elsewhere, on every answer', () => {
    const shop = site();
    for (const url of ['/', '/style.css', '/icon.svg', '/visit/none/0', '/replay', '/nothing']) {
      const { headers, body } = get(shop, url);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'; /);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|script-src|https?:/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(body).not.toMatch(/<script|<style|style="|onclick/i);
    }
  });

  it.each([
    ['/nothing', 404],
    ['/visit', 404],
    ['/visit/unknown/0', 404],
    ['/visit/v1/1', 404],
    ['/visit/v1/-1', 404],
    ['/visit/v1/0x0', 404],
    ['/visit/v1/0/more', 404],
    ['/visit/%00/0', 404],
    ['/replay/0/0', 404],
    ['/replay/x', 404],
    ['//evil.example/visit', 404],
    ['/\\[', 404],
    ['/start', 405],
    ['/?from=zzz', 200],
    ['/?from=99999999', 200],
    [`/${'a'.repeat(3000)}`, 414],
  ])('GET %s answers %i with a page', (url, status) => {
    const shop = site();
    post(shop, '/start', { goal: '0' });
    const reply = get(shop, url);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain('<main id="main"');
  });

  it.each(['', 'x', '-1', '8', '1e3', '999999999999', '0.5'])('refuses goal %j', (goal) => {
    const reply = post(site(), '/start', { goal });
    expect(reply.status).toBe(400);
    expect(reply.body).toContain('Give a number from 0 to 7.');
  });

  it('refuses other methods and says which it takes', () => {
    const shop = site();
    expect(shop.handle({ method: 'PUT', url: '/' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    expect(shop.handle({ method: 'DELETE', url: '/visit/v1/0' }).headers['allow']).toBe(
      'GET, HEAD, POST',
    );
    expect(shop.handle({ method: 'HEAD', url: '/' }).status).toBe(200);
  });

  it('refuses forms of other sites, and forms that are too long', () => {
    const shop = site();
    const send = (fetchSite: string | undefined, body = 'goal=0'): number =>
      shop.handle({ method: 'POST', url: '/start', body, fetchSite }).status;
    expect(send('cross-site')).toBe(403);
    expect(send('same-site')).toBe(403);
    expect(send('same-origin')).toBe(303);
    expect(send(undefined)).toBe(303);
    expect(send(undefined, 'x'.repeat(LONGEST_FORM + 1))).toBe(413);
  });

  it('says what an action does not do, and escapes it', () => {
    const shop = site();
    const at = follow(shop, '/start', { goal: '0' });
    const nothing = post(shop, at, { action: 'click[<b>nothing]' });
    expect(nothing.status).toBe(400);
    expect(nothing.body).toContain('click[&lt;b&gt;nothing]');
    expect(nothing.body).not.toContain('<b>');
    expect(post(shop, at, { search: ' ' }).status).toBe(400);
    expect(post(shop, at, {}).status).toBe(400);
  });

  it('forgets the visit that was not used for the longest time', () => {
    const shop = site({ maxVisits: 2 });
    const [a, b] = [follow(shop, '/start', { goal: '0' }), follow(shop, '/start', { goal: '1' })];
    expect(get(shop, a).status).toBe(200);
    const c = follow(shop, '/start', { goal: '2' });
    expect([a, b, c].map((at) => get(shop, at).status)).toEqual([200, 404, 200]);
  });

  it('ends a visit that has become too long', () => {
    const shop = site({ maxPages: 2 });
    const at = follow(shop, '/start', { goal: '0' });
    follow(shop, at, { search: 'mug' });
    expect(post(shop, at, { search: 'cup' }).status).toBe(409);
  });

  it('has no page of a goal that there is not', () => {
    expect(() => site({ goal: 8 })).toThrow(InvalidInputError);
    expect(() => site({ goal: 8 })).toThrow(/the shop has no goal 8\. Give a number from 0 to 7/);
  });
});
