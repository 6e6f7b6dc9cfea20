import type { Check, Literal, Threshold } from '../contracts/check.ts';

/** What a check measured: how many rows fail, or the number a query or count gave. */
export interface Measurement {
  /** As exact text; null when a query gave nothing. */
  value: string | boolean | null;
  /** Rows of the table, for percentages. */
  rows: number;
}

/** Whether a measurement passes the check's threshold. A value that is no number passes nothing but equality. */
export function passes(check: Check, measured: Measurement): boolean {
  if (check.kind === 'not-run') return false;
  const inPercent = 'unit' in check && check.unit === 'percent';
  if (!inPercent) return meets(check.threshold, measured.value);
  // An empty table has no failing share.
  const share = measured.rows === 0 ? 0 : (Number(measured.value) * 100) / measured.rows;
  return meets(check.threshold, String(share));
}

function meets(threshold: Threshold, value: string | boolean | null): boolean {
  if ('low' in threshold) {
    if (value === null) return false;
    const inside = compare(value, threshold.low) > 0 && compare(value, threshold.high) < 0;
    return (threshold.operator === 'between') === inside;
  }
  if (value === null) return threshold.operator === 'equal' && isNull(threshold.value);
  const wanted = threshold.value;
  if (threshold.operator === 'equal') return isEqual(value, wanted);
  if (threshold.operator === 'not-equal') return !isEqual(value, wanted);
  const order = wanted.kind === 'null' ? NaN : compare(value, String(wanted.value));
  switch (threshold.operator) {
    case 'greater':
      return order > 0;
    case 'greater-or-equal':
      return order >= 0;
    case 'less':
      return order < 0;
    case 'less-or-equal':
      return order <= 0;
  }
}

function isNull(literal: Literal): boolean {
  return literal.kind === 'null';
}

function isEqual(value: string | boolean, wanted: Literal): boolean {
  if (wanted.kind === 'null') return false;
  if (wanted.kind === 'number') return compare(value, wanted.value) === 0;
  return String(value) === String(wanted.value);
}

const DECIMAL = /^[+-]?\d+(\.\d+)?$/;

/** Negative, zero or positive as left is below, equal to or above right; NaN when one is no number. Decimals exactly. */
function compare(left: string | boolean, right: string): number {
  const text = String(left);
  if (!DECIMAL.test(text) || !DECIMAL.test(right)) return Number(text) - Number(right);
  const scale = Math.max(decimals(text), decimals(right));
  const difference = scaled(text, scale) - scaled(right, scale);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

function decimals(text: string): number {
  return text.split('.')[1]?.length ?? 0;
}

function scaled(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt((whole + fraction.padEnd(scale, '0')).replace('+', ''));
}
