import { expect, test } from 'vitest';
import { isMeshError } from '../base/errors.ts';
import { parseDay } from './calendar-day.ts';
import { type DemoOptions, demoFiles, makeWorld } from './demo-data.ts';
import { type Cell, type DemoFile, fileText } from './demo-file.ts';
import { type SellOut, simulateSellOut } from './demo-sell-out.ts';
import { distributionCentres, RETAILERS } from './demo-stores.ts';
import { isGln, isSscc, normaliseSscc } from './gs1-keys.ts';
import { classifyGtin, gtinUse, packIndicator } from './gtin.ts';

const OPTIONS: DemoOptions = { seed: 1, endDate: '2026-11-23' };
const world = makeWorld(OPTIONS);
// Made once: most tests read them.
let cachedFacts: SellOut[] | undefined;
const facts = () => (cachedFacts ??= simulateSellOut(world));
let cachedFiles: DemoFile[] | undefined;
const files = () => (cachedFiles ??= [...demoFiles(OPTIONS)]);

function rowsOf(pathPart: string): Record<string, Cell>[] {
  return files()
    .filter(({ path }) => path.includes(pathPart))
    .flatMap(({ content }) => {
      if (content.kind !== 'delimited') throw new Error('not a delimited file');
      return content.rows.map((row) =>
        Object.fromEntries(content.header.map((name, index) => [name, row[index] ?? null])),
      );
    });
}

function recordsOf<Shape>(pathPart: string): Shape[] {
  return files()
    .filter(({ path }) => path.includes(pathPart))
    .flatMap(({ content }) => {
      if (content.kind === 'delimited') throw new Error('not a JSON file');
      return content.records as Shape[];
    });
}

test('two hundred items with valid GTINs on three packing levels, all in the demonstration prefix', () => {
  expect(world.items).toHaveLength(200);
  const keys = world.items.flatMap(({ gtin, caseGtin, palletGtin }) => [gtin, caseGtin, palletGtin]);
  expect(new Set(keys).size).toBe(600);
  for (const key of keys) {
    expect(classifyGtin(key)).toMatchObject({ status: 'valid', length: 14 });
    expect(gtinUse(key)).toBe('demonstration');
  }
  expect(
    world.items.every(({ gtin, caseGtin }) => packIndicator(gtin) === 0 && packIndicator(caseGtin) === 1),
  ).toBe(true);
});

test('three hundred stores of five retailers with valid GLNs', () => {
  expect(world.stores).toHaveLength(300);
  const glns = [
    ...world.stores.map(({ gln }) => gln),
    ...RETAILERS.flatMap((retailer) => [retailer.gln, ...distributionCentres(retailer)]),
  ];
  expect(new Set(glns).size).toBe(315);
  expect(glns.filter((gln) => !isGln(gln))).toEqual([]);
});

test('the data ends with the last whole retail week before the end date', () => {
  const lastWeek = (endDate: string) => makeWorld({ seed: 1, endDate }).weeks.at(-1)?.end;
  expect(lastWeek('2026-11-21')).toBe(parseDay('2026-11-14'));
  expect(lastWeek('2026-11-22')).toBe(parseDay('2026-11-21'));
  expect(world.weeks).toHaveLength(52);
});

test('an end date that is no day is refused', () => {
  let refused: unknown;
  try {
    makeWorld({ seed: 1, endDate: '2026-02-30' });
  } catch (error) {
    refused = error;
  }
  expect(isMeshError(refused, 'input.invalid')).toBe(true);
});

test('the same options give the same text, another seed does not', () => {
  const some = (options: DemoOptions) => {
    const made = new Map<string, string>();
    for (const file of demoFiles(options)) made.set(file.path, fileText(file));
    return made;
  };
  const first = new Map(files().map((file) => [file.path, fileText(file)]));
  expect(some(OPTIONS)).toEqual(first);
  const items = 'product/item_system/trade_items/trade_items.ndjson.gz';
  const [other] = demoFiles({ ...OPTIONS, seed: 2 });
  expect(other?.path).toBe(items);
  expect(fileText(other as DemoFile)).not.toBe(first.get(items));
});

test('an item is in one promotion at a time, and promotions sell more', () => {
  const seen = new Set<string>();
  for (const { retailer, items, firstWeek, lastWeek } of world.promotions) {
    for (const item of items) {
      for (let week = firstWeek; week <= lastWeek; week++) {
        const place = `${retailer.code} ${item.index} ${week}`;
        expect(seen.has(place)).toBe(false);
        seen.add(place);
      }
    }
  }
  const units = (promoted: boolean) => {
    const chosen = facts().filter(({ promotion }) => (promotion !== undefined) === promoted);
    return chosen.reduce((sum, fact) => sum + fact.units, 0) / chosen.length;
  };
  const ratio = units(true) / units(false);
  expect(ratio).toBeGreaterThan(1.5);
  expect(ratio).toBeLessThan(4);
});

test('juice sells in summer, chocolate before Christmas', () => {
  const unitsIn = (category: string, fiscalWeek: number) =>
    facts()
      .filter(({ item, week }) => item.category === category && week.week === fiscalWeek)
      .reduce((sum, { units }) => sum + units, 0);
  expect(unitsIn('Juice', 26)).toBeGreaterThan(1.5 * unitsIn('Juice', 50));
  expect(unitsIn('Chocolate', 46)).toBeGreaterThan(1.5 * unitsIn('Chocolate', 26));
});

test('the dirt is there, in the measure it is meant to be', () => {
  const lines = rowsOf('/product_activity/');
  const wrong = lines.filter(({ gtin }) => classifyGtin(String(gtin)).status === 'bad-check-digit');
  expect(wrong.length).toBeGreaterThan(20);
  expect(wrong.length).toBeLessThan(lines.length / 1000);
  const known = new Set(world.stores.map(({ gln }) => gln));
  const unknown = lines.filter((line) => !known.has(String(line['store_gln'])));
  expect(unknown.length).toBeGreaterThan(20);
  expect(unknown.every((line) => isGln(String(line['store_gln'])))).toBe(true);
  const exact = new Set(lines.map((line) => JSON.stringify(line)));
  expect(lines.length - exact.size).toBeGreaterThan(100);
  const returns = lines.filter((line) => line['activity_code'] === 'QU');
  expect(returns.length).toBeGreaterThan(1000);
});

test('Bonpré writes two date forms, decimal commas and letters that need Latin-1', () => {
  const sheet = files().filter(({ path }) => path.includes('ventes_bonpre'));
  expect(sheet.every(({ encoding }) => encoding === 'latin-1')).toBe(true);
  const text = fileText(sheet[0] as DemoFile);
  expect(text).toMatch(/;\d{4}-\d{2}-\d{2};/);
  expect(text).toMatch(/;\d{2}\/\d{2}\/\d{4};/);
  expect(text).toMatch(/;-\d+;-\d+,\d{2};/);
  expect(text).toContain('Bonpré Besançon');
  // Nothing in it that Latin-1 cannot write.
  expect(Buffer.from(text, 'latin1').toString('latin1')).toBe(text);
});

test('every pallet has a valid SSCC of its own and holds what was ordered', () => {
  interface Notice {
    shipment_no: string;
    po_no: string;
    pallets: { sscc: string; lines: { gtin: string; cases: number }[] }[];
  }
  const notices = new Map(recordsOf<Notice>('/ship_notices/').map((notice) => [notice.shipment_no, notice]));
  const pallets = [...notices.values()].flatMap((notice) => notice.pallets);
  const codes = pallets.map(({ sscc }) => normaliseSscc(sscc));
  expect(codes.every((code) => code !== null && isSscc(code))).toBe(true);
  expect(new Set(codes).size).toBe(pallets.length);
  const ordered = new Map<string, number>();
  for (const line of rowsOf('/purchase_orders/')) {
    ordered.set(`${line['PO_NO']} ${line['CASE_GTIN']}`, Number(line['CASES_ORDERED']));
  }
  for (const { po_no, pallets: loaded } of notices.values()) {
    const shipped = new Map<string, number>();
    for (const { gtin, cases } of loaded.flatMap(({ lines }) => lines)) {
      shipped.set(gtin, (shipped.get(gtin) ?? 0) + cases);
    }
    for (const [gtin, cases] of shipped)
      expect(cases).toBeLessThanOrEqual(ordered.get(`${po_no} ${gtin}`) ?? 0);
  }
});

test('nobody can get a mail from the demo: all addresses are in example domains', () => {
  const members = rowsOf('/loyalty_club/members/');
  expect(members.length).toBeGreaterThan(4000);
  const outside = members.filter(
    ({ email }) => !/^[a-z]+\.[a-z]+\d+@example\.(com|org|net)$/i.test(String(email)),
  );
  expect(outside).toEqual([]);
});
