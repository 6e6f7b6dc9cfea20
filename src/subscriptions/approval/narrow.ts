import type { Problem } from '../../base/errors.ts';
import { type ColumnMask, strictestMask } from '../../policy/column-mask.ts';
import { showsValues } from '../../policy/personal-data.ts';
import type { RowFilter } from '../../policy/row-filter-model.ts';
import { allRowFilters } from '../../policy/row-filter-simplify.ts';
import type { GrantedAccess } from '../grant.ts';

/** What is left of a grant when a later step narrows it: never a column, row or value more. Pure. */
export function narrowFurther(before: GrantedAccess, by: GrantedAccess): GrantedAccess {
  return {
    columns: bothColumns(before.columns, by.columns),
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

/** Which of the columns with personal data a grant shows anything of. */
export function personalIn({ columns, masks }: GrantedAccess, personal: readonly string[]): string[] {
  return personal.filter((name) => (columns === null || columns.includes(name)) && showsValues(masks, name));
}
