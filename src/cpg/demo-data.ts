import { MeshError } from '../base/errors.ts';
import { parseDay } from './calendar-day.ts';
import { consumerFiles } from './demo-consumers.ts';
import type { DemoFile } from './demo-file.ts';
import { makeItems } from './demo-items.ts';
import { logisticsFiles } from './demo-logistics.ts';
import { marketingFiles } from './demo-marketing.ts';
import { masterFiles } from './demo-masters.ts';
import { posFeeds, stockFeed } from './demo-pos-feeds.ts';
import { makePromotions, planPromotions } from './demo-promotions.ts';
import { type World, simulateSellOut } from './demo-sell-out.ts';
import { makeStores } from './demo-stores.ts';
import { demoWeeks } from './demo-weeks.ts';

export interface DemoOptions {
  /** Another seed makes another company year; the same seed and day give the same bytes. Default 1. */
  seed?: number;
  /** ISO day that counts as today: the data ends with the last whole retail week before it. */
  endDate: string;
}

/** What Larkfield Foods and its retailers are, before they are written into files. */
export function makeWorld({ seed = 1, endDate }: DemoOptions): World {
  const today = parseDay(endDate);
  if (today === null) {
    throw new MeshError('input.invalid', {
      problems: [{ pointer: '/endDate', message: `'${endDate}' is not a day such as 2026-11-23` }],
    });
  }
  const items = makeItems(seed);
  const weeks = demoWeeks(today);
  const promotions = makePromotions(seed, items, weeks);
  return { seed, items, stores: makeStores(seed), weeks, promotions, plan: planPromotions(promotions) };
}

/**
 * Every source file of `blueprints/cpg`, a year of a consumer goods company, with the dirt such files have:
 * lines sent twice, wrong check digits, unknown stores, a week restated late, two date forms in one file.
 */
export function* demoFiles(options: DemoOptions): Generator<DemoFile> {
  const world = makeWorld(options);
  const facts = simulateSellOut(world);
  yield* masterFiles(world);
  yield* marketingFiles(world);
  yield* posFeeds(world, facts);
  yield* stockFeed(facts);
  yield* logisticsFiles(world, facts);
  yield* consumerFiles(world);
}
