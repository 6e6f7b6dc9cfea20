import { compareDecimals, decimalText, isDocumentNumber, canonicalDecimal } from '../exact-number.ts';
import type { ServiceLevel } from '../odcs-terms.ts';

/** Whether more of a service level is better for consumers, by ODCS "Valid values for properties". */
const MORE_IS_BETTER: Record<string, boolean> = {
  availability: true,
  throughput: true,
  retention: true,
  completeness: true,
  endofsupport: true,
  endoflife: true,
  errorrate: false,
  latency: false,
  freshness: false,
  frequency: false,
  generalavailability: false,
  timetodetect: false,
  timetonotify: false,
  timetorepair: false,
};

/** A month is a twelfth of a year. `m` alone may be minutes as well as months and is not read. */
const SECONDS: [RegExp, bigint][] = [
  [/^(s|sec|secs|second|seconds)$/, 1n],
  [/^(min|mins|minute|minutes)$/, 60n],
  [/^(h|hr|hrs|hour|hours)$/, 3_600n],
  [/^(d|day|days)$/, 86_400n],
  [/^(w|wk|week|weeks)$/, 604_800n],
  [/^(mo|month|months)$/, 2_629_800n],
  [/^(y|yr|yrs|year|years)$/, 31_557_600n],
];

export type ServiceOrder = 'same' | 'strengthened' | 'weakened' | 'unclear';

/** Whether a service level promises more or less than before. */
export function relateServiceLevels(before: ServiceLevel, after: ServiceLevel): ServiceOrder {
  const [was, is] = [amountOf(before), amountOf(after)];
  const isSame = was.text === is.text && was.unit === is.unit;
  const extended = before.valueExt !== after.valueExt || after.valueExt !== undefined;
  if (isSame && String(before.valueExt) === String(after.valueExt)) return 'same';
  const better = MORE_IS_BETTER[after.property.toLowerCase().replace(/[^a-z]/g, '')];
  if (extended || better === undefined || was.kind !== is.kind || was.unit !== is.unit) return 'unclear';
  const order = was.kind === 'number' ? compareDecimals(is.text, was.text) : compareTexts(is, was);
  if (order === null) return 'unclear';
  if (order === 0) return 'same';
  return order > 0 === better ? 'strengthened' : 'weakened';
}

interface Amount {
  kind: 'number' | 'text';
  text: string;
  /** `s` for every duration, else the unit as written. */
  unit: string;
}

function amountOf({ value, unit = '' }: ServiceLevel): Amount {
  const number = isDocumentNumber(value) ? decimalText(value) : canonicalDecimal(percent(value));
  const word = unit.trim().toLowerCase();
  const written = typeof value === 'string' && value.trim().endsWith('%') ? '%' : word;
  if (number === null) return { kind: 'text', text: String(value), unit: written };
  const seconds = SECONDS.find(([names]) => names.test(word))?.[1];
  if (seconds === undefined)
    return { kind: 'number', text: number, unit: written === 'percent' ? '%' : written };
  return { kind: 'number', text: times(number, seconds), unit: 's' };
}

/** `99.9%` as `99.9`. */
function percent(value: unknown): string {
  return String(value).trim().replace(/\s*%$/, '');
}

function times(decimal: string, factor: bigint): string {
  const places = decimal.split('.')[1]?.length ?? 0;
  const product = BigInt(decimal.replace('.', '')) * factor;
  return canonicalDecimal(`${product}e-${places}`) ?? decimal;
}

const ISO_DAY = /^\d{4}-\d{2}-\d{2}/;

/** Dates of end of life and the like; other words have no order. */
function compareTexts(left: Amount, right: Amount): number | null {
  if (!ISO_DAY.test(left.text) || !ISO_DAY.test(right.text)) return null;
  const [a, b] = [Date.parse(left.text), Date.parse(right.text)];
  return Number.isNaN(a) || Number.isNaN(b) ? null : Math.sign(a - b);
}
