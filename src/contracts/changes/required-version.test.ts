import { expect, test } from 'vitest';
import { judgeVersion, requiredBump } from './required-version.ts';

const breaking = [{ class: 'breaking' }, { class: 'cosmetic' }] as const;
const compatible = [{ class: 'cosmetic' }, { class: 'compatible' }] as const;
const cosmetic = [{ class: 'cosmetic' }] as const;

test('the strictest difference decides', () => {
  expect([breaking, compatible, cosmetic, []].map(requiredBump)).toEqual(['major', 'minor', 'patch', null]);
});

type Row = [
  before: string,
  after: string,
  changes: readonly { class: 'breaking' | 'compatible' | 'cosmetic' }[],
  enough: boolean,
  least: string | null,
];

const ROWS: Row[] = [
  ['1.4.2', '2.0.0', breaking, true, '2.0.0'],
  ['1.4.2', '2.0.0-beta.1', breaking, true, '2.0.0'],
  ['1.4.2', '1.5.0', breaking, false, '2.0.0'],
  ['0.3.0', '0.4.0', breaking, false, '1.0.0'],
  ['2.0.0-beta.1', '2.0.0-beta.2', breaking, true, '2.0.0'],
  ['2.0.0-beta.2', '2.0.0-beta.1', cosmetic, false, '2.0.0'],
  ['1.4.2', '1.5.0', compatible, true, '1.5.0'],
  ['1.4.2', '2.0.0', compatible, true, '1.5.0'],
  ['1.4.2', '1.4.3', compatible, false, '1.5.0'],
  ['1.4.2', '1.4.3', cosmetic, true, '1.4.3'],
  ['1.4.2', '1.4.2', cosmetic, false, '1.4.3'],
  ['1.4.2', '1.3.9', cosmetic, false, '1.4.3'],
  ['1.4.2', '1.4.2', [], true, '1.4.2'],
  ['1.4.2', '1.4.1', [], false, '1.4.2'],
  ['1.4.2', 'spring', breaking, false, null],
  ['spring', 'spring', [], true, null],
];

test.each(ROWS)('%s to %s', (before, after, ...[changes, enough, least]) => {
  expect(judgeVersion(before, after, changes)).toMatchObject({ enough, least });
});
