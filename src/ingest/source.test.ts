import { expect, test } from 'vitest';
import { MeshError } from '../base/errors.ts';
import { declaredTypes, readSource } from './source.ts';

const read = (content: string) => readSource({ file: 'sources/files.yaml', content });

function problemsOf(content: string): [string | undefined, string][] {
  try {
    read(content);
  } catch (error) {
    if (error instanceof MeshError && error.code === 'source.invalid') {
      return error.problems.map(({ place, message }) => [place, message]);
    }
    throw error;
  }
  return [];
}

test('a source with everything', () => {
  const { value } = read(`kind: files
title: Sell-out files
description: Monthly files of the retailer
path: sell-out/incoming
tables:
  sold:
    files: 2026/**/*.csv.gz
    format: csv
    options:
      delimiter: ";"
      quote: ""
      encoding: latin-1
      header: true
      decimal: ","
      nullValues: ["NULL", "-"]
      dateFormat: "%d/%m/%Y"
      types: { sold_on: date, amount: "decimal(12,2)" }
`);
  expect(value.path).toBe('sell-out/incoming');
  expect([...declaredTypes(value.tables!.sold!.options)]).toEqual([
    ['sold_on', { kind: 'date' }],
    ['amount', { kind: 'decimal', precision: 12, scale: 2 }],
  ]);
});

test('every problem is told at once, with its place', () => {
  const problems = problemsOf(`kind: files
path: ../finance
tables:
  Sold:
    files: x.csv
  sold:
    files: /etc/*.csv
    options:
      delimiter: ";;"
      colour: red
      types:
        amount: money
`);
  expect(problems).toEqual([
    ['sources/files.yaml:2:7', expect.stringMatching(/must stay inside/)],
    ['sources/files.yaml:4:3', expect.stringMatching(/must start with a lower-case letter/)],
    ['sources/files.yaml:7:12', expect.stringMatching(/must stay inside/)],
    ['sources/files.yaml:9:18', expect.stringMatching(/one character/)],
    ['sources/files.yaml:10:7', expect.stringMatching(/colour/)],
    ['sources/files.yaml:12:17', expect.stringMatching(/money is not a type/)],
  ]);
});

test.each([
  ['', /empty/],
  ['kind: files\n', /path/],
  ['kind: ftp\npath: x\n', /ftp/],
  ['kind: files\npath: [a]\n', /path|text/],
  ['kind: files\npath: "a\\\\b"\n', /must stay inside/],
  ['kind: files\npath: x\npath: y\n', /twice/],
])('%j is refused', (content, message) => {
  const problems = problemsOf(content);
  expect(problems.map(([place, text]) => `${place} ${text}`).join('\n')).toMatch(message);
  for (const [place] of problems) expect(place).toMatch(/^sources\/files\.yaml:\d+:\d+$/);
});
