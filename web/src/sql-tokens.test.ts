import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offsetOf, quoteName, sqlTokens } from './sql-tokens.ts';

test('whatever is typed, the tokens joined are the text again', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom("'", '"', '--', '/*', '*/', '\n', 'SELECT ', "''", '1.5e3', '/', '-', 'naïve '),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const sql = pieces.join('');
      expect(
        sqlTokens(sql)
          .map(({ text }) => text)
          .join(''),
      ).toBe(sql);
    }),
  );
});

test('keywords, texts, names, numbers and comments are told apart', () => {
  const found = sqlTokens(`select "from" from a -- from\nwhere b = 'it''s from' and c > 1.5`);
  const of = (kind: string) => found.filter((token) => token.kind === kind).map(({ text }) => text);
  expect(of('keyword')).toEqual(['select', 'from', 'where', 'and']);
  expect(of('name')).toEqual(['"from"']);
  expect(of('comment')).toEqual(['-- from']);
  expect(of('text')).toEqual(["'it''s from'"]);
  expect(of('number')).toEqual(['1.5']);
});

test('a text or comment that is still being typed colours to the end', () => {
  expect(sqlTokens("'open\nselect")).toEqual([{ kind: 'text', text: "'open\nselect" }]);
  expect(sqlTokens('/* open\nselect')).toEqual([{ kind: 'comment', text: '/* open\nselect' }]);
});

test('a place is an offset, and what is no place is none', () => {
  expect(offsetOf('SELECT *\nFORM a', '2:1')).toBe(9);
  expect(offsetOf('SELECT *\nFORM a', 'query.sql:2:6')).toBe(14);
  expect(offsetOf('abc', '1:99')).toBe(3);
  expect(offsetOf('abc', '2:1')).toBeNull();
  expect(offsetOf('abc', undefined)).toBeNull();
});

test('only plain lower-case names stay unquoted', () => {
  expect(quoteName('net_sales')).toBe('net_sales');
  expect(quoteName('Net Sales')).toBe('"Net Sales"');
  expect(quoteName('order')).toBe('"order"');
  expect(quoteName('a"b')).toBe('"a""b"');
});
