import { expect, test } from 'vitest';
import { MeshError } from '../base/errors.ts';
import { publicError } from './public-errors.ts';

const context = {
  trusted: false,
  secrets: ['/data/sales/part-1.parquet', '/spill/worker-1'],
  memoryBytes: 512 * 1024 * 1024,
};

const seen = (text: string) => {
  const error = publicError(new Error(text), context);
  return { code: error.code, message: error.message, detail: error.detail };
};

test.each([
  [
    "Conversion Error: Could not convert string 'SECRET-7' to INT32 when casting from source column code\n\nLINE 1: SELECT",
    'query.failed',
    'the query failed on a value: a value could not be converted to INT32',
  ],
  [
    `Conversion Error: invalid date field format: "SECRET DATE", expected format is (YYYY-MM-DD)`,
    'query.failed',
    'the query failed on a value: a value does not fit the function or type it is used with',
  ],
  [
    "Conversion Error: Could not convert string 'x to DATE' to SECRET",
    'query.failed',
    'the query failed on a value: a value does not fit the function or type it is used with',
  ],
  [
    'Out of Range Error: Overflow in addition of INT32 (2147483647 + 7331733)!',
    'query.failed',
    'the query failed on a value: a number is out of the range of its type',
  ],
  [
    "Invalid Input Error: Could not parse string 'json SECRET' according to format specifier '%d'",
    'query.failed',
    'the query failed on a value: a text does not fit the date format',
  ],
  [
    'Invalid Input Error: More than one row returned by a subquery used as an expression - scalar subqueries can only return a single row.',
    'query.failed',
    'the query failed on a value: a subquery used as a value gave more than one row',
  ],
  [
    'Binder Error: Referenced column "nope" not found in FROM clause!\nCandidate bindings: "id", "name"\n\nLINE 1: SELECT nope FROM read_parquet',
    'query.invalid',
    'the query does not fit the data: Referenced column "nope" not found in FROM clause! Candidate bindings: "id", "name"',
  ],
  [
    'Catalog Error: Table with name x does not exist!\nDid you mean "secret_view"?',
    'query.invalid',
    'the query does not fit the data: Table with name x does not exist!',
  ],
  [
    "Binder Error: something about read_parquet(['/data/sales/part-1.parquet'])",
    'query.invalid',
    'the query does not fit the data: its names or types do not fit',
  ],
  [
    'Out of Memory Error: failed to allocate',
    'query.out-of-memory',
    'the query needs more memory than its limit of 512 MB',
  ],
  [
    'Out of Memory Error: failed to offload data block: max_temp_directory_size of 10MB',
    'query.out-of-disk',
    'the query needs more temporary disk space than it may use',
  ],
  ['INTERRUPT Error: Interrupted!', 'query.cancelled', 'the query was cancelled'],
  ['IO Error: No files found that match "/data/secret"', 'internal', 'something went wrong on our side'],
  ['Permission Error: Cannot access file "/data/secret"', 'internal', 'something went wrong on our side'],
])('%s', (text, code, message) => {
  expect(seen(text)).toMatchObject({ code, message });
});

test('values of rows do not reach the log either, unless the SQL was ours', () => {
  const text = "Conversion Error: Could not convert string 'SECRET' to INT32";
  expect(seen(text).detail).not.toContain('SECRET');
  expect(publicError(new Error(text), { ...context, trusted: true }).detail).toContain('SECRET');
});

test('an error of ours passes as it is', () => {
  const error = new MeshError('query.not-select');
  expect(publicError(error, context)).toBe(error);
});
