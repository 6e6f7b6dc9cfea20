const whole = new Intl.NumberFormat('en');
const decimal = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat('en-GB', { year: 'numeric', month: 'short', day: 'numeric' });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });

/** 2,770,482 */
export const formatCount = (count: number): string => whole.format(count);

/** 1,204.57: up to two decimals. */
export const formatNumber = (value: number): string => decimal.format(value);

/** 2.8M */
export const formatShortCount = (count: number): string => short.format(count);

/** `3 rows`, `1 row`: English plurals of our own words are regular but for `query`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** 14 Nov 2026 in the reader's time zone; a plain date (`2026-11-14`) stays that day everywhere. */
export function formatDay(iso: string): string {
  return day.format(/^\d{4}-\d{2}-\d{2}$/.test(iso) ? new Date(`${iso}T00:00:00`) : new Date(iso));
}

/** The last day that counts, as a plain date: access ends at the first moment that does not. */
export const lastDay = (until: string): string => new Date(Date.parse(until) - 1).toISOString().slice(0, 10);

export const formatMoment = (iso: string): string => moment.format(new Date(iso));

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `3 hours ago`, `in 2 weeks`, `just now`. */
export function formatAgo(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1_000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return 'just now';
}

const BYTE_UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** 61.4 MB, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  const amount = bytes / 1_000 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** 840 ms, 2.4 s, 3 min 5 s. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** ODCS writes the units of service levels as `d`, `day` or `days`, and `y`, `yr` or `years`. */
const UNITS: Record<string, string> = { d: 'day', w: 'week', m: 'month', y: 'year', yr: 'year', h: 'hour' };

/** `2 days`, `99.9 %`; a unit we do not know stays as written. */
export function formatLevel(value: string | number | boolean | null, unit: string): string {
  const word = UNITS[unit] ?? (/^(hour|day|week|month|year)s?$/.test(unit) ? unit.replace(/s$/, '') : null);
  if (word === null) return `${value ?? 'none'} ${unit}`.trim();
  return `${value} ${word}${Number(value) === 1 ? '' : 's'}`;
}

/** The first letter larger, for sentences that the API gives in lower case; a name like `sell_out` stays as it is. */
export const sentence = (text: string): string =>
  /^[a-z]+[ ,']/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
