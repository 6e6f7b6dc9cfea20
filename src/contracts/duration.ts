/** A span of time: whole months of the calendar (UTC), then milliseconds. A day has 24 hours. */
export interface Duration {
  months: number;
  ms: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Beyond a thousand years a duration is a slip of the pen, and dates of JavaScript come to an end. */
const MOST_MONTHS = 12_000;
const MOST_MS = 366_000 * DAY;

const MS_UNITS: [ms: number, words: string[]][] = [
  [1, ['ms', 'millisecond']],
  [SECOND, ['s', 'sec', 'second']],
  [MINUTE, ['min', 'minute']],
  [HOUR, ['h', 'hr', 'hour']],
  [DAY, ['d', 'day']],
  [7 * DAY, ['w', 'wk', 'week']],
];
const MONTH_UNITS: [months: number, words: string[]][] = [
  [1, ['mo', 'mon', 'month']],
  [3, ['q', 'quarter']],
  [12, ['y', 'yr', 'year']],
];

const NUMBER = /^(\d{1,12}(?:\.\d{1,9})?)\s*([A-Za-z]*)$/;
/** ISO 8601 §5.5.2 duration, all parts optional but one. */
const ISO = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/**
 * A duration of a contract: a number with its unit (`24` and `h`, `500ms`), or ISO 8601 (`P1Y`, `PT12H`).
 * A word instead of a duration says what is wrong with it.
 */
export function parseDuration(value: string, unit?: string): Duration | { fault: string } {
  const text = value.trim();
  if (/^P/i.test(text)) return parseIso(text.toUpperCase());
  const match = NUMBER.exec(text);
  if (!match) return { fault: `${quote(value)} is no duration such as 24 h or P1D` };
  const [, count = '', inline = ''] = match;
  if (inline !== '' && unit !== undefined && inline.toLowerCase() !== unit.trim().toLowerCase()) {
    return { fault: `${quote(value)} names a unit of its own beside the unit ${quote(unit)}` };
  }
  return inUnit(Number(count), inline || (unit ?? ''));
}

function inUnit(count: number, unit: string): Duration | { fault: string } {
  const word = unit.trim().toLowerCase();
  if (word === '') return { fault: 'it has no unit such as h, d, month' };
  if (word === 'm') return { fault: 'the unit m may be minutes or months: write min or month' };
  const has = ([, words]: [number, string[]]) =>
    words.includes(word) || words.includes(word.replace(/s$/, ''));
  const ms = MS_UNITS.find(has)?.[0];
  if (ms !== undefined) return bounded({ months: 0, ms: Math.round(count * ms) });
  const months = MONTH_UNITS.find(has)?.[0];
  if (months === undefined) return { fault: `the unit ${quote(unit)} is not known` };
  if (!Number.isInteger(count * months)) return { fault: 'a part of a month has no fixed length' };
  return bounded({ months: count * months, ms: 0 });
}

function parseIso(text: string): Duration | { fault: string } {
  const match = ISO.exec(text);
  if (!match || match.slice(1).every((part) => part === undefined) || text.endsWith('T')) {
    return { fault: `${quote(text)} is no ISO 8601 duration such as P1D` };
  }
  const [years, months, weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number, number];
  const ms = (weeks * 7 + days) * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND;
  return bounded({ months: years * 12 + months, ms });
}

function bounded(duration: Duration): Duration | { fault: string } {
  if (duration.months > MOST_MONTHS || duration.ms > MOST_MS)
    return { fault: 'it is longer than a thousand years' };
  if (duration.months === 0 && duration.ms === 0) return { fault: 'it is no time at all' };
  return duration;
}

/** `time` plus the duration. A day that its month does not have becomes the month's last: 31 January + 1 month = 28 or 29 February. */
export function addDuration(time: Date, duration: Duration): Date {
  return new Date(shiftMonths(time, duration.months).getTime() + duration.ms);
}

/** `time` minus the duration. */
export function subtractDuration(time: Date, duration: Duration): Date {
  return shiftMonths(new Date(time.getTime() - duration.ms), -duration.months);
}

function shiftMonths(time: Date, months: number): Date {
  if (months === 0) return time;
  const shifted = new Date(time);
  shifted.setUTCDate(1);
  shifted.setUTCMonth(shifted.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(shifted.getUTCFullYear(), shifted.getUTCMonth() + 1, 0)).getUTCDate();
  shifted.setUTCDate(Math.min(time.getUTCDate(), lastDay));
  return shifted;
}

const PRINTED: [ms: number, word: string][] = [
  [7 * DAY, 'week'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second'],
  [1, 'millisecond'],
];

/** The duration for people: `1 day`, `3 months`, `1 year 12 hours`. */
export function printDuration({ months, ms }: Duration): string {
  const parts = [];
  if (months > 0) parts.push(months % 12 === 0 ? counted(months / 12, 'year') : counted(months, 'month'));
  if (ms > 0 || months === 0) {
    const [size, word] = PRINTED.find(([size]) => ms % size === 0 && ms >= size) ?? [1, 'millisecond'];
    parts.push(counted(ms / size, word));
  }
  return parts.join(' ');
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function quote(text: string): string {
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}
