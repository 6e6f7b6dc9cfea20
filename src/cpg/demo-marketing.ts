import { formatDay } from './calendar-day.ts';
import { type Cell, type DemoFile, money } from './demo-file.ts';
import { BRANDS } from './demo-items.ts';
import { type Random, randomStream } from './demo-random.ts';
import type { World } from './demo-sell-out.ts';
import type { DemoWeek } from './demo-weeks.ts';

/** Promotions agreed with retailers, and media campaigns week by week. */
export function marketingFiles(world: World): DemoFile[] {
  return [promotionFile(world), mediaFile(world)];
}

function promotionFile({ promotions, weeks }: World): DemoFile {
  const records = promotions.map((promotion) => ({
    id: promotion.id,
    name: promotion.name,
    retailer: { gln: promotion.retailer.gln, name: promotion.retailer.name },
    mechanic: promotion.mechanic,
    discount_percent: promotion.discountPercent,
    starts_on: formatDay((weeks[promotion.firstWeek] as DemoWeek).start),
    ends_on: formatDay((weeks[promotion.lastWeek] as DemoWeek).end),
    funding: { amount: promotion.fundingEur, currency: 'EUR' },
    items: promotion.items.map(({ gtin }) => gtin),
  }));
  return {
    path: 'marketing/trade_planning/promotions/promotions.json',
    encoding: 'utf-8',
    gzip: false,
    content: { kind: 'json', records },
  };
}

/** Thousand impressions cost this much, and this share of them is clicked. */
const CHANNELS = [
  { name: 'television', costPerThousandEur: 14, clickRate: 0 },
  { name: 'online-video', costPerThousandEur: 9, clickRate: 0.004 },
  { name: 'social', costPerThousandEur: 5, clickRate: 0.011 },
  { name: 'out-of-home', costPerThousandEur: 7, clickRate: 0 },
] as const;
const COUNTRIES = ['FI', 'FR', 'DE', 'NL', 'ES'] as const;

function mediaFile({ seed, weeks }: World): DemoFile {
  const random = randomStream(seed, 'media');
  const rows = BRANDS.flatMap((brand, brandIndex) =>
    [0, 1, 2].flatMap((turn) => {
      const first = random.integer(0, weeks.length - 8);
      const campaign = `CA-${brandIndex + 1}${turn + 1}`;
      const countries = COUNTRIES.filter(() => random.chance(0.6));
      const flights = weeks.slice(first, first + random.integer(4, 8));
      return countries.flatMap((country) =>
        flights.flatMap((week) => flightRows(random, [campaign, brand.name, country, formatDay(week.start)])),
      );
    }),
  );
  return {
    path: 'marketing/media_agency/media_weeks/media_weeks.csv',
    encoding: 'utf-8',
    gzip: false,
    content: {
      kind: 'delimited',
      delimiter: ',',
      header: [
        'campaign_id',
        'brand',
        'country',
        'week_start',
        'channel',
        'spend_eur',
        'impressions',
        'clicks',
      ],
      rows,
    },
  };
}

function flightRows(random: Random, key: Cell[]): Cell[][] {
  return CHANNELS.map(({ name, costPerThousandEur, clickRate }) => {
    const impressions = random.integer(40, 900) * 1000;
    const cents = Math.round((impressions / 1000) * costPerThousandEur * (90 + random.integer(0, 20)));
    // Channels without clicks leave the field empty.
    const clicks =
      clickRate === 0 ? null : random.round(impressions * clickRate * (0.7 + random.next() * 0.6));
    return [...key, name, money(cents), impressions, clicks];
  });
}
