import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutoffOf, expiredSql, releaseRetentionMs, retentionsOf, rowRetentions } from './retention.ts';
import { readDatasetContract } from './read-contract.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const DAY_MS = 86_400_000;

function contractOf(entries: string) {
  return readDatasetContract({
    file: 'a.yaml',
    content: `apiVersion: v3.1.0
kind: DataContract
id: a
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - { name: day, logicalType: date }
      - { name: at, logicalType: timestamp, physicalType: timestamptz }
      - { name: amount, logicalType: integer }
slaProperties:
${entries}
`,
  }).value;
}

test('rows are as old as the columns say that the element names', () => {
  const [retention, ...others] = rowRetentions(
    contractOf('  - { property: retention, value: 2, unit: months, element: visits.day }'),
  );
  expect(others).toEqual([]);
  expect(expiredSql(retention!, NOW)).toBe('("day" < DATE \'2026-01-02\')');
});

test('of several columns every one has to be old, and a moment is of UTC', () => {
  const [retention] = rowRetentions(contractOf('  - { property: Re, value: P30D, element: "day, at" }'));
  expect(expiredSql(retention!, NOW)).toBe(
    '("day" < DATE \'2026-01-31\' AND "at" < TIMESTAMPTZ \'2026-01-31 00:00:00+00\')',
  );
});

test('without an element it is about releases, and the shortest counts', () => {
  const contract = contractOf(
    '  - { property: retention, value: 30, unit: d }\n  - { property: retention, value: 7, unit: d }',
  );
  expect(releaseRetentionMs(contract, NOW)).toBe(7 * DAY_MS);
  expect(rowRetentions(contract)).toEqual([]);
});

test.each([
  ['an element that is no time', '  - { property: retention, value: 7, unit: d, element: visits.amount }'],
  ['a value that is no time', '  - { property: retention, value: long }'],
  ['another level', '  - { property: latency, value: 7, unit: d, element: visits.day }'],
])('%s keeps nothing from being kept', (_what, entry) => {
  expect(retentionsOf(contractOf(entry))).toEqual([]);
});

test('nothing goes before its time, and everything within a day after it', () => {
  const [retention] = rowRetentions(
    contractOf('  - { property: retention, value: 30, unit: d, element: visits.day }'),
  );
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      (now) => {
        const ageMs = now.getTime() - cutoffOf(retention!, now).getTime();
        expect(ageMs).toBeGreaterThanOrEqual(30 * DAY_MS);
        expect(ageMs).toBeLessThan(31 * DAY_MS);
      },
    ),
  );
});
