import { type Random, randomStream } from './demo-random.ts';
import { packGtin } from './gtin.ts';
import { makeGln, makeGtin } from './gs1-keys.ts';

/** Larkfield Foods does not exist. Prefix 952 is the one GS1 keeps for demonstrations. */
export const COMPANY_PREFIX = '9521234';
export const COMPANY_GLN = makeGln(COMPANY_PREFIX, 1);
export const PLANT_GLNS = [makeGln(COMPANY_PREFIX, 101), makeGln(COMPANY_PREFIX, 102)] as const;

/** How demand moves over the year. */
export type Season = 'flat' | 'summer' | 'winter' | 'festive';

interface Brand {
  name: string;
  category: string;
  season: Season;
  variants: readonly string[];
  /** Net content, Recommendation 20 unit, list price in cents, units in a case. */
  sizes: readonly (readonly [number, string, number, number])[];
}

export const BRANDS: readonly Brand[] = [
  {
    name: 'Morning Lark',
    category: 'Breakfast cereal',
    season: 'flat',
    variants: [
      'Honey Oat Crunch',
      'Berry Granola',
      'Toasted Wheat Flakes',
      'Nut and Seed Muesli',
      'Cocoa Hoops',
    ],
    sizes: [
      [40, 'GRM', 62, 24],
      [375, 'GRM', 189, 12],
      [500, 'GRM', 236, 10],
      [750, 'GRM', 329, 8],
      [1, 'KGM', 415, 6],
    ],
  },
  {
    name: 'Copperleaf',
    category: 'Tea and coffee',
    season: 'winter',
    variants: ['English Breakfast', 'Earl Grey', 'Green Sencha', 'Peppermint', 'Red Bush'],
    sizes: [
      [20, 'H87', 119, 12],
      [40, 'H87', 205, 12],
      [80, 'H87', 349, 6],
      [125, 'GRM', 289, 10],
      [250, 'GRM', 498, 6],
    ],
  },
  {
    name: 'Brightwell',
    category: 'Juice',
    season: 'summer',
    variants: ['Orange', 'Apple', 'Mango Passion', 'Pink Grapefruit', 'Carrot Ginger'],
    sizes: [
      [200, 'MLT', 64, 24],
      [330, 'MLT', 96, 24],
      [750, 'MLT', 158, 12],
      [1, 'LTR', 192, 8],
      [1.5, 'LTR', 259, 6],
    ],
  },
  {
    name: 'Oat & Ember',
    category: 'Biscuits',
    season: 'festive',
    variants: ['Ginger Snap', 'Butter Shortbread', 'Dark Chocolate Digestive', 'Oat Raisin', 'Lemon Thins'],
    sizes: [
      [50, 'GRM', 58, 30],
      [150, 'GRM', 119, 18],
      [200, 'GRM', 149, 16],
      [300, 'GRM', 205, 12],
      [500, 'GRM', 319, 8],
    ],
  },
  {
    name: 'Casa Lira',
    category: 'Pasta sauce',
    season: 'flat',
    variants: ['Tomato Basil', 'Arrabbiata', 'Roasted Pepper', 'Four Cheese', 'Mushroom Ragù'],
    sizes: [
      [190, 'GRM', 139, 12],
      [350, 'GRM', 169, 12],
      [400, 'GRM', 185, 12],
      [560, 'GRM', 239, 6],
      [700, 'GRM', 289, 6],
    ],
  },
  {
    name: 'Pebble Lane',
    category: 'Chocolate',
    season: 'festive',
    variants: ['Milk', 'Dark 70%', 'Hazelnut', 'Sea Salt Caramel', 'White Raspberry'],
    sizes: [
      [35, 'GRM', 52, 36],
      [90, 'GRM', 129, 20],
      [100, 'GRM', 138, 20],
      [180, 'GRM', 229, 14],
      [250, 'GRM', 345, 10],
    ],
  },
  {
    name: 'Tidewash',
    category: 'Laundry care',
    season: 'flat',
    variants: ['Original', 'Sensitive', 'Colour', 'Sport', 'Lavender'],
    sizes: [
      [500, 'MLT', 245, 12],
      [750, 'MLT', 349, 9],
      [1, 'LTR', 429, 8],
      [1.5, 'LTR', 589, 6],
      [3, 'LTR', 999, 4],
    ],
  },
  {
    name: 'Fernwell',
    category: 'Body care',
    season: 'summer',
    variants: [
      'Aloe Shower Gel',
      'Sea Minerals Shampoo',
      'Oat Milk Lotion',
      'Citrus Hand Wash',
      'Sun Lotion SPF 30',
    ],
    sizes: [
      [75, 'MLT', 149, 24],
      [200, 'MLT', 269, 12],
      [250, 'MLT', 319, 12],
      [400, 'MLT', 449, 8],
      [750, 'MLT', 719, 6],
    ],
  },
];

export interface Item {
  index: number;
  /** Of the consumer unit, 14 digits. */
  gtin: string;
  sku: string;
  brand: string;
  category: string;
  variant: string;
  season: Season;
  netContent: number;
  netContentUnit: string;
  listPriceCents: number;
  unitsPerCase: number;
  casesPerPallet: number;
  caseGtin: string;
  palletGtin: string;
  /** Share of demand, mean about 1. */
  popularity: number;
  /** In weeks after the first week of the data; negative: was there before. */
  launchWeek: number;
}

/** The two hundred items Larkfield sells. */
export function makeItems(seed: number): Item[] {
  const random = randomStream(seed, 'items');
  return BRANDS.flatMap((brand, brandIndex) =>
    brand.variants.flatMap((variant, variantIndex) =>
      brand.sizes.map((_, sizeIndex) => makeItem(random, [brandIndex, variantIndex, sizeIndex])),
    ),
  );
}

function makeItem(random: Random, [brandIndex, variantIndex, sizeIndex]: [number, number, number]): Item {
  const brand = BRANDS[brandIndex] as Brand;
  const [netContent, netContentUnit, price, unitsPerCase] = brand.sizes[sizeIndex] as Brand['sizes'][number];
  const index = brandIndex * 25 + variantIndex * 5 + sizeIndex;
  const gtin = makeGtin(COMPANY_PREFIX, 1000 + index * 7);
  // The first variants and the middle sizes sell best, as in every range.
  const rank = (1.7 - variantIndex * 0.25) * (1.5 - Math.abs(sizeIndex - 2) * 0.35);
  return {
    index,
    gtin,
    sku: `LF-${String(10_000 + index * 7)}`,
    brand: brand.name,
    category: brand.category,
    variant: brand.variants[variantIndex] as string,
    season: brand.season,
    netContent,
    netContentUnit,
    listPriceCents: price + random.integer(-1, 2) * 5,
    unitsPerCase,
    casesPerPallet: random.pick([40, 48, 60, 72]),
    caseGtin: packGtin(gtin, 1),
    palletGtin: packGtin(gtin, 5),
    popularity: rank * (0.7 + random.next() * 0.6),
    launchWeek: random.chance(0.06) ? random.integer(8, 40) : -random.integer(20, 400),
  };
}

/** What a pack says on its front: `Brightwell Orange 1.5 l`. */
export function itemDescription(item: Item): string {
  const unit = { GRM: 'g', KGM: 'kg', MLT: 'ml', LTR: 'l', H87: 'bags' }[item.netContentUnit];
  return `${item.brand} ${item.variant} ${item.netContent} ${unit}`;
}
