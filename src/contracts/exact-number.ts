/**
 * A number of a document that a double cannot hold, e.g. `9223372036854775807` or `9999999999999999.99`.
 * Numbers that survive as a double stay JavaScript numbers, so that only bounds and thresholds of wide
 * columns meet this type. As JSON it is `{ "$number": "9223372036854775807" }`, which is read as well.
 */
export class ExactNumber {
  /** Canonical decimal text: no exponent, no superfluous zeros. */
  readonly $number: string;

  constructor(text: string) {
    this.$number = text;
  }

  toString(): string {
    return this.$number;
  }
}

/** A number as it was written, whatever its size. */
export type DocumentNumber = number | ExactNumber;

/** Also for an exact number that was stored as JSON and came back as a plain object. */
export function isDocumentNumber(value: unknown): value is DocumentNumber {
  if (typeof value === 'number' || value instanceof ExactNumber) return true;
  return typeof (value as Partial<ExactNumber> | null | undefined)?.$number === 'string';
}

/** Beyond a double's range a literal is a slip of the pen; the bound also keeps expansions short. */
const MAX_EXPONENT = 400;
const DECIMAL = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,9}))?$/;

/**
 * The decimal text of a literal such as `1.50e3` as `1500`, so that equal numbers have equal texts.
 * Null when the text is no decimal number or is out of any sensible range.
 */
export function canonicalDecimal(text: string): string | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (whole + fraction === '' || Math.abs(exponent) > MAX_EXPONENT) return null;
  return withSign(sign, shiftPoint(whole, fraction, exponent));
}

/** The decimal text of a number of a document. */
export function decimalText(value: DocumentNumber): string {
  if (typeof value !== 'number') return value.$number;
  return canonicalDecimal(String(value)) ?? String(value);
}

/** -1, 0 or 1 for two canonical decimal texts, without rounding either. */
export function compareDecimals(left: string, right: string): -1 | 0 | 1 {
  const places = Math.max(fractionDigits(left), fractionDigits(right));
  const difference = scaled(left, places) - scaled(right, places);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

function shiftPoint(whole: string, fraction: string, exponent: number): string {
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const padded = digits.padEnd(point, '0').padStart(digits.length + Math.max(0, -point), '0');
  const cut = Math.max(point, 0);
  const integer = padded.slice(0, cut).replace(/^0+(?=\d)/, '') || '0';
  const rest = padded.slice(cut).replace(/0+$/, '');
  return rest === '' ? integer : `${integer}.${rest}`;
}

function withSign(sign: string, digits: string): string {
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

function fractionDigits(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

function scaled(text: string, places: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(places - fractionDigits(text)));
}
