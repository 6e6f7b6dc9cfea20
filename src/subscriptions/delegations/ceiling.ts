import { MeshError } from '../../base/errors.ts';
import { narrowFurther } from '../approval/narrow.ts';
import type { GrantedAccess } from '../grant.ts';

/**
 * What an approval under a ceiling gives: both. Rows that either keeps back are kept back, of two masks on a
 * column the strictest counts, and where no columns are named they are those asked for that the ceiling has. Pure.
 * @param asked the columns that the request asks for; null for all
 * @throws MeshError `delegation.exceeded` with every column that was named and is not the delegate's to give, and
 * where none is left
 */
export function underCeiling(
  given: GrantedAccess,
  ceiling: GrantedAccess,
  asked: string[] | null,
): GrantedAccess {
  const problems = (given.columns ?? []).flatMap((name, index) =>
    ceiling.columns === null || ceiling.columns.includes(name)
      ? []
      : [{ message: `the delegation does not give the column ${name}`, pointer: `/columns/${index}` }],
  );
  if (problems.length > 0) throw new MeshError('delegation.exceeded', { problems });
  const both = narrowFurther(ceiling, { ...given, columns: given.columns ?? asked });
  if (both.columns?.length === 0) {
    const message = `the delegation gives none of the columns asked for: ${asked?.join(', ')}`;
    throw new MeshError('delegation.exceeded', { problems: [{ message, pointer: '/columns' }] });
  }
  return both;
}
