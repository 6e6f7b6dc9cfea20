import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { readDatasetRequest } from './dataset-request.ts';

const columns: Column[] = [
  { name: 'brand', type: { kind: 'string' }, required: false },
  { name: 'units', type: { kind: 'int' }, required: false },
];

function problemsOf(query: Record<string, unknown>): string[] {
  try {
    readDatasetRequest(query, columns);
    return [];
  } catch (error) {
    if (!isMeshError(error)) throw error;
    return error.problems.map(({ pointer, message }) => `${pointer} ${message}`);
  }
}

test('a prefix has one star at its end; any other pattern is refused and not taken for text', () => {
  expect(readDatasetRequest({ brand: 'like.Lark*' }, columns).filter).toMatchObject({
    terms: [{ op: 'like', column: 'brand', prefix: 'Lark' }],
  });
  for (const pattern of ['like.*ark*', 'like.Lark', 'like.*'])
    expect([pattern, problemsOf({ brand: pattern }).length]).toEqual([pattern, pattern === 'like.*' ? 0 : 1]);
});

test('an operator that is none is told from a value, with those there are', () => {
  const [problem] = problemsOf({ units: 'bigger.5' });
  expect(problem).toMatch(/^\/units bigger\.5 is not an int; operators are eq, ne,/);
  expect(problemsOf({ units: '5x' })).toEqual(['/units 5x is not an int']);
  expect(readDatasetRequest({ brand: 'st.gallen' }, columns).filter).toMatchObject({
    terms: [{ op: 'compare', value: { value: 'st.gallen' } }],
  });
});
