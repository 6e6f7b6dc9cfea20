import { type Day, formatDay } from './calendar-day.ts';
import { type Cell, type DemoFile, money } from './demo-file.ts';
import { COMPANY_GLN, type Item, itemDescription } from './demo-items.ts';
import { randomStream } from './demo-random.ts';
import { listPriceCents, type World } from './demo-sell-out.ts';
import type { Store } from './demo-stores.ts';
import type { DemoWeek } from './demo-weeks.ts';
import { formatIsoWeek, isoWeekOf } from './iso-week.ts';
import { NRF, retailWeekOf, retailYear } from './retail-calendar.ts';

/** Reference data: items, stores, the calendar, prices and costs. */
export function masterFiles(world: World): DemoFile[] {
  return [itemFile(world), storeFile(world), calendarFile(world), costFile(world)];
}

/** The item system's export: one record per trade item with its packing levels, changed ones more than once. */
function itemFile({ seed, items, weeks }: World): DemoFile {
  const random = randomStream(seed, 'item versions');
  const first = (weeks[0] as DemoWeek).start;
  const records = items.flatMap((item) => {
    const current = tradeItem(item, first);
    // An older version that the export still holds, as keyed before somebody tidied the brand.
    const older = {
      ...current,
      brand: ` ${item.brand.toUpperCase()}`,
      modified_at: `${formatDay(first + item.launchWeek * 7 - 60)}T08:00:00Z`,
    };
    return random.chance(0.05) ? [older, current] : [current];
  });
  return {
    path: 'product/item_system/trade_items/trade_items.ndjson.gz',
    encoding: 'utf-8',
    gzip: true,
    content: { kind: 'ndjson', records },
  };
}

function tradeItem(item: Item, firstDay: Day) {
  const available = firstDay + item.launchWeek * 7;
  return {
    gtin: item.gtin,
    sku: item.sku,
    brand: item.brand,
    category: item.category,
    variant: item.variant,
    description: itemDescription(item),
    net_content: { value: item.netContent, uom: item.netContentUnit },
    information_provider_gln: COMPANY_GLN,
    target_markets: ['FI', 'FR', 'DE', 'NL', 'ES'],
    available_from: formatDay(available),
    modified_at: `${formatDay(available - 30)}T10:00:00Z`,
    packaging: [
      { level: 'CASE', gtin: item.caseGtin, child_gtin: item.gtin, child_quantity: item.unitsPerCase },
      {
        level: 'PALLET',
        gtin: item.palletGtin,
        child_gtin: item.caseGtin,
        child_quantity: item.casesPerPallet,
      },
    ],
  };
}

function storeFile({ stores }: World): DemoFile {
  return {
    path: 'sales/store_master/stores/stores.csv',
    encoding: 'utf-8',
    gzip: false,
    content: {
      kind: 'delimited',
      delimiter: ',',
      header: [
        'store_gln',
        'store_number',
        'store_name',
        'retailer_gln',
        'retailer',
        'format',
        'city',
        'postal_code',
        'country',
        'region',
        'latitude',
        'longitude',
        'opened_on',
      ],
      rows: stores.map(storeRow),
    },
  };
}

function storeRow(store: Store): Cell[] {
  return [
    store.gln,
    store.number,
    store.name,
    store.retailer.gln,
    store.retailer.name,
    store.format,
    store.city,
    store.postalCode,
    store.retailer.country,
    store.retailer.region,
    store.latitude,
    store.longitude,
    formatDay(store.openedOn),
  ];
}

const MONTHS = ['Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec', 'Jan'] as const;

/** The group's retail calendar, from the fiscal year before the data to the one after. */
function calendarFile({ weeks }: World): DemoFile {
  const start = retailYear(NRF, (weeks[0] as DemoWeek).fiscalYear - 1).start;
  const end = retailYear(NRF, (weeks.at(-1) as DemoWeek).fiscalYear + 1).end;
  const rows: Cell[][] = [];
  for (let day = start; day <= end; day += 7) {
    const week = retailWeekOf(NRF, day);
    rows.push([
      formatDay(day),
      formatDay(day + 6),
      week.fiscalYear,
      week.quarter,
      week.period,
      MONTHS[week.period - 1] as string,
      week.week,
      week.weekOfPeriod,
      // The ISO week that shares six of the seven days.
      formatIsoWeek(isoWeekOf(day + 1)),
    ]);
  }
  return {
    path: 'finance/reference_book/retail_weeks/retail_weeks.csv',
    encoding: 'utf-8',
    gzip: false,
    content: {
      kind: 'delimited',
      delimiter: ',',
      header: [
        'week_start',
        'week_end',
        'fiscal_year',
        'fiscal_quarter',
        'fiscal_period',
        'period_name',
        'fiscal_week',
        'week_of_period',
        'iso_week',
      ],
      rows,
    },
  };
}

const COST_CYCLE_WEEKS = 13;

/** List prices and standard costs, renewed every quarter. */
function costFile({ seed, items, weeks }: World): DemoFile {
  const random = randomStream(seed, 'costs');
  const rows = items.flatMap((item) => {
    const costShare = 0.48 + random.next() * 0.14;
    return weeks
      .filter(({ index }) => index % COST_CYCLE_WEEKS === 0)
      .map((week): Cell[] => {
        const list = listPriceCents(item, week.index + COST_CYCLE_WEEKS - 1);
        const cost = Math.round(item.listPriceCents * costShare * (1 + week.index * 0.0005));
        return [item.gtin, formatDay(week.start), money(list), money(cost), 'EUR'];
      });
  });
  return {
    path: 'finance/reference_book/standard_costs/standard_costs.csv',
    encoding: 'utf-8',
    gzip: false,
    content: {
      kind: 'delimited',
      delimiter: ',',
      header: ['gtin', 'valid_from', 'list_price', 'standard_cost', 'currency'],
      rows,
    },
  };
}
