import { expect, test } from 'vitest';
import { MeshError } from '../base/errors.ts';
import { bindValues, valuesOf } from './parameter-values.ts';
import { type Parameter, readParameter } from './read-parameter.ts';

const parameters = ['weeks integer = 4', "since date = '2026-01-01'", 'region text = NULL'].map(
  (line) => readParameter(line) as Parameter,
);

test('a value that is given counts, NULL too; the others are their defaults', () => {
  const bindings = bindValues(parameters, { weeks: '8', since: null });
  expect(valuesOf(bindings)).toEqual({ weeks: '8', since: null, region: null });
  expect(bindings['weeks']!.type).toEqual({ kind: 'int' });
  expect(valuesOf(bindValues(parameters, valuesOf(bindings)))).toEqual(valuesOf(bindings));
});

test('every value that is unknown or of another type is told at once', () => {
  const given = { week: '8', since: 'yesterday', constructor: '1', __proto__: null, weeks: '9999999999' };
  const error = refusal(() => bindValues(parameters, given));
  expect(error.code).toBe('pipeline.parameter-invalid');
  expect(error.problems.map(({ message }) => message)).toEqual([
    'there is no parameter week; did you mean weeks?',
    'there is no parameter constructor; there are weeks, since, region',
    'weeks: 9999999999 is no int: write one such as 12',
    "since: yesterday is no date: write one such as '2026-12-31'",
  ]);
  expect(refusal(() => bindValues([], { a: '1' })).problems[0]!.message).toMatch(/the pipeline has none/);
});

function refusal(work: () => unknown): MeshError {
  try {
    work();
  } catch (error) {
    return error as MeshError;
  }
  throw new Error('nothing was refused');
}
