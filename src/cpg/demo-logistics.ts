import { type Day, formatDay } from './calendar-day.ts';
import { type DemoFile, money } from './demo-file.ts';
import { COMPANY_PREFIX, type Item, PLANT_GLNS } from './demo-items.ts';
import { type Random, randomStream } from './demo-random.ts';
import { listPriceCents, type SellOut, type World } from './demo-sell-out.ts';
import { distributionCentres, RETAILERS, type Retailer } from './demo-stores.ts';
import type { DemoWeek } from './demo-weeks.ts';
import { makeSscc } from './gs1-keys.ts';

/** Each item is ordered every fourth week for the next four: orders stay as many as real ones. */
const ORDER_CYCLE_WEEKS = 4;
const CASES_PER_PALLET = 60;
const CARRIERS = ['NORDFRACHT', 'TRANSVIA', 'KESTREL'] as const;

interface OrderLine {
  lineNo: number;
  item: Item;
  cases: number;
}

interface Order {
  number: string;
  retailer: Retailer;
  shipTo: string;
  orderedOn: Day;
  requestedOn: Day;
  weekIndex: number;
  lines: OrderLine[];
}

/** Retailers' purchase orders and what we shipped against them. */
export function logisticsFiles(world: World, facts: readonly SellOut[]): DemoFile[] {
  const orders = makeOrders(world, facts);
  return [...orderFiles(orders), ...shipmentFiles(world, orders)];
}

function makeOrders(world: World, facts: readonly SellOut[]): Order[] {
  const random = randomStream(world.seed, 'orders');
  const sold = unitsByRetailerItemWeek(world, facts);
  return world.weeks.flatMap((week) =>
    RETAILERS.flatMap((retailer, retailerIndex) =>
      distributionCentres(retailer).map((shipTo, place): Order => {
        const orderedOn = week.start + 1 + place;
        return {
          number: `45${String(week.index * 10 + retailerIndex * 2 + place).padStart(8, '0')}`,
          retailer,
          shipTo,
          orderedOn,
          requestedOn: orderedOn + random.integer(3, 5),
          weekIndex: week.index,
          lines: orderLines(random, dueItems(world, week), (item) =>
            unitsSold(sold, { retailerIndex, item, week }),
          ),
        };
      }),
    ),
  );
}

function dueItems({ items }: World, week: DemoWeek): Item[] {
  return items.filter(({ index }) => (index + week.index) % ORDER_CYCLE_WEEKS === 0);
}

/** Half of what the retailer sells in a cycle, give or take: it has two distribution centres. */
function orderLines(random: Random, items: readonly Item[], unitsOf: (item: Item) => number): OrderLine[] {
  return items
    .map((item) => ({ item, share: (unitsOf(item) * ORDER_CYCLE_WEEKS) / 2 / item.unitsPerCase }))
    .filter(({ share }) => share > 0)
    .map(({ item, share }, place) => ({
      lineNo: (place + 1) * 10,
      item,
      cases: Math.max(1, Math.round(share * (0.85 + random.next() * 0.4))),
    }));
}

interface SoldWhere {
  retailerIndex: number;
  item: Item;
  week: DemoWeek;
}

function unitsSold(sold: number[][][], { retailerIndex, item, week }: SoldWhere): number {
  return sold[retailerIndex]?.[item.index]?.[week.index] ?? 0;
}

/** [retailer][item][week] in consumer units. */
function unitsByRetailerItemWeek(world: World, facts: readonly SellOut[]): number[][][] {
  const totals = RETAILERS.map(() => world.items.map(() => world.weeks.map(() => 0)));
  for (const { store, item, week, units } of facts) {
    const weeks = totals[RETAILERS.indexOf(store.retailer)]?.[item.index] as number[];
    weeks[week.index] = (weeks[week.index] ?? 0) + units;
  }
  return totals;
}

/** As the order system exports them: semicolons, decimal commas, days first. */
function orderFiles(orders: readonly Order[]): DemoFile[] {
  return [...Map.groupBy(orders, ({ orderedOn }) => formatDay(orderedOn).slice(0, 7))].map(
    ([month, placed]) => ({
      path: `supply-chain/order_system/purchase_orders/orders_${month}.csv`,
      encoding: 'utf-8',
      gzip: false,
      content: {
        kind: 'delimited',
        delimiter: ';',
        header: [
          'PO_NO',
          'LINE_NO',
          'PO_DATE',
          'REQUESTED_DELIVERY',
          'BUYER_GLN',
          'SHIP_TO_GLN',
          'CASE_GTIN',
          'CASES_ORDERED',
          'CASE_PRICE',
          'CURRENCY',
        ],
        rows: placed.flatMap((order) =>
          order.lines.map(({ lineNo, item, cases }) => [
            order.number,
            lineNo,
            dayFirst(order.orderedOn),
            dayFirst(order.requestedOn),
            order.retailer.gln,
            order.shipTo,
            item.caseGtin,
            cases,
            money(listPriceCents(item, order.weekIndex) * item.unitsPerCase, ','),
            'EUR',
          ]),
        ),
      },
    }),
  );
}

function dayFirst(day: Day): string {
  return formatDay(day).split('-').reverse().join('.');
}

interface PalletLine {
  gtin: string;
  lot: string;
  best_before: string;
  cases: number;
}

function shipmentFiles(world: World, orders: readonly Order[]): DemoFile[] {
  const random = randomStream(world.seed, 'shipments');
  const lastDay = (world.weeks.at(-1) as DemoWeek).end;
  const nextSscc = ssccCounter();
  const notices = orders.flatMap((order, place) => {
    const shippedOn = order.requestedOn - 1 + late(random);
    // Orders of the last days are still in the warehouse.
    if (shippedOn > lastDay || order.lines.length === 0) return [];
    return [shipNotice(random, { order, shippedOn, place, nextSscc })];
  });
  // One carrier's interface sends some notices twice.
  const sent = notices.flatMap((notice) =>
    notice.carrier === 'TRANSVIA' && random.chance(0.05) ? [notice, notice] : [notice],
  );
  return [...Map.groupBy(sent, ({ shipped_at }) => shipped_at.slice(0, 7))].map(([month, records]) => ({
    path: `supply-chain/warehouse/ship_notices/month=${month}/notices.ndjson.gz`,
    encoding: 'utf-8',
    gzip: true,
    content: { kind: 'ndjson', records },
  }));
}

/** Days a truck leaves after it should. */
function late(random: Random): number {
  return random.chance(0.09) ? random.integer(1, 4) : 0;
}

function ssccCounter(): () => string {
  let serial = 1_000_000;
  return () => makeSscc(1, COMPANY_PREFIX, serial++);
}

interface Departure {
  order: Order;
  shippedOn: Day;
  place: number;
  nextSscc: () => string;
}

function shipNotice(random: Random, { order, shippedOn, place, nextSscc }: Departure) {
  const carrier = random.pick(CARRIERS);
  const pallets = loadPallets(shippedLines(random, order, shippedOn), nextSscc);
  return {
    shipment_no: `SH${String(600_000 + place)}`,
    po_no: order.number,
    ship_from_gln: random.pick(PLANT_GLNS),
    ship_to_gln: order.shipTo,
    carrier,
    shipped_at: `${formatDay(shippedOn)}T${String(6 + (place % 10)).padStart(2, '0')}:15:00Z`,
    delivered_at: `${formatDay(shippedOn + 1)}T${String(5 + (place % 8)).padStart(2, '0')}:40:00Z`,
    // Kestrel scans labels whole, with the application identifier of an SSCC.
    pallets: pallets.map((pallet) => ({
      ...pallet,
      sscc: carrier === 'KESTREL' ? `(00)${pallet.sscc}` : pallet.sscc,
    })),
  };
}

/** Lines in full mostly; some cut short for lack of stock, a few not shipped at all. */
function shippedLines(random: Random, order: Order, shippedOn: Day): PalletLine[] {
  return order.lines.flatMap(({ item, cases }) => {
    const draw = random.next();
    const shipped = draw < 0.02 ? 0 : draw < 0.08 ? Math.floor(cases * random.next()) : cases;
    if (shipped === 0) return [];
    const lot = `L${formatDay(shippedOn - random.integer(5, 30))
      .replaceAll('-', '')
      .slice(2)}${random.integer(1, 3)}`;
    return [
      {
        gtin: item.caseGtin,
        lot,
        best_before: formatDay(shippedOn + random.integer(150, 400)),
        cases: shipped,
      },
    ];
  });
}

function loadPallets(lines: readonly PalletLine[], nextSscc: () => string) {
  const pallets: { sscc: string; lines: PalletLine[] }[] = [];
  let room = 0;
  for (const line of lines) {
    for (let left = line.cases; left > 0;) {
      if (room === 0) {
        pallets.push({ sscc: nextSscc(), lines: [] });
        room = CASES_PER_PALLET;
      }
      const cases = Math.min(left, room);
      pallets.at(-1)?.lines.push({ ...line, cases });
      left -= cases;
      room -= cases;
    }
  }
  return pallets;
}
