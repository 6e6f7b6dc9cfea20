import { type Day, dayOf, formatDay } from './calendar-day.ts';
import { type Cell, type DemoFile, money } from './demo-file.ts';
import type { Item } from './demo-items.ts';
import { type Random, randomStream } from './demo-random.ts';
import type { World } from './demo-sell-out.ts';
import { RETAILERS, type Store } from './demo-stores.ts';
import type { DemoWeek } from './demo-weeks.ts';

const MEMBER_COUNT = 4000;
const PURCHASE_COUNT = 36_000;

/** Names that are common in each country; who they make up does not exist. */
const NAMES: Record<string, { first: readonly string[]; last: readonly string[] }> = {
  FI: {
    first: ['Aino', 'Eero', 'Helmi', 'Juhani', 'Kaisa', 'Matti', 'Päivi', 'Väinö', 'Sanna', 'Olli'],
    last: ['Korhonen', 'Virtanen', 'Mäkinen', 'Nieminen', 'Hämäläinen', 'Laine', 'Heikkinen', 'Järvinen'],
  },
  FR: {
    first: ['Chloé', 'Léa', 'Hugo', 'Inès', 'Louis', 'Manon', 'Théo', 'Zoé', 'Élodie', 'Gaël'],
    last: ['Martin', 'Bernard', 'Lefèvre', 'Moreau', 'Garnier', 'Chevalier', 'Dubois', 'Rousseau'],
  },
  DE: {
    first: ['Anna', 'Ben', 'Clara', 'Felix', 'Greta', 'Jürgen', 'Käthe', 'Lukas', 'Mia', 'Sören'],
    last: ['Müller', 'Schmidt', 'Weber', 'Schäfer', 'Koch', 'Krüger', 'Vogel', 'Böhm'],
  },
  NL: {
    first: ['Daan', 'Emma', 'Fleur', 'Jip', 'Lotte', 'Noor', 'Sem', 'Thijs', 'Zoë', 'Bram'],
    last: ['de Jong', 'Jansen', 'van Dijk', 'Bakker', 'Visser', 'Smit', 'Mulder', 'van den Berg'],
  },
  ES: {
    first: ['Álvaro', 'Begoña', 'Carmen', 'Íñigo', 'Javier', 'Lucía', 'Marta', 'Nuria', 'Óscar', 'Pilar'],
    last: ['García', 'Martínez', 'López', 'Núñez', 'Peña', 'Romero', 'Sánchez', 'Ibáñez'],
  },
};
/** Kept for examples by RFC 2606: no mail can reach anybody. */
const MAIL_DOMAINS = ['example.com', 'example.org', 'example.net'] as const;

interface Member {
  id: string;
  first: string;
  last: string;
  email: string;
  bornOn: Day | null;
  city: string;
  postalCode: string;
  country: string;
  joinedOn: Day;
  tier: 'basic' | 'silver' | 'gold';
  consent: boolean;
  updatedAt: string;
}

/** Members of the Larkfield Club and the receipts they scanned. */
export function consumerFiles(world: World): DemoFile[] {
  const random = randomStream(world.seed, 'members');
  const members = Array.from({ length: MEMBER_COUNT }, (_, place) => makeMember(random, world, place));
  return [memberFile(random, members), ...receiptFiles(world, members)];
}

function makeMember(random: Random, { weeks }: World, place: number): Member {
  const retailer = random.pick(RETAILERS);
  const [city, postal] = random.pick(retailer.cities);
  const names = NAMES[retailer.country] as { first: string[]; last: string[] };
  const first = random.pick(names.first);
  const last = random.pick(names.last);
  const lastDay = (weeks.at(-1) as DemoWeek).end;
  const joinedOn = lastDay - random.integer(60, 1500);
  return {
    id: `M${String(100_000 + place * 3)}`,
    first,
    last,
    email: `${plain(first)}.${plain(last)}${place}@${random.pick(MAIL_DOMAINS)}`,
    bornOn: random.chance(0.06)
      ? null
      : dayOf(random.integer(1945, 2006), random.integer(1, 12), random.integer(1, 28)),
    city,
    postalCode: postal + String(random.integer(100, 999)),
    country: retailer.country,
    joinedOn,
    tier: random.pick(['basic', 'basic', 'basic', 'silver', 'silver', 'gold']),
    consent: random.chance(0.64),
    updatedAt: `${formatDay(random.integer(joinedOn, lastDay))}T${random.integer(10, 22)}:${random.integer(10, 59)}:00Z`,
  };
}

/** Letters of ASCII only: `García` becomes `garcia`. */
function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase();
}

function memberFile(random: Random, members: readonly Member[]): DemoFile {
  const rows = members.flatMap((member) => {
    // Signed up again through the app: an older line, the mail address in capitals.
    const earlier = {
      ...member,
      email: member.email.toUpperCase(),
      tier: 'basic' as const,
      updatedAt: `${formatDay(member.joinedOn)}T09:00:00Z`,
    };
    return random.chance(0.02) ? [memberRow(earlier), memberRow(member)] : [memberRow(member)];
  });
  return {
    path: 'consumer/loyalty_club/members/members.csv.gz',
    encoding: 'utf-8',
    gzip: true,
    content: {
      kind: 'delimited',
      delimiter: ',',
      header: [
        'member_id',
        'first_name',
        'last_name',
        'email',
        'birth_date',
        'city',
        'postal_code',
        'country',
        'joined_on',
        'tier',
        'marketing_consent',
        'updated_at',
      ],
      rows,
    },
  };
}

function memberRow(member: Member): Cell[] {
  return [
    member.id,
    member.first,
    member.last,
    member.email,
    member.bornOn === null ? null : formatDay(member.bornOn),
    member.city,
    member.postalCode,
    member.country,
    formatDay(member.joinedOn),
    member.tier,
    member.consent ? 'yes' : 'no',
    member.updatedAt,
  ];
}

function receiptFiles(world: World, members: readonly Member[]): DemoFile[] {
  const random = randomStream(world.seed, 'receipts');
  const storesByCountry = Map.groupBy(world.stores, ({ retailer }) => retailer.country);
  const lines = Array.from({ length: PURCHASE_COUNT }, (_, place) => {
    const member = random.pick(members);
    const store = random.pick(storesByCountry.get(member.country) as Store[]);
    return receiptLine(random, world, { member, store, place });
  });
  return [...Map.groupBy(lines, ({ day }) => formatDay(day).slice(0, 7))]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([month, bought]) => ({
      path: `consumer/loyalty_club/receipts/month=${month}/receipts.csv.gz`,
      encoding: 'utf-8',
      gzip: true,
      content: {
        kind: 'delimited',
        delimiter: ',',
        header: [
          'receipt_line_id',
          'member_id',
          'store_gln',
          'gtin',
          'purchased_on',
          'quantity',
          'amount_eur',
        ],
        rows: bought.map(({ row }) => row),
      },
    }));
}

interface Purchase {
  member: Member;
  store: Store;
  place: number;
}

function receiptLine(random: Random, { items, weeks }: World, { member, store, place }: Purchase) {
  const week = random.pick(weeks);
  const day = week.start + random.integer(0, 6);
  const item = popularItem(random, items, week.index);
  const quantity = random.pick([1, 1, 1, 1, 2, 2, 3]);
  const cents = Math.round(item.listPriceCents * 1.35 * store.retailer.priceIndex) * quantity;
  const row: Cell[] = [
    `R${String(5_000_000 + place)}`,
    member.id,
    store.gln,
    item.gtin,
    formatDay(day),
    quantity,
    money(cents),
  ];
  return { day, row };
}

function popularItem(random: Random, items: readonly Item[], weekIndex: number): Item {
  for (;;) {
    const item = random.pick(items);
    if (item.launchWeek <= weekIndex && random.chance(item.popularity / 3.5)) return item;
  }
}
