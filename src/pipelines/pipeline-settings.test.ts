import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPipelineSettings } from './pipeline-settings.ts';

const SELECT = 'SELECT 1 AS a';
const read = (...lines: string[]) => readPipelineSettings([...lines, SELECT].join('\n'), 'a.sql');
const problemsOf = (...lines: string[]) =>
  read(...lines).problems.map(({ place, message }) => `${place} ${message}`);

test('without settings a pipeline overwrites, and runs when any input has a new release', () => {
  expect(read()).toEqual({
    settings: {
      purpose: null,
      triggers: [{ kind: 'release', of: 'any', datasets: null }],
      write: 'overwrite',
      key: [],
      deleteWhere: null,
      incremental: null,
      parameters: [],
      retries: 0,
    },
    lines: [],
    problems: [],
  });
});

test('every setting is read, among other comments and empty lines', () => {
  const { settings, problems } = read(
    '-- Weekly sales of all retailers. The last change counts: it always did.',
    '-- purpose: plan media: all of it',
    '',
    '--when: release of all inputs',
    '--  When :  "0 6 * * 1"   in Europe/Madrid ',
    "-- when: '*/15 8-18 * * MON-FRI'",
    '-- when: release of any of sales.sell-out.weeks,  finance.prices.prices',
    '-- write: merge',
    '-- key: ean, "Store Id"',
    '-- delete where: is_gone',
    '-- incremental: growing changed_at of "sales.sell-out".weeks',
    '-- parameter: weeks integer = 4',
    "-- parameter: region varchar = 'NORTH = ''N'''",
    '-- retries: 3',
  );
  expect(problems).toEqual([]);
  expect(settings).toEqual({
    purpose: 'plan media: all of it',
    triggers: [
      { kind: 'release', of: 'all', datasets: null },
      { kind: 'cron', expression: '0 6 * * 1', zone: 'Europe/Madrid' },
      { kind: 'cron', expression: '*/15 8-18 * * MON-FRI', zone: 'UTC' },
      { kind: 'release', of: 'any', datasets: ['sales.sell-out.weeks', 'finance.prices.prices'] },
    ],
    write: 'merge',
    key: ['ean', 'Store Id'],
    deleteWhere: 'is_gone',
    incremental: {
      kind: 'growing',
      column: 'changed_at',
      input: { schema: 'sales.sell-out', name: 'weeks' },
    },
    parameters: [
      { name: 'weeks', type: { kind: 'int' }, fallback: '4' },
      { name: 'region', type: { kind: 'string' }, fallback: "NORTH = 'N'" },
    ],
    retries: 3,
  });
  expect(read('-- incremental: files of tills.receipts').settings.incremental).toEqual({
    kind: 'files',
    input: { schema: 'tills', name: 'receipts' },
  });
  expect(read('-- when: on demand').settings.triggers).toEqual([{ kind: 'on demand' }]);
});

test('what is wrong is said with line, column and a suggestion', () => {
  expect(problemsOf('-- a comment', '-- wen: on demand')).toEqual([
    'a.sql:2:4 there is no setting wen; did you mean when? (a comment may not begin with one word and a colon)',
  ]);
  const wrong: [line: string, place: string, message: RegExp][] = [
    ['-- owner: me', 'a.sql:1:4', /there is no setting owner; the settings are purpose, when,/],
    ['-- purpose:', 'a.sql:1:12', /purpose has no value/],
    ['-- when: release of any inputs', 'a.sql:1:10', /did you mean release of any input\?/],
    ['-- when: release of any of sales.weeks', 'a.sql:1:10', /sales.weeks is no DOMAIN.PRODUCT.DATASET/],
    ['-- when: "0 6 * *"', 'a.sql:1:10', /five fields/],
    ['-- when: "0 0 6 * * 1"', 'a.sql:1:10', /five fields/],
    ['-- when: "@daily"', 'a.sql:1:10', /five fields/],
    ['-- when: "0 6 L * *"', 'a.sql:1:10', /five fields/],
    ['-- when: "0 6 30 2 *"', 'a.sql:1:10', /no moments/],
    ['-- when: "0 66 * * *"', 'a.sql:1:10', /no moments/],
    ['-- when: "0 6 * * 1" in Europe/Madird', 'a.sql:1:10', /no time zone Europe\/Madird/],
    ['-- when: "0 6 * * 1" in +02:00', 'a.sql:1:10', /no time zone/],
    ['-- when: "0 6 * * 1" at noon', 'a.sql:1:10', /write a schedule as/],
    ['-- write: append only', 'a.sql:1:11', /write is overwrite, append, merge, replace partitions/],
    ['-- write: merg', 'a.sql:1:11', /did you mean merge\?/],
    ['-- write: merge', 'a.sql:1:11', /merge finds rows by their key/],
    ['-- key: a', 'a.sql:1:9', /only `-- write: merge` has a key/],
    ['-- delete where: gone', 'a.sql:1:18', /only `-- write: merge` deletes/],
    ['-- incremental: files', 'a.sql:1:17', /incremental is/],
    ['-- incremental: growing of tills.receipts', 'a.sql:1:17', /incremental is/],
    ['-- parameter: weeks = 4', 'a.sql:1:15', /NAME TYPE = DEFAULT/],
    ['-- parameter: weeks blurb = 4', 'a.sql:1:15', /a parameter is of type/],
    ['-- parameter: weeks integer = four', 'a.sql:1:15', /single quotes/],
    ["-- parameter: weeks integer = 'four'", 'a.sql:1:15', /four is no int/],
    ["-- parameter: day date = '2026-02-30'", 'a.sql:1:15', /2026-02-30 is no date/],
    ['-- retries: many', 'a.sql:1:13', /from 0 to 10/],
  ];
  for (const [line, place, message] of wrong) {
    const [problem, ...more] = read(line).problems;
    expect([line, problem?.place, more]).toEqual([line, place, []]);
    expect(problem?.message).toMatch(message);
  }
});

test('a setting is given once, and `on demand` stands alone', () => {
  expect(problemsOf('-- retries: 1', '-- retries: 2')).toEqual([
    'a.sql:2:4 retries is set on line 1 already: keep one',
  ]);
  expect(problemsOf('-- when: on demand', '-- when: release of any input')[0]).toMatch(
    /^a.sql:1:10 `on demand`/,
  );
  expect(problemsOf('-- parameter: a integer = 1', '-- parameter: A date = NULL')).toEqual([
    'a.sql:2:15 the parameter a is declared already',
  ]);
});

test('a setting below the SELECT is refused, not ignored; other comments there are free', () => {
  const text = 'SELECT 1 AS a\n  -- purpose: plan media\n-- note: whatever\nFROM tills.receipts';
  expect(readPipelineSettings(text, 'a.sql').problems).toEqual([
    { place: 'a.sql:2:6', message: 'settings stand at the top of the file: move this line above the SELECT' },
  ]);
});

test('no text throws, and every problem lies in the file', () => {
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('when', 'key', 'parameter', 'write', 'x'), fc.string())
      .map(([key, value]) => `-- ${key}: ${value}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const text = lines.join('\n');
      for (const { place } of readPipelineSettings(text, 'a.sql').problems) {
        const [, row, column] = /^a\.sql:(\d+):(\d+)$/.exec(place ?? '') ?? [];
        const rows = text.split('\n');
        expect(Number(row)).toBeLessThanOrEqual(rows.length);
        expect(Number(column)).toBeLessThanOrEqual((rows[Number(row) - 1] ?? '').length + 1);
      }
    }),
    { numRuns: 200 },
  );
});
