import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteLiteral } from '../../base/data-type.ts';
import { query } from '../../../test/fixtures/lake-tables.ts';
import { comparedSql, comparedValue, SubjectHash } from './subject-hash.ts';

const hash = new SubjectHash(Buffer.alloc(32, 7));
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('Anna@Example.COM', ' anna@example.com\u00a0', 'ÄNNE', "o'neil", ''),
);

test('rows are matched by exactly the hashes of their values, in SQL as here', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 8 }),
      text,
      fc.constantFrom('key' as const, 'identifier' as const),
      async (values, erased, role) => {
        const all = [...values, erased].filter((value) => !value.includes('\0'));
        fc.pre(!erased.includes('\0'));
        const condition = hash.matchSql(
          [{ column: 'who', role }],
          [hash.of(role, comparedValue(erased, role))],
        );
        const rows = all.map((value, index) => `(${index}, ${quoteLiteral(value)})`).join(', ');
        const matched = await query(
          `SELECT n FROM (VALUES ${rows}, (-1, NULL)) AS t (n, who) WHERE ${condition} ORDER BY n`,
        );
        const same = (value: string) => comparedValue(value, role) === comparedValue(erased, role);
        expect(matched.map(({ n }) => n)).toEqual(
          all.flatMap((value, index) => (same(value) ? [index] : [])),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('no row is neither matched nor not: NULL is not the subject', async () => {
  const condition = hash.matchSql([{ column: 'who', role: 'key' }], [hash.of('key', 'a')]);
  expect(await query(`SELECT (${condition}) AS hit FROM (VALUES (NULL), ('a'), ('b')) AS t (who)`)).toEqual([
    { hit: false },
    { hit: true },
    { hit: false },
  ]);
});

test('another key, or another role, gives other hashes', () => {
  const hashes = [
    hash.of('key', 'a'),
    hash.of('identifier', 'a'),
    new SubjectHash(Buffer.alloc(32, 8)).of('key', 'a'),
  ];
  expect(new Set(hashes).size).toBe(3);
});

test('identifiers are compared without blanks and without the case of A to Z', async () => {
  const [row] = await query(
    `SELECT ${comparedSql('who', 'identifier')} AS folded FROM (VALUES (' Anna@Example.COM ')) AS t (who)`,
  );
  expect(row?.['folded']).toBe(comparedValue(' Anna@Example.COM ', 'identifier'));
  expect(row?.['folded']).toBe('anna@example.com');
});
