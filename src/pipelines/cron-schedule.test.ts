import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CronSchedule, nextTick, readCron } from './cron-schedule.ts';

function ticks(expression: string, zone: string, [from, until]: [string, string]): string[] {
  const schedule = readCron(expression, zone) as CronSchedule;
  const found: string[] = [];
  for (let at = nextTick(schedule, new Date(from)); at < new Date(until); at = nextTick(schedule, at))
    found.push(at.toISOString().slice(0, 16));
  return found;
}

test('a time of day follows the clocks of its zone', () => {
  expect(ticks('0 6 * * 1', 'Europe/Madrid', ['2026-03-20T00:00Z', '2026-04-07T00:00Z'])).toEqual([
    '2026-03-23T05:00',
    '2026-03-30T04:00',
    '2026-04-06T04:00',
  ]);
});

test('an hour that is skipped: the run comes an hour later, and comes', () => {
  expect(ticks('30 2 * * *', 'Europe/Madrid', ['2026-03-28T00:00Z', '2026-03-31T00:00Z'])).toEqual([
    '2026-03-28T01:30',
    '2026-03-29T01:30',
    '2026-03-30T00:30',
  ]);
});

test('an hour that comes twice: a fixed time comes once, a step of the hour in both', () => {
  expect(ticks('30 2 * * *', 'Europe/Madrid', ['2026-10-24T12:00Z', '2026-10-26T12:00Z'])).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
  expect(ticks('*/30 * * * *', 'Europe/Madrid', ['2026-10-25T00:00Z', '2026-10-25T02:10Z'])).toEqual([
    '2026-10-25T00:30',
    '2026-10-25T01:00',
    '2026-10-25T01:30',
    '2026-10-25T02:00',
  ]);
});

test('the next moment is always later, and a daily one never more than 25 hours away', () => {
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Madrid',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
  );
  const from = fc.date({ min: new Date('2025-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(zone, fc.tuple(fc.nat(59), fc.nat(23)), from, (name, [minute, hour], at) => {
      const next = nextTick(readCron(`${minute} ${hour} * * *`, name) as CronSchedule, at);
      const hours = (next.getTime() - at.getTime()) / 3_600_000;
      expect(hours).toBeGreaterThan(0);
      expect(hours).toBeLessThanOrEqual(25);
    }),
    { numRuns: 150 },
  );
});
