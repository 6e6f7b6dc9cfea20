import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDuration, parseDuration, printDuration, subtractDuration } from './duration.ts';
import { readContract, readDatasetContract } from './read-contract.ts';
import { describeServiceLevels } from './sla-properties.ts';

const DAY = 86_400_000;

/** The service levels of a contract for a table `sales` with the columns sold_on and amount. */
function levelsOf(entries: string) {
  const { value } = readDatasetContract({
    file: 'a.yaml',
    content: `apiVersion: v3.1.0
kind: DataContract
id: a
version: 1.0.0
status: active
schema:
  - name: sales
    physicalName: sales_table
    properties:
      - { name: soldOn, physicalName: sold_on, logicalType: date }
      - { name: amount, logicalType: integer }
slaProperties:
${entries}
`,
  });
  return describeServiceLevels(value);
}

test.each([
  ['4', 'd', { months: 0, ms: 4 * DAY }],
  ['1', 'week', { months: 0, ms: 7 * DAY }],
  ['24', 'hours', { months: 0, ms: DAY }],
  ['1.5', 'H', { months: 0, ms: 5_400_000 }],
  ['30', 'min', { months: 0, ms: 1_800_000 }],
  ['500ms', undefined, { months: 0, ms: 500 }],
  ['500ms', 'ms', { months: 0, ms: 500 }],
  ['3', 'y', { months: 36, ms: 0 }],
  ['3', 'months', { months: 3, ms: 0 }],
  ['1', 'quarter', { months: 3, ms: 0 }],
  ['P1Y', undefined, { months: 12, ms: 0 }],
  ['P1DT12H', undefined, { months: 0, ms: 1.5 * DAY }],
  ['p2w', undefined, { months: 0, ms: 14 * DAY }],
])('%s %s is a duration', (value, unit, duration) => {
  expect(parseDuration(value, unit)).toEqual(duration);
});

test.each([
  ['4', undefined, 'no unit'],
  ['4', 'm', 'minutes or months'],
  ['4', 'lightyears', 'not known'],
  ['4h', 'd', 'beside the unit'],
  ['0', 'd', 'no time at all'],
  ['-1', 'd', 'is no duration'],
  ['0.5', 'month', 'a part of a month'],
  ['soon', 'd', 'is no duration'],
  ['P', undefined, 'no ISO 8601'],
  ['P1DT', undefined, 'no ISO 8601'],
  ['999999999999', 'y', 'a thousand years'],
])('%s %s is none: %s', (value, unit, fault) => {
  expect(parseDuration(value, unit)).toEqual({ fault: expect.stringContaining(fault) });
});

test('months are those of the calendar, and a day that a month does not have is its last', () => {
  const day = (text: string) => new Date(`${text}T10:00:00Z`);
  expect(addDuration(day('2027-01-31'), { months: 1, ms: 0 })).toEqual(day('2027-02-28'));
  expect(addDuration(day('2028-01-31'), { months: 1, ms: DAY })).toEqual(day('2028-03-01'));
  expect(subtractDuration(day('2027-03-31'), { months: 1, ms: 0 })).toEqual(day('2027-02-28'));
  expect(addDuration(day('2027-11-30'), { months: 3, ms: 0 })).toEqual(day('2028-02-29'));
});

test('a later time plus a duration is never earlier, and whole days add up', () => {
  const time = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  const duration = fc.record({ months: fc.nat(400), ms: fc.nat(400 * DAY) });
  fc.assert(
    fc.property(time, time, duration, (one, other, span) => {
      const [early, late] = one <= other ? [one, other] : [other, one];
      expect(addDuration(early, span) <= addDuration(late, span)).toBe(true);
      expect(subtractDuration(early, span) <= subtractDuration(late, span)).toBe(true);
      expect(addDuration(early, span) > early || (span.months === 0 && span.ms === 0)).toBe(true);
    }),
  );
});

test('what is printed of a duration is what is read again', () => {
  const duration = fc.oneof(
    fc.record({ months: fc.integer({ min: 1, max: 600 }), ms: fc.constant(0) }),
    fc.record({ months: fc.constant(0), ms: fc.integer({ min: 1, max: 400 * DAY }) }),
  );
  fc.assert(
    fc.property(duration, (span) => {
      const [count = '', unit] = printDuration(span).split(' ');
      expect(parseDuration(count, unit)).toEqual(span);
    }),
  );
  expect(printDuration({ months: 12, ms: DAY / 2 })).toBe('1 year 12 hours');
});

test('an entry is read with its column, by its name in the contract or in the table', () => {
  const levels = levelsOf(`
  - { id: late, property: latency, value: 2, unit: d, element: sales.soldOn }
  - { property: FY, value: 1, valueExt: 1, unit: w, element: sold_on }
  - { property: retention, value: P3Y, element: "sales_table.sold_on, amount" }
  - { property: freshness, value: 6, unit: h, element: sales }
  - { property: completeness, value: 99.5, unit: percent }
  - { property: availability, value: 95%, unit: "%" }
  - { property: endOfLife, value: "2042-05-12T09:30:10-08:00" }
  - { property: goodwill, value: plenty }`);
  const days = (count: number) => ({ kind: 'duration', duration: { months: 0, ms: count * DAY } });
  expect(
    levels.map(({ id, property, value, columns }) => [id, property, value, columns.map(({ name }) => name)]),
  ).toEqual([
    ['late', 'latency', days(2), ['sold_on']],
    ['FY.1', 'frequency', days(7), ['sold_on']],
    [
      'retention.2',
      'retention',
      { kind: 'duration', duration: { months: 36, ms: 0 } },
      ['sold_on', 'amount'],
    ],
    ['freshness.3', 'freshness', days(0.25), []],
    ['completeness.4', 'completeness', { kind: 'percent', percent: '99.5' }, []],
    ['availability.5', 'availability', { kind: 'percent', percent: '95' }, []],
    ['endOfLife.6', 'endOfLife', { kind: 'moment', at: new Date('2042-05-12T17:30:10Z') }, []],
    ['goodwill.7', null, null, []],
  ]);
  expect(levels.every(({ fault }) => fault === null)).toBe(true);
  expect(levels[0]).toMatchObject({ pointer: '/slaProperties/0', columns: [{ type: { kind: 'date' } }] });
});

test('what cannot be measured says why, and is never taken for kept', () => {
  const levels = levelsOf(`
  - { property: latency, value: 2, unit: d, element: sales.shopped_on }
  - { property: latency, value: 2, unit: d, element: stores }
  - { property: frequency, value: often }
  - { property: frequency, value: 3, unit: m }
  - { property: frequency, value: 1, valueExt: 5, unit: d }
  - { property: availability, value: 99, unit: nines }
  - { property: completeness, value: 101 }
  - { property: generalAvailability, value: Available 24/7 }
  - { property: retention, value: null }`);
  expect(levels.map(({ fault }) => fault)).toEqual([
    'element `sales.shopped_on` is no column of the contract',
    'element `stores` is no column of the contract',
    '`often` is no duration such as 24 h or P1D',
    'the unit m may be minutes or months: write min or month',
    '`valueExt` has no agreed meaning for it',
    '`99` is no percentage',
    'a percentage is between 0 and 100',
    '`Available 24/7` is no date such as 2027-01-31',
    'it has no value that can be measured',
  ]);
});

test('a contract that was stored as JSON gives the same service levels', () => {
  const { value } = readDatasetContract({
    file: 'test/fixtures/contracts/sell-out.odcs.yaml',
    content: readFileSync('test/fixtures/contracts/sell-out.odcs.yaml'),
  });
  expect(describeServiceLevels(JSON.parse(JSON.stringify(value)))).toEqual(describeServiceLevels(value));
});

const example = join(
  process.env['CROSSDOCK_STANDARDS'] ?? '../shared/standards',
  'odcs/examples/sla/database-table-sla.odcs.yaml',
);
test.skipIf(!existsSync(example))(
  'of the standard’s own example all is read but elements it does not describe',
  () => {
    const { value } = readContract({ file: example, content: readFileSync(example) });
    const levels = describeServiceLevels(value);
    expect(levels.map(({ property }) => property)).toEqual([
      'latency',
      'generalAvailability',
      'endOfSupport',
      'endOfLife',
      'retention',
      'frequency',
      null,
      null,
    ]);
    const faults = levels.map(({ fault }) => fault).filter((fault) => fault !== null);
    expect(new Set(faults)).toEqual(new Set(['element `tab1.txn_ref_dt` is no column of the contract']));
    expect(levels.filter(({ property, value }) => property !== null && value === null)).toEqual([]);
  },
);
