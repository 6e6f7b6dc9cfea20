import type { DataType } from '../../base/data-type.ts';
import { valueFault } from '../read-parameter.ts';

/** Which values of a parameter a backfill runs through: from one to another, both of them too. */
export interface BackfillRange {
  from: string;
  to: string;
  /** `day`, `month` and the like for days and times; a number for whole numbers. Without it the next one. */
  step?: string | undefined;
}

/** Days for four years, hours for two months. Each is a run that checks the whole table. */
export const MOST_VALUES = 1_500;

export const CALENDAR_STEPS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
type CalendarStep = (typeof CALENDAR_STEPS)[number];

/** The values in order, or why there are none. */
export function backfillValues(type: DataType, range: BackfillRange): string[] | string {
  for (const end of [range.from, range.to]) {
    const fault = valueFault(type, end);
    if (fault !== null) return fault;
  }
  const found = seriesOf(type, range);
  if (typeof found === 'string') return found;
  const values: string[] = [];
  for (const value of found) {
    if (values.push(value) > MOST_VALUES)
      return `these are more than ${MOST_VALUES} values: take a part of them, or a longer step`;
  }
  return values.length === 0 ? `${range.to} is before ${range.from}` : values;
}

function seriesOf(type: DataType, range: BackfillRange): Iterable<string> | string {
  if (type.kind === 'int' || type.kind === 'long') return wholeNumbers(range);
  if (type.kind === 'date' || type.kind === 'timestamp') return calendar(type, range);
  return `a ${type.kind} has no next value: name the values one by one`;
}

function wholeNumbers({ from, to, step = '1' }: BackfillRange): Iterable<string> | string {
  if (!/^[1-9]\d{0,17}$/.test(step)) return `the step of whole numbers is a number such as 1, not ${step}`;
  return numbers(BigInt(from), BigInt(to), BigInt(step));
}

function* numbers(from: bigint, to: bigint, step: bigint): Iterable<string> {
  for (let value = from; value <= to; value += step) yield String(value);
}

function calendar(type: DataType, { from, to, step = 'day' }: BackfillRange): Iterable<string> | string {
  const steps = CALENDAR_STEPS.filter((one) => one !== 'hour' || type.kind === 'timestamp');
  const unit = steps.find((one) => one === step);
  if (unit === undefined) return `the step of a ${type.kind} is ${steps.join(', ')}, not ${step}`;
  return moments(type, { from: momentOf(from), to: momentOf(to), unit });
}

function momentOf(text: string): Date {
  return new Date(`${text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T')}Z`);
}

function* moments(
  type: DataType,
  { from, to, unit }: { from: Date; to: Date; unit: CalendarStep },
): Iterable<string> {
  for (let count = 0; ; count++) {
    const moment = later(from, unit, count);
    if (moment > to) return;
    const text = moment.toISOString();
    yield type.kind === 'date' ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ');
  }
}

const MONTHS: Partial<Record<CalendarStep, number>> = { month: 1, quarter: 3, year: 12 };
const MILLISECONDS: Partial<Record<CalendarStep, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

/** So many steps after the first one, always counted from there: after 31 January and 28 February comes 31 March. */
function later(from: Date, unit: CalendarStep, count: number): Date {
  const months = MONTHS[unit];
  if (months === undefined) return new Date(from.getTime() + count * MILLISECONDS[unit]!);
  const moment = new Date(from);
  moment.setUTCDate(1);
  moment.setUTCMonth(from.getUTCMonth() + count * months);
  const lastDay = new Date(moment);
  lastDay.setUTCMonth(moment.getUTCMonth() + 1, 0);
  moment.setUTCDate(Math.min(from.getUTCDate(), lastDay.getUTCDate()));
  return moment;
}
