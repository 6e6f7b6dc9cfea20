import { type Day, dayOf } from './calendar-day.ts';
import { randomStream, type Random } from './demo-random.ts';
import { makeGln } from './gs1-keys.ts';

export type StoreFormat = 'hypermarket' | 'supermarket' | 'convenience' | 'online';

export interface Retailer {
  code: string;
  name: string;
  country: string;
  region: string;
  /** GS1 company prefix, seven digits below the demonstration prefix 952. */
  prefix: string;
  gln: string;
  stores: number;
  /** Shelf prices against the list's, as the retailer positions itself. */
  priceIndex: number;
  /** Name, first digits of the post code, latitude, longitude. */
  cities: readonly (readonly [string, string, number, number])[];
}

type RetailerFacts = Omit<Retailer, 'gln'>;

const FACTS: readonly RetailerFacts[] = [
  {
    code: 'norrvik',
    name: 'Norrvik Market',
    country: 'FI',
    region: 'north',
    prefix: '9520011',
    stores: 60,
    priceIndex: 1.09,
    cities: [
      ['Helsinki', '00', 60.17, 24.94],
      ['Espoo', '02', 60.21, 24.66],
      ['Tampere', '33', 61.5, 23.76],
      ['Turku', '20', 60.45, 22.27],
      ['Oulu', '90', 65.01, 25.47],
      ['Jyväskylä', '40', 62.24, 25.75],
    ],
  },
  {
    code: 'bonpre',
    name: 'Bonpré',
    country: 'FR',
    region: 'west',
    prefix: '9520022',
    stores: 75,
    priceIndex: 1.02,
    cities: [
      ['Paris', '75', 48.86, 2.35],
      ['Lyon', '69', 45.76, 4.84],
      ['Besançon', '25', 47.24, 6.02],
      ['Nîmes', '30', 43.84, 4.36],
      ['Orléans', '45', 47.9, 1.91],
      ['Saint-Étienne', '42', 45.44, 4.39],
      ['Rennes', '35', 48.11, -1.68],
    ],
  },
  {
    code: 'lindenmarkt',
    name: 'Lindenmarkt',
    country: 'DE',
    region: 'central',
    prefix: '9520033',
    stores: 60,
    priceIndex: 0.96,
    cities: [
      ['Berlin', '10', 52.52, 13.4],
      ['Hamburg', '20', 53.55, 9.99],
      ['München', '80', 48.14, 11.58],
      ['Köln', '50', 50.94, 6.96],
      ['Leipzig', '04', 51.34, 12.37],
    ],
  },
  {
    code: 'veldmarkt',
    name: 'Veldmarkt',
    country: 'NL',
    region: 'west',
    prefix: '9520044',
    stores: 50,
    priceIndex: 0.99,
    cities: [
      ['Amsterdam', '10', 52.37, 4.9],
      ['Rotterdam', '30', 51.92, 4.48],
      ['Utrecht', '35', 52.09, 5.12],
      ['Eindhoven', '56', 51.44, 5.48],
    ],
  },
  {
    code: 'tierra-fresca',
    name: 'Tierra Fresca',
    country: 'ES',
    region: 'south',
    prefix: '9520055',
    stores: 55,
    priceIndex: 0.94,
    cities: [
      ['Madrid', '28', 40.42, -3.7],
      ['Barcelona', '08', 41.39, 2.17],
      ['Valencia', '46', 39.47, -0.38],
      ['Málaga', '29', 36.72, -4.42],
      ['A Coruña', '15', 43.36, -8.41],
    ],
  },
];

export const RETAILERS: readonly Retailer[] = FACTS.map((facts) => ({
  ...facts,
  gln: makeGln(facts.prefix, 0),
}));

/** Two distribution centres of each retailer, where Larkfield delivers. */
export function distributionCentres(retailer: Retailer): string[] {
  return [makeGln(retailer.prefix, 90_001), makeGln(retailer.prefix, 90_002)];
}

export interface Store {
  index: number;
  gln: string;
  /** The retailer's own number, as its files use it. */
  number: string;
  name: string;
  retailer: Retailer;
  format: StoreFormat;
  city: string;
  postalCode: string;
  latitude: number;
  longitude: number;
  openedOn: Day;
  /** How much it sells against the mean of its format. */
  size: number;
}

/** The three hundred stores of the five retailers. */
export function makeStores(seed: number): Store[] {
  const random = randomStream(seed, 'stores');
  const stores = RETAILERS.flatMap((retailer) =>
    Array.from({ length: retailer.stores }, (_, place) => makeStore(random, retailer, place)),
  );
  return stores.map((store, index) => ({ ...store, index }));
}

function makeStore(random: Random, retailer: Retailer, place: number): Omit<Store, 'index'> {
  const [city, postal, latitude, longitude] = random.pick(retailer.cities);
  const format = storeFormat(place, random);
  const digits = retailer.country === 'NL' ? 2 : 3;
  return {
    gln: makeGln(retailer.prefix, 100 + place * 3),
    number: `${retailer.code.slice(0, 2).toUpperCase()}-${String(place + 1).padStart(3, '0')}`,
    name: format === 'online' ? `${retailer.name} Online` : `${retailer.name} ${city} ${place + 1}`,
    retailer,
    format,
    city,
    postalCode: postal + String(random.integer(1, 10 ** digits - 1)).padStart(digits, '0'),
    latitude: Number((latitude + random.normal() * 0.05).toFixed(5)),
    longitude: Number((longitude + random.normal() * 0.05).toFixed(5)),
    openedOn: dayOf(random.integer(1994, 2023), random.integer(1, 12), random.integer(1, 28)),
    size: 0.75 + random.next() * 0.6,
  };
}

function storeFormat(place: number, random: Random): StoreFormat {
  if (place === 0) return 'online';
  const draw = random.next();
  if (draw < 0.18) return 'hypermarket';
  return draw < 0.68 ? 'supermarket' : 'convenience';
}
