import type { Item } from './demo-items.ts';
import type { Promotion, PromotionPlan } from './demo-promotions.ts';
import { type Random, randomStream } from './demo-random.ts';
import type { Store, StoreFormat } from './demo-stores.ts';
import { type DemoWeek, seasonality } from './demo-weeks.ts';

/** Items of Larkfield a store of a format lists, and units of an ordinary item it sells in a week. */
const FORMATS: Record<StoreFormat, { listed: [number, number]; weeklyUnits: number }> = {
  hypermarket: { listed: [24, 40], weeklyUnits: 26 },
  supermarket: { listed: [13, 24], weeklyUnits: 11 },
  convenience: { listed: [6, 12], weeklyUnits: 4 },
  online: { listed: [40, 60], weeklyUnits: 18 },
};
/** The retailer's margin on top of our list price. */
const SHELF_MARKUP = 1.35;
/** Prices went up once, as suppliers announce each year. */
const PRICE_RISE = { week: 30, factor: 1.03 };

/** What one store sold of one item in one week: the truth, before any retailer's file bends it. */
export interface SellOut {
  store: Store;
  item: Item;
  week: DemoWeek;
  units: number;
  returned: number;
  /** Value at the till without value added tax, returns not yet deducted. */
  valueCents: number;
  unitPriceCents: number;
  promotion: Promotion | undefined;
  daysOutOfStock: number;
  onHandUnits: number;
}

export interface World {
  seed: number;
  items: readonly Item[];
  stores: readonly Store[];
  weeks: readonly DemoWeek[];
  promotions: readonly Promotion[];
  plan: PromotionPlan;
}

/** A year of weekly sell-out, store by store. */
export function simulateSellOut(world: World): SellOut[] {
  const random = randomStream(world.seed, 'sell-out');
  const facts: SellOut[] = [];
  for (const store of world.stores) {
    for (const item of listedItems(random, store, world.items)) {
      for (const week of world.weeks) {
        if (week.index < item.launchWeek) continue;
        const fact = sellWeek(random, world.plan, { store, item, week });
        if (fact.units > 0 || fact.daysOutOfStock > 0) facts.push(fact);
      }
    }
  }
  return facts;
}

function listedItems(random: Random, store: Store, items: readonly Item[]): Item[] {
  const [least, most] = FORMATS[store.format].listed;
  const wanted = random.integer(least, most);
  const listed = new Set<Item>();
  while (listed.size < wanted) {
    const item = random.pick(items);
    // Well-selling items are listed first.
    if (random.chance(item.popularity / 3.5)) listed.add(item);
  }
  return [...listed].sort((left, right) => left.index - right.index);
}

type Place = Pick<SellOut, 'store' | 'item' | 'week'>;

function sellWeek(random: Random, plan: PromotionPlan, place: Place): SellOut {
  const { store, item, week } = place;
  const promotion = plan.find(store.retailer, item, week.index);
  // Promotions empty shelves: that is what on-shelf availability is measured for.
  const daysOutOfStock = random.chance(promotion ? 0.07 : 0.025) ? random.integer(1, promotion ? 5 : 4) : 0;
  const demand =
    FORMATS[store.format].weeklyUnits *
    store.size *
    item.popularity *
    seasonality(item.season, week.week) *
    (1 + week.index * 0.0006) *
    plan.effect(store.retailer, item, week.index);
  const units = random.round(demand * Math.max(0.3, 1 + random.normal() * 0.2) * (1 - daysOutOfStock / 7));
  const unitPriceCents = shelfPrice(place, promotion);
  return {
    ...place,
    units,
    returned: units > 2 && random.chance(0.025) ? random.integer(1, 2) : 0,
    valueCents: units * unitPriceCents,
    unitPriceCents,
    promotion,
    daysOutOfStock,
    onHandUnits:
      daysOutOfStock > 0 && random.chance(0.5) ? 0 : random.round(demand * (0.6 + random.next())) + 2,
  };
}

function shelfPrice({ store, item, week }: Place, promotion: Promotion | undefined): number {
  const list = item.listPriceCents * (week.index >= PRICE_RISE.week ? PRICE_RISE.factor : 1);
  const shelf = list * SHELF_MARKUP * store.retailer.priceIndex;
  // Shelf prices end in 9.
  const ordinary = Math.max(19, Math.round(shelf / 10) * 10 - 1);
  return promotion ? Math.round(ordinary * (1 - promotion.discountPercent / 100)) : ordinary;
}

/** Our list price of an item in a week, in cents. */
export function listPriceCents(item: Item, weekIndex: number): number {
  return Math.round(item.listPriceCents * (weekIndex >= PRICE_RISE.week ? PRICE_RISE.factor : 1));
}
