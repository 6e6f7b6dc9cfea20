import { formatDay } from './calendar-day.ts';
import { BRANDS, type Item } from './demo-items.ts';
import { type Random, randomStream } from './demo-random.ts';
import { RETAILERS, type Retailer } from './demo-stores.ts';
import type { DemoWeek } from './demo-weeks.ts';

export type Mechanic = 'price-off' | 'multibuy' | 'feature' | 'display';

/** How much a mechanic adds to the effect of the lower price. */
const MECHANIC_LIFT: Record<Mechanic, number> = { 'price-off': 1, multibuy: 1.2, feature: 1.3, display: 1.5 };
/** Percent more units for a percent less price; between the published means for food and drink. */
const PRICE_ELASTICITY = 2.2;
/** Shoppers who stocked up buy less afterwards. */
const WEEK_AFTER = 0.86;
const PROMOTIONS_PER_RETAILER = 40;

export interface Promotion {
  id: string;
  name: string;
  retailer: Retailer;
  mechanic: Mechanic;
  discountPercent: number;
  /** Indexes of weeks, both included. */
  firstWeek: number;
  lastWeek: number;
  items: Item[];
  fundingEur: number;
}

/** The year's promotions; an item is in at most one at a retailer in any week. */
export function makePromotions(
  seed: number,
  items: readonly Item[],
  weeks: readonly DemoWeek[],
): Promotion[] {
  const random = randomStream(seed, 'promotions');
  const promotions: Promotion[] = [];
  for (const retailer of RETAILERS) {
    const taken = new Set<string>();
    for (let turn = 0; turn < PROMOTIONS_PER_RETAILER; turn++) {
      const candidate = draw(random, { retailer, items, weeks, turn });
      const free = candidate.items.filter((item) => !overlaps(taken, candidate, item));
      if (free.length < 2) continue;
      for (const item of free) {
        // The weeks beside a promotion stay free as well: its after-effect shall be visible alone.
        for (let week = candidate.firstWeek - 1; week <= candidate.lastWeek + 1; week++) {
          taken.add(`${week}:${item.index}`);
        }
      }
      promotions.push({ ...candidate, items: free });
    }
  }
  return promotions;
}

function overlaps(taken: ReadonlySet<string>, { firstWeek, lastWeek }: Promotion, item: Item): boolean {
  for (let week = firstWeek; week <= lastWeek; week++) if (taken.has(`${week}:${item.index}`)) return true;
  return item.launchWeek + 6 > firstWeek;
}

interface Draw {
  retailer: Retailer;
  items: readonly Item[];
  weeks: readonly DemoWeek[];
  turn: number;
}

function draw(random: Random, { retailer, items, weeks, turn }: Draw): Promotion {
  const brand = random.pick(BRANDS);
  const mechanic = random.pick<Mechanic>(['price-off', 'price-off', 'multibuy', 'feature', 'display']);
  const length = random.integer(1, 3);
  const firstWeek = random.integer(1, weeks.length - length - 1);
  const discountPercent = random.pick([10, 15, 20, 20, 25, 30, 33]);
  const start = formatDay((weeks[firstWeek] as DemoWeek).start);
  return {
    id: `PR-${retailer.country}-${String(turn + 1).padStart(3, '0')}`,
    name: `${brand.name} ${mechanic} ${discountPercent}% ${start}`,
    retailer,
    mechanic,
    discountPercent,
    firstWeek,
    lastWeek: firstWeek + length - 1,
    items: items.filter((item) => item.brand === brand.name && random.chance(0.4)),
    fundingEur: random.integer(8, 60) * 250,
  };
}

/** What is on promotion where: looked up for every store, item and week. */
export interface PromotionPlan {
  find(retailer: Retailer, item: Item, week: number): Promotion | undefined;
  /** Demand against an ordinary week. */
  effect(retailer: Retailer, item: Item, week: number): number;
}

export function planPromotions(promotions: readonly Promotion[]): PromotionPlan {
  const byPlace = new Map<string, Promotion>();
  const key = (retailer: Retailer, item: Item, week: number) => `${retailer.code}:${item.index}:${week}`;
  for (const promotion of promotions) {
    for (const item of promotion.items) {
      for (let week = promotion.firstWeek; week <= promotion.lastWeek; week++) {
        byPlace.set(key(promotion.retailer, item, week), promotion);
      }
    }
  }
  const find = (retailer: Retailer, item: Item, week: number) => byPlace.get(key(retailer, item, week));
  return {
    find,
    effect(retailer, item, week) {
      const now = find(retailer, item, week);
      if (now) return lift(now);
      return find(retailer, item, week - 1) ? WEEK_AFTER : 1;
    },
  };
}

function lift({ discountPercent, mechanic }: Promotion): number {
  return (1 - discountPercent / 100) ** -PRICE_ELASTICITY * MECHANIC_LIFT[mechanic];
}
