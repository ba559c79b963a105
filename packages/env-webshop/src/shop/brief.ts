import type { AgentBrief } from '@spark-rl/core';

/** What an agent must be told about the shop before it can act in it. */
export const webshopBrief: AgentBrief = {
  world:
    'You shop on a web site. The instruction says what to buy: a kind of product, its attributes, its options and a price ' +
    'limit. Search finds up to 50 products, ten a page. A product page offers options, such as a size, a description and ' +
    'features; choose every option that the instruction names before you buy. Buying ends the visit: the reward is the ' +
    'share of what was asked for that you got. An action that names nothing on the page does nothing.',
  actions: [
    { form: 'search[{words}]', meaning: 'search the shop, from any page' },
    {
      form: 'click[{text}]',
      meaning:
        'click on a button, a product code such as b09qgk5xhz, or an option such as x-large, by the text that it shows',
    },
  ],
};
