import { formatDay } from './calendar-day.ts';
import { type Cell, type DemoFile, money } from './demo-file.ts';
import { type Random, randomStream } from './demo-random.ts';
import type { SellOut, World } from './demo-sell-out.ts';
import { makeGln } from './gs1-keys.ts';

/**
 * How the five retailers send their sell-out: three as a product activity report (the columns of X12 852),
 * one as a French spreadsheet, one as nested JSON. Each with the faults such files have.
 */
export function* posFeeds(world: World, facts: readonly SellOut[]): Generator<DemoFile> {
  const byRetailerMonth = Map.groupBy(facts, ({ store, week }) => `${store.retailer.code}/${week.month}`);
  for (const [key, sold] of byRetailerMonth) {
    const [code, month] = key.split('/') as [string, string];
    const random = randomStream(world.seed, `feed ${key}`);
    if (code === 'bonpre') yield spreadsheet(random, month, sold);
    else if (code === 'tierra-fresca') yield nestedJson(month, sold);
    else yield activityReport(random, `month=${month}/${code}_${month}`, sold);
  }
  yield lateRestatement(world, facts);
}

const ACTIVITY_HEADER = [
  'document_no',
  'retailer_gln',
  'reporting_start_date',
  'reporting_end_date',
  'store_gln',
  'gtin',
  'activity_code',
  'quantity',
  'uom',
  'retail_value',
  'currency',
  'promo_flag',
  'received_at',
];
/** Stores opened after the last store master reached us: valid GLNs that nothing explains. */
const UNKNOWN_STORE_REFERENCES = [70_001, 70_004];

function activityReport(random: Random, name: string, sold: readonly SellOut[]): DemoFile {
  const rows = sold.flatMap((fact) => activityLines(fact, receivedAt(fact, 2)));
  for (const row of rows) bendActivityLine(random, row, sold);
  // Sent twice: the interface repeated a block after a lost connection.
  const repeated = rows.filter(() => random.chance(0.004));
  return activityFile(name, [...rows, ...repeated]);
}

function activityFile(name: string, rows: Cell[][]): DemoFile {
  return {
    path: `sales/retailer_pos/product_activity/${name}.csv.gz`,
    encoding: 'utf-8',
    gzip: true,
    content: { kind: 'delimited', delimiter: ',', header: ACTIVITY_HEADER, rows },
  };
}

/** Activity codes QS quantity sold, QU quantity returned by the consumer (X12 element 859). */
function activityLines(fact: SellOut, received: string): Cell[][] {
  const line = (code: string, quantity: number, cents: number): Cell[] => [
    `${fact.store.retailer.country}${formatDay(fact.week.start).replaceAll('-', '')}`,
    fact.store.retailer.gln,
    formatDay(fact.week.start),
    formatDay(fact.week.end),
    fact.store.gln,
    fact.item.gtin,
    code,
    quantity,
    'EA',
    money(cents),
    'EUR',
    fact.promotion ? 'Y' : 'N',
    received,
  ];
  const lines = fact.units > 0 ? [line('QS', fact.units, fact.valueCents)] : [];
  if (fact.returned > 0) lines.push(line('QU', fact.returned, fact.returned * fact.unitPriceCents));
  return lines;
}

const COLUMN = { storeGln: 4, gtin: 5 };

function bendActivityLine(random: Random, row: Cell[], sold: readonly SellOut[]): void {
  const draw = random.next();
  if (draw < 0.0004) {
    // A digit keyed wrong at the shelf.
    const gtin = String(row[COLUMN.gtin]);
    row[COLUMN.gtin] = gtin.slice(0, 13) + String((Number(gtin[13]) + 3) % 10);
  } else if (draw < 0.001) {
    const { retailer } = (sold[0] as SellOut).store;
    row[COLUMN.storeGln] = makeGln(retailer.prefix, random.pick(UNKNOWN_STORE_REFERENCES));
  }
}

/** Lindenmarkt sends one week again, corrected, a month late and into the folder of the month it is sent in. */
function lateRestatement(world: World, facts: readonly SellOut[]): DemoFile {
  const restated = world.weeks[world.weeks.length - 9];
  const later = world.weeks[world.weeks.length - 4];
  const rows = facts
    .filter(({ store, week }) => store.retailer.code === 'lindenmarkt' && week === restated)
    .map((fact) => ({ ...fact, units: fact.units + 1, valueCents: fact.valueCents + fact.unitPriceCents }))
    .flatMap((fact) => activityLines(fact, receivedAt(fact, 33)));
  return activityFile(`month=${later?.month}/lindenmarkt_restated_${formatDay(restated?.start ?? 0)}`, rows);
}

function receivedAt({ week, store }: SellOut, daysLater: number): string {
  return `${formatDay(week.end + daysLater)}T0${5 + (store.index % 4)}:30:00Z`;
}

/**
 * Bonpré: semicolons, decimal commas, Latin-1, returns as negative quantities, thirteen-digit codes; franchise
 * stores (every third) write days first.
 */
function spreadsheet(random: Random, month: string, sold: readonly SellOut[]): DemoFile {
  const rows = sold.flatMap((fact) => {
    const start = formatDay(fact.week.start);
    const date = fact.store.index % 3 === 0 ? start.split('-').reverse().join('/') : start;
    const line = (quantity: number, cents: number): Cell[] => [
      fact.store.number,
      fact.store.name,
      fact.item.gtin.slice(1),
      `${fact.item.brand} ${fact.item.variant}`,
      date,
      quantity,
      money(cents, ','),
      fact.promotion ? 'oui' : 'non',
    ];
    const lines = fact.units > 0 ? [line(fact.units, fact.valueCents)] : [];
    if (fact.returned > 0) lines.push(line(-fact.returned, -fact.returned * fact.unitPriceCents));
    return lines;
  });
  const repeated = rows.filter(() => random.chance(0.002));
  return {
    path: `sales/retailer_pos/ventes_bonpre/ventes_${month.replace('-', '')}.csv`,
    encoding: 'latin-1',
    gzip: false,
    content: {
      kind: 'delimited',
      delimiter: ';',
      header: [
        'magasin',
        'libelle_magasin',
        'ean',
        'libelle_article',
        'semaine_du',
        'quantite',
        'ca_ht',
        'promo',
      ],
      rows: [...rows, ...repeated],
    },
  };
}

/** Tierra Fresca: one record per store and week, weeks from Monday, lines nested. */
function nestedJson(month: string, sold: readonly SellOut[]): DemoFile {
  const baskets = Map.groupBy(sold, ({ store, week }) => `${store.number} ${week.index}`);
  const records = [...baskets.values()].map((facts) => {
    const { store, week } = facts[0] as SellOut;
    return {
      tienda: { codigo: store.number, gln: store.gln },
      semana_desde: formatDay(week.start + 1),
      moneda: 'EUR',
      ventas: facts.map((fact) => ({
        ean: fact.item.gtin.slice(1),
        unidades: fact.units,
        devoluciones: fact.returned,
        importe: money(fact.valueCents - fact.returned * fact.unitPriceCents),
        promocion: fact.promotion !== undefined,
      })),
    };
  });
  return {
    path: `sales/retailer_pos/ventas_tierra_fresca/month=${month}/ventas.ndjson.gz`,
    encoding: 'utf-8',
    gzip: true,
    content: { kind: 'ndjson', records },
  };
}

/** Norrvik's own count of its shelves, one file a week. */
export function* stockFeed(facts: readonly SellOut[]): Generator<DemoFile> {
  const norrvik = facts.filter(({ store }) => store.retailer.code === 'norrvik');
  for (const [start, counted] of Map.groupBy(norrvik, ({ week }) => formatDay(week.start))) {
    yield {
      path: `retailer-north/shelf_stock/weekly_count/week=${start}/stock.csv.gz`,
      encoding: 'utf-8',
      gzip: true,
      content: {
        kind: 'delimited',
        delimiter: ',',
        header: ['store_gln', 'gtin', 'counted_on', 'on_hand_units', 'days_out_of_stock'],
        rows: counted.map((fact) => [
          fact.store.gln,
          fact.item.gtin,
          formatDay(fact.week.end),
          fact.onHandUnits,
          fact.daysOutOfStock,
        ]),
      },
    };
  }
}
