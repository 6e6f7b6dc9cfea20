import { foldValue } from '../../pipelines/erased-subjects/subject-hash.ts';
import type { MatchColumn, SubjectValues } from '../erasure-model.ts';
import { matchedValues } from '../rows/match-rows.ts';

/** Whether a row of a source is the subject's, by the texts in its columns. */
export type RowTest = (textsOf: (column: string) => readonly string[]) => boolean;

/** Raw files write the same value with blanks around it, and numbers with zeros before them. */
export function rowTest(columns: MatchColumn[], values: SubjectValues): RowTest {
  const wanted = columns.map(({ column, role }) => ({
    column,
    role,
    values: new Set(matchedValues(values, role)),
  }));
  return (textsOf) =>
    wanted.some(({ column, role, values: set }) =>
      textsOf(column).some((text) => formsOf(text, role).some((form) => set.has(form))),
    );
}

function formsOf(text: string, role: MatchColumn['role']): string[] {
  const plain = role === 'key' ? text.trim() : foldValue(text.trim());
  return /^[0-9]{1,30}$/.test(plain) ? [plain, String(BigInt(plain))] : [plain];
}
