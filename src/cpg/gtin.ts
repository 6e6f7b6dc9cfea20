import { checkDigitHolds, withCheckDigit } from './check-digit.ts';

/** Lengths a GTIN is written in (GTIN-8, UPC-A or GTIN-12, EAN or GTIN-13, ITF-14 or GTIN-14). */
const LENGTHS = [8, 12, 13, 14] as const;
type GtinLength = (typeof LENGTHS)[number];

/**
 * What a text in a GTIN column is:
 * - `valid`: a GTIN of that length with the right check digit;
 * - `zeros-lost`: right once filled up with zeros, the usual damage of spreadsheets and number columns;
 *   `short` below 8 digits, where one in ten random numbers passes as well;
 * - `bad-check-digit`, `bad-length` (no filling repairs it), `non-digit`, `empty`.
 */
export type GtinFinding =
  | { status: 'valid'; length: GtinLength; gtin14: string }
  | { status: 'zeros-lost'; short: boolean; gtin14: string }
  | { status: 'bad-check-digit' | 'bad-length' | 'non-digit' | 'empty' };

export function classifyGtin(text: string | null | undefined): GtinFinding {
  if (text === null || text === undefined || text === '') return { status: 'empty' };
  if (!/^\d+$/.test(text)) return { status: 'non-digit' };
  const length = LENGTHS.find((known) => known === text.length);
  if (length) {
    return checkDigitHolds(text)
      ? { status: 'valid', length, gtin14: text.padStart(14, '0') }
      : { status: 'bad-check-digit' };
  }
  if (text.length < 14 && checkDigitHolds(text) && /[1-9]/.test(text)) {
    return { status: 'zeros-lost', short: text.length < 8, gtin14: text.padStart(14, '0') };
  }
  return { status: 'bad-length' };
}

/**
 * The one form in which GTINs are stored and joined: 14 digits, filled up with zeros on the left.
 * Spaces and hyphens as printed under bar codes are dropped. Null when the text is no GTIN, or only passes
 * as one because it is short.
 */
export function normaliseGtin(text: string | null | undefined): string | null {
  const finding = classifyGtin(text?.replace(/[\s-]/g, ''));
  if (finding.status === 'valid') return finding.gtin14;
  return finding.status === 'zeros-lost' && !finding.short ? finding.gtin14 : null;
}

/**
 * The GTIN-14 of a higher packing level of an item: indicator 1 to 8, the item's twelve digits, a new check
 * digit. Indicator 9 means variable measure and is no packing level.
 */
export function packGtin(gtin14: string, indicator: number): string {
  return withCheckDigit(String(indicator) + gtin14.slice(1, 13));
}

/** The packing indicator of a GTIN-14: 0 base item, 1 to 8 packs, 9 variable measure. */
export function packIndicator(gtin14: string): number {
  return Number(gtin14[0]);
}

/**
 * What a GTIN may be used for, by its GS1 prefix. The prefix names the organisation that issued the key,
 * never the country the goods come from.
 * - `global`: identifies the same item everywhere;
 * - `restricted`: means something only inside one company or region (often with price or weight in it):
 *   never join it across retailers;
 * - `demonstration`: prefix 952, kept free for examples;
 * - `publication`: ISSN and ISBN; `coupon`: coupons and refund receipts, no item.
 */
export type GtinUse = 'global' | 'restricted' | 'demonstration' | 'publication' | 'coupon';

const PREFIX_USES: readonly { from: number; to: number; use: GtinUse }[] = [
  { from: 20, to: 29, use: 'restricted' },
  { from: 40, to: 49, use: 'restricted' },
  { from: 50, to: 59, use: 'coupon' },
  { from: 200, to: 299, use: 'restricted' },
  { from: 952, to: 952, use: 'demonstration' },
  { from: 977, to: 979, use: 'publication' },
  { from: 980, to: 984, use: 'coupon' },
  { from: 990, to: 999, use: 'coupon' },
];

export function gtinUse(gtin14: string): GtinUse {
  // 0000000: company-internal numbers (GTIN-8 keys that begin with 0 or 2, restricted as well).
  if (gtin14.startsWith('000000')) return /^0{6}[02]/.test(gtin14) ? 'restricted' : 'global';
  const prefix = Number(gtin14.slice(1, 4));
  return PREFIX_USES.find(({ from, to }) => prefix >= from && prefix <= to)?.use ?? 'global';
}
