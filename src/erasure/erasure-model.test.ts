import { expect, test } from 'vitest';
import { EMPTY_REPORT, isComplete } from './erasure-model.ts';

test('what was not looked into is not known to be gone', () => {
  const report = { ...EMPTY_REPORT, proof: { tables: 1, files: 1, found: [] } };
  expect(isComplete(report)).toBe(true);
  const left = { datasetId: 'dst_1', dataset: 'club.guests.guests', reason: 'personal data, no subject key' };
  expect(isComplete({ ...report, notLookedInto: [left] })).toBe(false);
});
