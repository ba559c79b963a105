import { attributeReward } from '../reward/attribute-reward.js';
import { optionReward, type GoalOption } from '../reward/option-reward.js';
import type { RewardReport } from '../reward/reward.js';
import { productOf } from '../shop/page.js';
import type { Session } from '../shop/session.js';
import type { Shop } from '../shop/shop.js';
import { purchaseReward } from '../shop/visit.js';
import { html, type Html, type HtmlValue } from './html.js';

/** One thing that a goal asks for, and whether the purchase has it. */
export interface WishCheck {
  readonly what: 'attribute' | 'option' | 'price';
  readonly wanted: string;
  readonly got: string;
  readonly isMet: boolean;
}

/** A purchase held against its goal. */
export interface PurchaseCheck {
  readonly report: RewardReport;
  readonly wishes: readonly WishCheck[];
}

/** The limit that stands for none. */
const NO_LIMIT = 1_000_000;

const optionText = (option: GoalOption): string =>
  typeof option === 'string' ? option : `${option[0]}: ${option[1]}`;

const dollars = (value: number): string => `$${value.toFixed(2)}`;

/**
 * What a visit bought (or would buy now), held against what its goal asks for: each wish by itself, and the reward that
 * {@link purchaseReward} pays. Null where the visit looks at no product.
 */
export function checkPurchase(shop: Shop, session: Session): PurchaseCheck | null {
  const report = purchaseReward(shop, session);
  const product = productOf(shop, session);
  if (report === null || product === undefined) return null;
  const { goal, options } = session;
  const chosen = options.map(([, value]) => value);
  const price = shop.prices[shop.catalogue.placeOf(product.asin)!]!;
  const check = (
    what: WishCheck['what'],
    wanted: string,
    got: string,
    isMet: boolean,
  ): WishCheck => ({
    what,
    wanted,
    got,
    isMet,
  });
  return {
    report,
    wishes: [
      ...goal.attributes.map((attribute) => {
        const isMet = attributeReward(product, [attribute]).matches === 1;
        return check('attribute', attribute, isMet ? 'the product has it' : 'not found', isMet);
      }),
      ...goal.options.map((option) =>
        check(
          'option',
          optionText(option),
          chosen.length === 0
            ? 'nothing chosen'
            : options.map(([name, value]) => `${name}: ${value}`).join(', '),
          optionReward(chosen, [option]).matches === 1,
        ),
      ),
      check(
        'price',
        goal.priceUpper >= NO_LIMIT ? 'any' : `at most ${dollars(goal.priceUpper)}`,
        dollars(price),
        report.r_price,
      ),
    ],
  };
}

const rounded = (value: number): string => String(Number(value.toFixed(4)));

const term = (name: string, value: HtmlValue): Html =>
  html`<dt>${name}</dt>
    <dd>${value}</dd>`;

function typeText({ query_match, category_match, title_score }: RewardReport): string {
  return `Same search: ${query_match ? 'yes' : 'no'}. Same category: ${category_match ? 'yes' : 'no'}. Share of the goal's nouns in the title: ${rounded(title_score)}.`;
}

/** What was bought, the reward, and how it comes about. */
export function rewardPage(shop: Shop, session: Session): Html {
  const product = productOf(shop, session);
  const check = checkPurchase(shop, session);
  const bought = html`<h2>Purchased</h2>
    <dl>
      ${term('Product', `${product?.title ?? 'None'} (${session.asin ?? 'None'})`)}${term(
        'Options',
        session.options.length === 0
          ? 'none chosen'
          : session.options.map(([name, value]) => `${name}: ${value}`).join(', '),
      )}
    </dl>`;
  if (check === null)
    return html`<h1>Nothing was bought</h1>
      ${bought}`;
  const { report, wishes } = check;
  const met = wishes.filter(({ isMet }) => isMet).length;
  return html`<h1>Thank you for shopping with us!</h1>
    <section class="card" aria-labelledby="reward">
      <h2 id="reward">Reward</h2>
      <p class="score">${rounded(session.reward)}</p>
      <p class="soft">From 0 to 1; 1 is a success.</p>
      <p>
        ${met} of ${wishes.length} wishes met × type ${rounded(report.r_type)} =
        ${rounded(report.total)}
      </p>
      <table>
        <caption>
          What was asked for
        </caption>
        <thead>
          <tr>
            <th scope="col">Wish</th>
            <th scope="col">Bought</th>
            <th scope="col">Met</th>
          </tr>
        </thead>
        <tbody>
          ${wishes.map(
            ({ what, wanted, got, isMet }) =>
              html`<tr>
                <th scope="row">${what}: ${wanted}</th>
                <td>${got}</td>
                <td>${isMet ? 'yes' : 'no'}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      <p><strong>Type of product: × ${rounded(report.r_type)}.</strong> ${typeText(report)}</p>
    </section>
    <section class="card">
      ${bought}
      <h2>Target</h2>
      <dl>${term('Product', `${session.goal.name} (${session.goal.asin})`)}</dl>
    </section>`;
}
