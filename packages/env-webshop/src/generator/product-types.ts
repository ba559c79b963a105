/** The categories of the original data, most frequent first. */
export const CATEGORIES = ['beauty', 'electronics', 'garden', 'fashion', 'grocery'] as const;

export type Category = (typeof CATEGORIES)[number];

/** A kind of product that the generator knows. */
export interface ProductType {
  readonly category: Category;
  /** What it is called in a title; its last word is a noun. */
  readonly name: string;
  /** What it is searched for by. */
  readonly query: string;
  /** From general to special, separated by `›`. */
  readonly path: string;
  /** Dollars, from and to. */
  readonly price: readonly [number, number];
  readonly attributes: readonly string[];
  /** The option groups that it may have. */
  readonly options: readonly OptionKind[];
}

export type OptionKind = 'color' | 'size' | 'volume' | 'flavor' | 'pack' | 'length' | 'style';

/** What the values of an option group may be. */
export const OPTION_VALUES: Readonly<
  Record<OptionKind, { readonly name: string; readonly values: readonly string[] }>
> = {
  color: {
    name: 'color',
    values:
      'black,white,navy blue,forest green,burgundy,silver,rose gold,light grey,teal,yellow,khaki,purple'.split(
        ',',
      ),
  },
  size: { name: 'size', values: 'x-small,small,medium,large,x-large,xx-large,3x-large'.split(',') },
  volume: { name: 'size', values: '1 fl oz,2 fl oz,4 fl oz,8 fl oz,12 fl oz,16 fl oz'.split(',') },
  flavor: {
    name: 'flavor name',
    values: 'vanilla,dark chocolate,sea salt,honey,lemon,strawberry,cinnamon,original'.split(','),
  },
  pack: { name: 'size', values: 'pack of 1,pack of 2,pack of 3,pack of 6,pack of 12'.split(',') },
  length: { name: 'size', values: '3 feet,6 feet,10 feet,15 feet,25 feet'.split(',') },
  style: { name: 'style', values: 'classic,modern,travel,deluxe,compact'.split(',') },
};

type Row = readonly [
  name: string,
  query: string,
  price: readonly [number, number],
  attributes: string,
  options: readonly OptionKind[],
];

const rows = (category: Category, path: string, list: readonly Row[]): ProductType[] =>
  list.map(([name, query, price, attributes, options]) => ({
    category,
    name,
    query,
    path: `${path} › ${query.replace(/(^| )[a-z]/g, (letter) => letter.toUpperCase())}`,
    price,
    attributes: attributes.split(','),
    options,
  }));

const CARE =
  'cruelty free,paraben free,fragrance free,long lasting,dry skin,sensitive skin,natural ingredients';
const TECH = 'easy install,heavy duty,plug play,fast charging,high speed,carrying case,gold plated';
const HOME =
  'easy clean,easy assemble,solid wood,living room,eco friendly,space saving,dining room';
const WEAR =
  'machine wash,long sleeve,relaxed fit,rubber sole,arch support,quick drying,elastic waist';
const FOOD = 'gluten free,sugar free,non gmo,keto friendly,dairy free,artificial colors,low carb';

/** All kinds of products of the synthetic catalogue, in its own words. */
export const PRODUCT_TYPES: readonly ProductType[] = [
  ...rows('beauty', 'Beauty & Personal Care › Skin Care', [
    ['Hand Cream', 'hand creams', [6, 30], `${CARE},shea butter`, ['volume', 'style']],
    ['Face Serum', 'face serums', [9, 60], `${CARE},hyaluronic acid`, ['volume']],
    ['Body Lotion', 'body lotions', [7, 40], `${CARE},coconut oil`, ['volume', 'pack']],
    ['Shampoo', 'shampoos', [6, 35], `${CARE},damaged hair,tea tree`, ['volume']],
    ['Makeup Brush', 'makeup brushes', [5, 45], `${CARE},eye shadow`, ['color']],
    ['Nail Polish', 'nail polishes', [4, 20], `${CARE},nail art`, ['color']],
  ]),
  ...rows('electronics', 'Electronics › Accessories & Supplies', [
    ['HDMI Cable', 'hdmi cables', [6, 40], `${TECH},1080p hd`, ['length', 'color']],
    ['Bluetooth Speaker', 'bluetooth speakers', [15, 180], `${TECH},stereo sound`, ['color']],
    ['Phone Charger', 'phone chargers', [8, 50], `${TECH},usb port`, ['color', 'length']],
    ['Camera Tripod', 'camera tripods', [18, 150], `${TECH},light weight`, ['style']],
    ['Headphones', 'headphones', [12, 250], `${TECH},noise cancelling`, ['color']],
    ['Remote Control', 'remote controls', [7, 35], `${TECH},aaa batteries`, []],
  ]),
  ...rows('garden', 'Home & Kitchen › Furniture', [
    ['Console Table', 'console tables', [60, 600], `${HOME},storage space`, ['color', 'style']],
    ['Throw Pillow', 'throw pillows', [9, 50], `${HOME},double sided`, ['color', 'size']],
    ['Window Curtain', 'window curtains', [14, 90], `${HOME},machine washable`, ['color']],
    ['Floor Lamp', 'floor lamps', [30, 240], `${HOME},glass shade`, ['color', 'style']],
    ['Storage Bench', 'storage benches', [45, 320], `${HOME},faux leather`, ['color']],
    ['Wall Shelf', 'wall shelves', [15, 110], `${HOME},coated steel`, ['color']],
  ]),
  ...rows('fashion', 'Clothing, Shoes & Jewelry › Everyday', [
    ['Hooded Jacket', 'jackets', [20, 160], `${WEAR},winter warm`, ['size', 'color']],
    ['Running Shoes', 'running shoes', [25, 140], `${WEAR},non slip`, ['color']],
    ['Cotton Shirt', 'shirts', [10, 60], `${WEAR},classic fit`, ['size', 'color']],
    ['Denim Jeans', 'jeans', [18, 95], `${WEAR},straight leg`, ['size', 'color']],
    ['Summer Dress', 'dresses', [15, 110], `${WEAR},high waist`, ['size', 'color']],
    ['Wool Socks', 'socks', [5, 30], `${WEAR},moisture wicking`, ['color', 'pack']],
  ]),
  ...rows('grocery', 'Grocery & Gourmet Food › Pantry', [
    ['Granola Bars', 'granola bars', [5, 40], `${FOOD},protein serving`, ['flavor', 'pack']],
    ['Green Tea', 'green teas', [5, 35], `${FOOD},caffeine free`, ['pack']],
    ['Roasted Almonds', 'almonds', [6, 45], `${FOOD},resealable bag`, ['flavor', 'pack']],
    ['Potato Chips', 'chips', [4, 30], `${FOOD},ready eat`, ['flavor', 'pack']],
    ['Pancake Mix', 'pancake mixes', [4, 28], `${FOOD},quality ingredients`, ['flavor']],
    ['Tomato Sauce', 'sauces', [3, 25], `${FOOD},hand crafted`, ['pack']],
  ]),
];

/** Made-up makers. */
export const BRANDS: readonly string[] =
  'Alderway,Brightfold,Corvane,Dunmere,Elmtide,Fennwick,Glenora,Hartvale,Ivoryn,Juniperlane,Kestrelle,Lumenside,Marlowe,Northpine,Orrinder,Pellstone,Quillmoor,Rosethorn,Silverbrook,Tarnwell'.split(
    ',',
  );
