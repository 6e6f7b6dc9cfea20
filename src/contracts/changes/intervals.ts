import type { Literal, Threshold } from '../check.ts';
import { compareDecimals } from '../exact-number.ts';

/** A limit of a range; null is no limit. */
export interface Limit {
  value: Literal;
  exclusive: boolean;
}

export interface Range {
  low: Limit | null;
  high: Limit | null;
}

/** How the values that a promise admits changed; `unclear` when they cannot be compared. */
export type Admission = 'same' | 'tightened' | 'loosened' | 'unclear';

export function relateRanges(before: Range, after: Range): Admission {
  const sides = [relateLimits(before.low, after.low, 1), relateLimits(before.high, after.high, -1)];
  return combine(sides);
}

/** What two promises that hold together become: one that loosens makes the whole looser. */
export function combine(parts: readonly Admission[]): Admission {
  for (const relation of ['unclear', 'loosened', 'tightened'] as const) {
    if (parts.includes(relation)) return relation;
  }
  return 'same';
}

/** `sign` is 1 for lower limits, where more is tighter, and -1 for upper ones. */
function relateLimits(before: Limit | null, after: Limit | null, sign: 1 | -1): Admission {
  if (before === null || after === null) {
    if (before === after) return 'same';
    return before === null ? 'tightened' : 'loosened';
  }
  const order = compareLiterals(after.value, before.value);
  if (order === null) return 'unclear';
  if (order !== 0) return order === sign ? 'tightened' : 'loosened';
  if (before.exclusive === after.exclusive) return 'same';
  return after.exclusive ? 'tightened' : 'loosened';
}

/** ISO dates and times of one length compare as their texts do. */
const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$|^\d{2}:\d{2}(:\d{2})?$/;

function compareLiterals(left: Literal, right: Literal): number | null {
  if (left.kind === 'number' && right.kind === 'number') return compareDecimals(left.value, right.value);
  if (left.kind !== 'text' || right.kind !== 'text') return null;
  if (left.value === right.value) return 0;
  const [a, b] = [left.value.replace(' ', 'T'), right.value.replace(' ', 'T')];
  if (!ISO.test(a) || !ISO.test(b) || a.length !== b.length) return null;
  return a < b ? -1 : 1;
}

/** How the numbers that pass a threshold changed. `counts` are never below zero. */
export function relateThresholds(before: Threshold, after: Threshold, counts: boolean): Admission {
  const [was, is] = [admitted(before, counts), admitted(after, counts)];
  if (was === null || is === null) {
    return JSON.stringify(before) === JSON.stringify(after) ? 'same' : 'unclear';
  }
  const [within, around] = [isWithin(is, was), isWithin(was, is)];
  if (within && around) return 'same';
  if (within) return 'tightened';
  return around ? 'loosened' : 'unclear';
}

const UNLIMITED: Range = { low: null, high: null };

/** The numbers that pass, as ranges that do not touch; null for texts and booleans. */
function admitted(threshold: Threshold, counts: boolean): Range[] | null {
  const floor: Limit | null = counts ? limit('0', false) : null;
  const ranges = unbounded(threshold);
  return ranges?.map(({ low, high }) => ({ low: floor && isAbove(floor, low) ? floor : low, high })) ?? null;
}

function unbounded(threshold: Threshold): Range[] | null {
  if ('low' in threshold) {
    const inside = { low: limit(threshold.low, true), high: limit(threshold.high, true) };
    if (threshold.operator === 'between') return [inside];
    return [
      { low: null, high: limit(threshold.low, false) },
      { low: limit(threshold.high, false), high: null },
    ];
  }
  const { value, operator } = threshold;
  if (value.kind !== 'number') return null;
  switch (operator) {
    case 'equal':
      return [{ low: limit(value.value, false), high: limit(value.value, false) }];
    case 'not-equal':
      return [
        { low: null, high: limit(value.value, true) },
        { low: limit(value.value, true), high: null },
      ];
    case 'greater':
    case 'greater-or-equal':
      return [{ ...UNLIMITED, low: limit(value.value, operator === 'greater') }];
    default:
      return [{ ...UNLIMITED, high: limit(value.value, operator === 'less') }];
  }
}

function limit(value: string, exclusive: boolean): Limit {
  return { value: { kind: 'number', value }, exclusive };
}

function isAbove(floor: Limit, low: Limit | null): boolean {
  return low === null || relateLimits(low, floor, 1) === 'tightened';
}

/** Each range that can hold a number lies in one of the others. */
function isWithin(inner: Range[], outer: Range[]): boolean {
  return inner
    .filter((range) => !isEmpty(range))
    .every((range) => outer.some((around) => ['same', 'tightened'].includes(relateRanges(around, range))));
}

function isEmpty({ low, high }: Range): boolean {
  if (low === null || high === null) return false;
  const order = compareLiterals(low.value, high.value);
  return order !== null && (order > 0 || (order === 0 && (low.exclusive || high.exclusive)));
}
