import { expect, test } from 'vitest';
import {
  sentence,
  countOf,
  formatAgo,
  formatBytes,
  formatDay,
  lastDay,
  formatDuration,
  formatLevel,
} from './format.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

test.each([
  ['2026-11-23T11:59:30Z', 'just now'],
  ['2026-11-23T11:58:00Z', '2 minutes ago'],
  ['2026-11-23T09:10:00Z', '2 hours ago'],
  ['2026-11-22T11:00:00Z', 'yesterday'],
  ['2026-11-01T12:00:00Z', '3 weeks ago'],
  ['2025-10-01T12:00:00Z', 'last year'],
  ['2026-12-23T12:00:00Z', 'next month'],
])('%s is %s', (at, words) => {
  expect(formatAgo(at, NOW)).toBe(words);
});

test('counts carry their noun', () => {
  expect(countOf(1, 'query', 'queries')).toBe('1 query');
  expect(countOf(2_770_482, 'row')).toBe('2,770,482 rows');
  expect(countOf(0, 'row')).toBe('0 rows');
});

test('bytes in powers of 1,000', () => {
  expect(formatBytes(0)).toBe('0 bytes');
  expect(formatBytes(999)).toBe('999 bytes');
  expect(formatBytes(1_000)).toBe('1.0 KB');
  expect(formatBytes(61_423_000)).toBe('61.4 MB');
  expect(formatBytes(412_000_000)).toBe('412 MB');
});

test('durations from milliseconds to minutes', () => {
  expect(formatDuration(184.4)).toBe('184 ms');
  expect(formatDuration(2_350)).toBe('2.4 s');
  expect(formatDuration(185_000)).toBe('3 min 5 s');
});

test('a plain date is that day whatever the time zone', () => {
  expect(formatDay('2026-11-01')).toBe('1 Nov 2026');
  expect(formatDay(lastDay('2028-01-01T00:00:00.000Z'))).toBe('31 Dec 2027');
});

test('units of service levels become words', () => {
  expect(formatLevel(1, 'd')).toBe('1 day');
  expect(formatLevel('3', 'yr')).toBe('3 years');
  expect(formatLevel(2, 'days')).toBe('2 days');
  expect(formatLevel(99.9, '%')).toBe('99.9 %');
  expect(formatLevel('08:00-18:00', '')).toBe('08:00-18:00');
});

test('a sentence begins with a capital, a name stays a name', () => {
  expect(sentence('the token is unknown')).toBe('The token is unknown');
  expect(sentence('sell_out: there is no column x')).toBe('sell_out: there is no column x');
});
