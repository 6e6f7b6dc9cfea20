import type { Problem } from '../../base/errors.ts';
import type { Tags } from '../../policy/action.ts';
import { type ColumnMask, strictestMask } from '../../policy/column-mask.ts';
import { showsValues } from '../../policy/personal-data.ts';
import type { RowFilter } from '../../policy/row-filter-model.ts';
import { allRowFilters } from '../../policy/row-filter-simplify.ts';
import { matchesTags, type TagExpression } from '../../policy/tags.ts';
import type { GrantedAccess } from '../grant.ts';

/** What is left of a grant when a later step narrows it: never a column, row or value more. Pure. */
export function narrowFurther(before: GrantedAccess, by: GrantedAccess): GrantedAccess {
  return {
    columns: bothColumns(before.columns, by.columns),
    ...((before.tags ?? by.tags) && { tags: bothTags(before.tags ?? {}, by.tags ?? {}) }),
    rowFilter: bothFilters(before.rowFilter, by.rowFilter),
    masks: bothMasks(before.masks, by.masks),
  };
}

/** Columns that an earlier step left out and a later one names: said, not silently left out again. */
export function wideningProblems(before: GrantedAccess, by: GrantedAccess): Problem[] {
  const left = new Set(before.columns ?? by.columns);
  return (by.columns ?? []).flatMap((name, index) => {
    if (left.has(name)) return [];
    return [
      { message: `${name} was not asked for, or left out by the step before`, pointer: `/columns/${index}` },
    ];
  });
}

function bothColumns(before: string[] | null, by: string[] | null): string[] | null {
  if (before === null || by === null) return before ?? by;
  return before.filter((name) => by.includes(name));
}

/** Every key of both, of a key that both name the values of both: perhaps none, which no column has. */
function bothTags(before: TagExpression, by: TagExpression): TagExpression {
  const keys = new Set([...Object.keys(before), ...Object.keys(by)]);
  const valuesIn = (tags: TagExpression, key: string) => (Object.hasOwn(tags, key) ? tags[key]! : null);
  return Object.fromEntries(
    [...keys].map((key) => [key, bothColumns(valuesIn(before, key), valuesIn(by, key)) ?? []]),
  );
}

function bothFilters(before: RowFilter | null, by: RowFilter | null): RowFilter | null {
  if (before === null || by === null) return before ?? by;
  return allRowFilters([before, by]);
}

function bothMasks(before: GrantedAccess['masks'], by: GrantedAccess['masks']): GrantedAccess['masks'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(by)])].sort();
  return Object.fromEntries(
    names.flatMap((name): [string, ColumnMask][] => {
      const asked = [before, by].flatMap((masks) => (Object.hasOwn(masks, name) ? [masks[name]!] : []));
      const mask = strictestMask(asked);
      return mask === null ? [] : [[name, mask]];
    }),
  );
}

/** A column with personal data: its tags, and those of its parts. */
export interface PersonalColumn {
  name: string;
  tags: Tags[];
}

/** Which of the columns with personal data a grant shows anything of, as they are tagged now. */
export function personalIn(
  { columns, tags, masks }: GrantedAccess,
  personal: readonly PersonalColumn[],
): string[] {
  const given = personal.filter(
    (column) =>
      (columns === null || columns.includes(column.name)) &&
      (tags === undefined || column.tags.every((one) => matchesTags(one, tags))),
  );
  const names = given.map(({ name }) => name).filter((name) => showsValues(masks, name));
  return [...new Set(names)].sort();
}
