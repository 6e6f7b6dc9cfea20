import { expect, test } from 'vitest';
import { announced, type ErasedDataset, type Erasure, placeOf, remainsOf, sentenceOf } from './erasures.ts';

const dataset = (more: Partial<ErasedDataset>): ErasedDataset => ({
  ...{ dataset: 'club.loyalty.customers', outcome: 'erased', rows: 0, filesRewritten: 0, filesRemoved: 0 },
  ...{ snapshotsExpired: 0, reason: null },
  ...more,
});
const erasure = (more: Partial<Erasure>): Erasure => ({
  ...{ id: 'ers_1', target: 'club.loyalty', subject: 'customer', reason: 'case 17', dryRun: false },
  ...{ state: 'done', complete: false, requestedBy: 'me', requestedAt: '', finishedAt: null, keys: 1 },
  lifted: null,
  ...{ progress: { phase: 'planning', done: 1, total: 3 }, datasets: [], sources: [], records: [] },
  ...{ remains: [], notLookedInto: { datasets: [], others: 0 }, found: [], error: null },
  ...more,
});

test('each end has its sentence, and none but a complete one says that nothing remains', () => {
  expect(sentenceOf(erasure({ complete: true }))).toMatch(/nothing remains that the mesh knows of/);
  expect(sentenceOf(erasure({}))).toMatch(/not everywhere/);
  expect(sentenceOf(erasure({ state: 'planned', keys: 0 }))).toMatch(/^No customer was found/);
  expect(sentenceOf(erasure({ state: 'planning' }))).toBe('It goes on: planning, 1 of 3.');
});

test('what remains names legal holds, what could not be followed, sources, and what the proof found', () => {
  const remains = remainsOf(
    erasure({
      datasets: [
        dataset({}),
        dataset({ outcome: 'held', reason: 'legal hold: court 12' }),
        dataset({ outcome: 'not-followed', reason: 'it appends' }),
      ],
      sources: [{ source: 'club/crm', table: 'c', file: 'a.csv', outcome: 'remains', rows: 2, reason: null }],
      remains: ['a policy names it'],
      notLookedInto: {
        datasets: [{ dataset: 'club.visits.visits', reason: 'personal data, no subject key' }],
        others: 2,
      },
      found: ['x'],
    }),
  );
  expect(remains).toEqual([
    'club.loyalty.customers is not touched: legal hold: court 12',
    'club.loyalty.customers may still hold values: it appends',
    '2 rows in source club/crm, table c, file a.csv',
    'a policy names it',
    'club.visits.visits was not looked into: personal data, no subject key',
    '2 datasets that you may not discover: not looked into, personal data, no subject key',
    'found all the same: x',
  ]);
});

test('a dry run announces the sums; nothing of a kind that does not occur', () => {
  const lines = announced(
    erasure({
      datasets: [dataset({ rows: 2, filesRewritten: 1, snapshotsExpired: 3 }), dataset({ rows: 1 })],
    }),
  );
  expect(lines[0]).toMatch(/^Removed: 3 rows /);
  expect(lines[1]).toBe('Files written anew: 1.');
  expect(lines.join()).not.toMatch(/legal hold|made anew by|remains/);
});

test('the place is sent as it was, with a dataset where one was named', () => {
  expect(placeOf({ target: 'club.loyalty@1.customers' })).toEqual({
    product: 'club.loyalty@1',
    dataset: 'customers',
  });
  expect(placeOf({ target: 'club.loyalty' })).toEqual({ product: 'club.loyalty' });
});
