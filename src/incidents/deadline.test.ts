import { expect, test } from 'vitest';
import type { Contract } from '../contracts/odcs.ts';
import { type DatasetTimes, nextDeadline, timeColumns } from './deadline.ts';

const COLUMNS = [
  { name: 'day', logicalType: 'date', physicalType: 'date' },
  { name: 'sold', logicalType: 'timestamp', physicalType: 'timestamp' },
  { name: 'seen', logicalType: 'timestamp', physicalType: 'timestamptz' },
  { name: 'store', logicalType: 'string', physicalType: 'varchar' },
];

function contractOf(levels: object[], customProperties?: { property: string; value: string }[]): Contract {
  return {
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'weeks', version: '1.0.0' },
    schema: [{ name: 'weeks', properties: COLUMNS }],
    slaProperties: levels,
    ...(customProperties === undefined ? {} : { customProperties }),
  } as unknown as Contract;
}

const at = (text: string) => new Date(`2026-03-${text}Z`);
const RELEASED = at('02T06:00:00');
const timesOf = (more: Partial<DatasetTimes> = {}): DatasetTimes => ({
  ...{ releasedAt: RELEASED, publishedAt: at('01T00:00:00'), newest: {} },
  ...more,
});
const dueOf = (levels: object[], times: Partial<DatasetTimes> = {}) =>
  nextDeadline(contractOf(levels), timesOf(times))?.at.toISOString() ?? null;

test.each<[string, { element: string; newest?: string }, string | null]>([
  // A day counts to its end: what is of the 1st is a day old at the end of the 2nd.
  ['a day', { element: 'weeks.day', newest: '2026-03-01' }, '2026-03-03T00:00:00.000Z'],
  [
    'a moment without a zone, which is UTC',
    { element: 'weeks.sold', newest: '2026-03-01 22:30:00' },
    '2026-03-02T22:30:00.000Z',
  ],
  [
    'a moment with fractions',
    { element: 'weeks.sold', newest: '2026-03-01 22:30:00.25' },
    '2026-03-02T22:30:00.250Z',
  ],
  [
    'a moment with its zone',
    { element: 'weeks.seen', newest: '2026-03-01 22:30:00+00' },
    '2026-03-02T22:30:00.000Z',
  ],
  ['a table that has no value yet', { element: 'weeks.day' }, null],
  ['a value that is no time', { element: 'weeks.day', newest: 'last Monday' }, null],
])('%s is due a day after the newest value', (_, { element, newest }, due) => {
  const name = element.split('.')[1]!;
  for (const property of ['freshness', 'latency']) {
    const levels = [{ property, value: 1, unit: 'd', element }];
    expect(dueOf(levels, { newest: newest === undefined ? {} : { [name]: newest } })).toBe(due);
  }
});

test('the promise names the column and not its newest value', () => {
  const contract = contractOf([{ property: 'freshness', value: 1, unit: 'd', element: 'weeks.day' }]);
  expect(nextDeadline(contract, timesOf({ newest: { day: '2026-03-01' } }))?.promise).toBe(
    'the newest day is older than the 1 day that the contract promises',
  );
});

test('freshness without a time column counts from the release; latency without one from nothing', () => {
  expect(dueOf([{ property: 'freshness', value: 1, unit: 'd' }])).toBe('2026-03-03T06:00:00.000Z');
  expect(dueOf([{ property: 'freshness', value: 1, unit: 'd', element: 'weeks.store' }])).toBe(
    '2026-03-03T06:00:00.000Z',
  );
  expect(dueOf([{ property: 'latency', value: 1, unit: 'd' }])).toBeNull();
  expect(dueOf([{ property: 'freshness', value: 1, unit: 'd' }], { releasedAt: null })).toBe(
    '2026-03-02T00:00:00.000Z',
  );
});

test('of several levels the first to be broken counts', () => {
  const levels = [
    { property: 'frequency', value: 7, unit: 'd' },
    { property: 'freshness', value: 3, unit: 'd', element: 'weeks.day' },
    { property: 'latency', value: 2, unit: 'h', element: 'weeks.sold' },
  ];
  const newest = { day: '2026-03-01', sold: '2026-03-01 20:00:00' };
  expect(dueOf(levels, { newest })).toBe('2026-03-01T22:00:00.000Z');
  expect(dueOf(levels, { newest: { day: '2026-03-01' } })).toBe('2026-03-05T00:00:00.000Z');
  expect(dueOf(levels)).toBe('2026-03-09T12:00:00.000Z');
  expect(timeColumns(contractOf(levels)).map(({ name }) => name)).toEqual(['day', 'sold']);
});

test('a frequency has a grace: a tenth, six hours at the most, or what the contract says', () => {
  const due = (value: number, unit: string, grace?: string) =>
    nextDeadline(
      contractOf(
        [{ property: 'frequency', value, unit }],
        grace === undefined ? undefined : [{ property: 'overdueGrace', value: grace }],
      ),
      timesOf(),
    )?.at.toISOString();
  expect(due(10, 'h')).toBe('2026-03-02T17:00:00.000Z');
  expect(due(30, 'd')).toBe('2026-04-01T12:00:00.000Z');
  expect(due(10, 'h', 'PT5M')).toBe('2026-03-02T16:05:00.000Z');
  expect(due(10, 'h', 'soon')).toBe('2026-03-02T17:00:00.000Z');
});
