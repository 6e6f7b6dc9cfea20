import { expect, test } from 'vitest';
import { z } from 'zod';
import { needInput, parseInput } from './input-problems.ts';
import { defineOperation } from './operation.ts';

const INPUT = z.strictObject({
  sql: z.string().trim().min(1).max(10_000).default('SELECT 1'),
  format: z.enum(['rows', 'csv', 'parquet']).optional(),
  limit: z.coerce.number().int().min(1).max(100_000).default(10),
  share: z.number().gt(0).optional(),
  password: z.string().min(12).max(200).optional(),
  columns: z.array(z.string().min(1)).min(1).max(3).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  until: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional(),
  url: z.url({ protocol: /^https$/ }).optional(),
  email: z.email().optional(),
  product: z
    .string()
    .regex(/^\w+\.\w+$/, 'must be DOMAIN.PRODUCT')
    .optional(),
  dryRun: z.boolean().optional(),
  answers: z.record(z.string().regex(/^[a-z]+$/, 'must be lower case'), z.string()).optional(),
  forms: z.array(z.strictObject({ name: z.string(), size: z.number() })).optional(),
  rule: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('mask'), column: z.string() }),
      z.strictObject({ kind: z.literal('hide') }),
    ])
    .optional(),
  sign: z
    .union([
      z.strictObject({ token: z.string() }),
      z.strictObject({ email: z.string(), password: z.string() }),
    ])
    .optional(),
});

test.each<[unknown, string, string]>([
  [{ sql: '  ' }, '/sql', 'sql must not be empty'],
  [{ sql: 7 }, '/sql', 'sql must be text'],
  [{ sql: 'x'.repeat(10_001) }, '/sql', 'sql must have at most 10,000 characters'],
  [{ limit: '0' }, '/limit', 'limit must be between 1 and 100000'],
  [{ limit: 100_001 }, '/limit', 'limit must be between 1 and 100000'],
  [{ limit: 'many' }, '/limit', 'limit must be a whole number between 1 and 100000'],
  [{ limit: 1.5 }, '/limit', 'limit must be a whole number between 1 and 100000'],
  [{ share: 0 }, '/share', 'share must be above 0'],
  [{ share: 'half' }, '/share', 'share must be a number'],
  [{ password: 'short' }, '/password', 'password must have between 12 and 200 characters'],
  [{ format: 'cvs' }, '/format', 'format must be one of rows, csv, parquet; did you mean csv?'],
  [{ format: 12 }, '/format', 'format must be one of rows, csv, parquet'],
  [{ columns: [] }, '/columns', 'columns must not be empty'],
  [{ columns: ['a', ''] }, '/columns/1', 'item 2 of columns must not be empty'],
  [{ columns: ['a', 'b', 'c', 'd'] }, '/columns', 'columns must have at most 3 entries'],
  [{ columns: 'a' }, '/columns', 'columns must be a list'],
  [{ at: 'now' }, '/at', 'at must be a moment with its offset from UTC, such as 2026-01-31T12:30:00Z'],
  [
    { until: 'soon' },
    '/until',
    'until must be a date such as 2026-01-31, or a moment with its offset from UTC, such as 2026-01-31T12:30:00Z',
  ],
  [{ url: 'here' }, '/url', 'url must be an address that begins with https://'],
  [{ email: 'me' }, '/email', 'email must be an e-mail address'],
  [{ product: 'x' }, '/product', 'product must be DOMAIN.PRODUCT'],
  [{ dryRun: 'yes' }, '/dryRun', 'dryRun must be true or false'],
  [{ answers: { Who: 'me' } }, '/answers/Who', 'answers.Who must be lower case'],
  [{ forms: [{ size: 1 }] }, '/forms/0/name', 'name of item 1 of forms is missing'],
  [{ rule: { kind: 'masc' } }, '/rule/kind', 'rule.kind must be one of mask, hide; did you mean mask?'],
  [{ rule: { kind: 'mask' } }, '/rule/column', 'rule.column is missing'],
  [{ sign: { email: 'me' } }, '/sign/password', 'sign.password is missing'],
  [{ sign: 3 }, '/sign', 'sign must be an object'],
  [{ lmit: 3 }, '/lmit', "unknown key 'lmit'; did you mean limit?"],
  [{ forms: [{ name: 'a', size: 1, x: 1 }] }, '/forms/0/x', "unknown key 'x'; known are name, size"],
  [[], '', 'the input must be an object'],
  [null, '', 'the input must be an object'],
])('%j is refused in words', (value, pointer, message) => {
  expect(parseInput(INPUT, value).problems).toEqual([{ pointer, message }]);
});

test('every problem is told at once, and what fits is read', () => {
  const wrong = { sql: '', limit: 0, colums: ['a'] };
  expect(parseInput(INPUT, wrong).problems).toHaveLength(3);
  expect(() => needInput(INPUT, wrong)).toThrow('the request is not valid');
  expect(needInput(INPUT, { sql: ' SELECT 2 ' })).toEqual({ sql: 'SELECT 2', limit: 10 });
});

test('an operation takes no key it does not know, unless it says so', () => {
  const make = (input: z.ZodType) =>
    defineOperation<null>()({
      name: 'thing.make',
      summary: 'Make a thing.',
      effect: 'write',
      http: { method: 'POST', path: '/things' },
      scope: 'write',
      input,
      output: z.null(),
      run: async () => null,
    }).input;
  const shape = { columns: z.array(z.string()).optional() };
  expect(parseInput(make(z.object(shape)), { colums: ['a'] }).problems).toEqual([
    { pointer: '/colums', message: "unknown key 'colums'; did you mean columns?" },
  ]);
  expect(parseInput(make(z.looseObject(shape)), { colums: ['a'] }).problems).toBeNull();
});
