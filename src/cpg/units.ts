/**
 * Units of measure as consumer goods use them: UN/CEFACT Recommendation 20 codes, and Recommendation 21
 * package types written with an X before them (`XCS`), as Recommendation 20 annex I allows.
 */
export type Dimension = 'mass' | 'volume' | 'length' | 'area' | 'count' | 'package';

export interface Unit {
  code: string;
  name: string;
  dimension: Dimension;
  /** How many of the dimension's base (kilogram, litre, metre, square metre, one) this unit holds. */
  factor: number | null;
}

/** International avoirdupois pound (1959), in kilograms; exact. */
const POUND = 0.45359237;
/** US liquid gallon of 231 cubic inches, in litres; exact. */
const GALLON = 3.785411784;

const ROWS: readonly [string, string, Dimension, number | null][] = [
  ['MGM', 'milligram', 'mass', 1e-6],
  ['GRM', 'gram', 'mass', 1e-3],
  ['KGM', 'kilogram', 'mass', 1],
  ['TNE', 'tonne', 'mass', 1000],
  ['ONZ', 'ounce', 'mass', POUND / 16],
  ['LBR', 'pound', 'mass', POUND],
  ['MLT', 'millilitre', 'volume', 1e-3],
  ['CLT', 'centilitre', 'volume', 1e-2],
  ['DLT', 'decilitre', 'volume', 0.1],
  ['LTR', 'litre', 'volume', 1],
  ['HLT', 'hectolitre', 'volume', 100],
  ['MTQ', 'cubic metre', 'volume', 1000],
  ['OZA', 'fluid ounce (US)', 'volume', GALLON / 128],
  ['PTI', 'pint (UK)', 'volume', 0.56826125],
  ['GLL', 'gallon (US)', 'volume', GALLON],
  ['MMT', 'millimetre', 'length', 1e-3],
  ['CMT', 'centimetre', 'length', 1e-2],
  ['MTR', 'metre', 'length', 1],
  ['INH', 'inch', 'length', 0.0254],
  ['FOT', 'foot', 'length', 0.3048],
  ['MTK', 'square metre', 'area', 1],
  ['EA', 'each', 'count', 1],
  ['H87', 'piece', 'count', 1],
  ['C62', 'one', 'count', 1],
  ['PR', 'pair', 'count', 2],
  ['DZN', 'dozen', 'count', 12],
  // What a package holds is a fact of the item (its packing hierarchy), never of the unit.
  ['XCS', 'case', 'package', null],
  ['XCT', 'carton', 'package', null],
  ['XBX', 'box', 'package', null],
  ['XPK', 'package', 'package', null],
  ['XPX', 'pallet', 'package', null],
];

const UNITS = new Map<string, Unit>(
  ROWS.map(([code, name, dimension, factor]) => [code, { code, name, dimension, factor }]),
);

/** What people and old systems write, in lower case. Words that mean two units (`oz`, `pt`) are left out. */
const WRITTEN: Readonly<Record<string, string>> = {
  mg: 'MGM',
  g: 'GRM',
  gr: 'GRM',
  gram: 'GRM',
  kg: 'KGM',
  kilo: 'KGM',
  t: 'TNE',
  lb: 'LBR',
  lbs: 'LBR',
  ml: 'MLT',
  cl: 'CLT',
  dl: 'DLT',
  l: 'LTR',
  lt: 'LTR',
  litre: 'LTR',
  liter: 'LTR',
  hl: 'HLT',
  'fl oz': 'OZA',
  mm: 'MMT',
  cm: 'CMT',
  m: 'MTR',
  in: 'INH',
  ft: 'FOT',
  ea: 'EA',
  each: 'EA',
  pc: 'H87',
  pcs: 'H87',
  piece: 'H87',
  pce: 'H87',
  dz: 'DZN',
  cs: 'XCS',
  case: 'XCS',
  ct: 'XCT',
  pallet: 'XPX',
};

/** Every unit known, in the order of the list. */
export function listUnits(): Unit[] {
  return [...UNITS.values()];
}

/** The unit a text names, by Recommendation 20 code or as commonly written (`kg`, `Pcs.`); null if unknown. */
export function findUnit(text: string): Unit | null {
  const trimmed = text.trim();
  const code = WRITTEN[trimmed.toLowerCase().replace(/\.$/, '')] ?? trimmed.toUpperCase();
  return UNITS.get(code) ?? null;
}

/** `quantity` of unit `from` in unit `to`; null where they measure different things or hold no fixed amount. */
export function convertQuantity(quantity: number, from: Unit, to: Unit): number | null {
  if (from.code === to.code) return quantity;
  if (from.dimension !== to.dimension || from.factor === null || to.factor === null) return null;
  return (quantity * from.factor) / to.factor;
}
