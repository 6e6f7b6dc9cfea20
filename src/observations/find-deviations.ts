import type { ColumnObservation, Observation, PastObservation } from './observation.ts';
import type { ObservationSettings } from './observation-settings.ts';
import { type Past, type RangeRules, usualRange } from './usual-range.ts';

/** A value out of its usual range. */
export interface Deviation {
  measure: 'rows' | 'null-share' | 'distinct';
  /** Null for the number of rows. */
  column: string | null;
  value: number;
  low: number;
  high: number;
  /** Releases the range was made from. */
  count: number;
}

export interface Compared {
  observed: Observation;
  at: Date;
  past: readonly PastObservation[];
  settings: ObservationSettings;
}

/** The least width of usual ranges: counts breathe by some percent, shares by a point, estimates by thrice their error. */
const FLOORS = {
  rows: { relativeFloor: 0.05, absoluteFloor: 1 },
  'null-share': { relativeFloor: 0, absoluteFloor: 0.01 },
  distinct: { relativeFloor: 0.4, absoluteFloor: 2 },
} as const satisfies Record<Deviation['measure'], Pick<RangeRules, 'relativeFloor' | 'absoluteFloor'>>;

/**
 * What of a release is not like the ones before: its number of rows; a column with more nulls than usual; a
 * column with more or fewer distinct values, which is only said when the number of rows is as usual, because it
 * follows from it otherwise.
 */
export function findDeviations(compared: Compared): Deviation[] {
  if (!compared.settings.deviations) return [];
  const rows = deviationOf(compared, { measure: 'rows', column: null }, ({ rows: count }) => count);
  const columns = compared.observed.columns.filter(({ name }) => !compared.settings.ignore.includes(name));
  return [
    ...rows,
    ...columns.flatMap((column) => nullDeviation(compared, column)),
    ...(rows.length > 0 ? [] : columns.flatMap((column) => distinctDeviation(compared, column))),
  ];
}

function nullDeviation(compared: Compared, { id, name }: ColumnObservation): Deviation[] {
  const found = deviationOf(compared, { measure: 'null-share', column: name }, (one) => nullShare(one, id));
  // Fewer nulls than usual is good news.
  return found.filter(({ value, high }) => value > high);
}

function distinctDeviation(compared: Compared, { id, name }: ColumnObservation): Deviation[] {
  return deviationOf(compared, { measure: 'distinct', column: name }, (one) => {
    return one.columns.find((column) => column.id === id)?.distinct ?? null;
  });
}

/** Of a hundred rows, as a fraction; null where nulls are not known or there are no rows. */
export function nullShare({ rows, columns }: Observation, id: number): number | null {
  const nulls = columns.find((column) => column.id === id)?.nulls ?? null;
  return nulls === null || rows === 0 ? null : nulls / rows;
}

function deviationOf(
  { observed, at, past, settings }: Compared,
  what: Pick<Deviation, 'measure' | 'column'>,
  read: (observation: Observation) => number | null,
): Deviation[] {
  const value = read(observed);
  if (value === null) return [];
  const values = past.flatMap((one): Past[] => {
    const known = read(one);
    return known === null ? [] : [{ value: known, at: one.at }];
  });
  const range = usualRange(values, at, rulesOf(what.measure, settings));
  if (range === null || (value >= range.low && value <= range.high)) return [];
  return [{ ...what, value, low: Math.max(0, range.low), high: range.high, count: range.count }];
}

export function rulesOf(measure: Deviation['measure'], settings: ObservationSettings): RangeRules {
  const { minimumHistory, sensitivity } = settings;
  return { minimumHistory, deviations: sensitivity, ...FLOORS[measure] };
}

/**
 * The deviations in public words. How many rows a release has everybody knows who may discover it; of columns
 * only the name is said, for values and shares are for those who may see the column.
 */
export function summarizeDeviations(deviations: readonly Deviation[]): string {
  const rows = deviations.find(({ measure }) => measure === 'rows');
  const parts = rows === undefined ? [] : [rowsText(rows)];
  const nulls = namesOf(deviations, 'null-share');
  if (nulls !== null) parts.push(`more missing values than usual in ${nulls}`);
  const distinct = namesOf(deviations, 'distinct');
  if (distinct !== null) parts.push(`an unusual number of different values in ${distinct}`);
  return parts.join('; ');
}

function rowsText({ value, low, high }: Deviation): string {
  const number = (count: number) => Math.round(count).toLocaleString('en-US');
  return `${number(value)} rows, usually ${number(low)} to ${number(high)}`;
}

const MOST_NAMES = 3;

function namesOf(deviations: readonly Deviation[], measure: Deviation['measure']): string | null {
  const names = deviations.filter((one) => one.measure === measure).map(({ column }) => column ?? '');
  if (names.length === 0) return null;
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
