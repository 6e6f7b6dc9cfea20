import type { Column } from '../../base/data-type.ts';
import { standardValue, type MaskAction } from '../column-mask.ts';
import type { AccessPlan, PlannedColumn } from '../access-plan-model.ts';
import { fitConstant } from '../row-filter-fit.ts';
import { compiled, type Compiled } from './compiled.ts';
import { icebergExpression, type IcebergPredicate } from './iceberg-expression.ts';

/** LoadTableResult.read-restrictions of the Iceberg REST catalog; absent parts restrict nothing. */
export interface ReadRestrictions {
  /** Evaluated on unmasked values, before the projections. */
  'required-row-filter'?: IcebergPredicate;
  'required-column-projections'?: { 'field-id': number; action: MaskAction }[];
}

/**
 * The plan as read restrictions on a table of these columns, for readers that are trusted to apply them. They
 * mask and filter but cannot take a column away: a plan with hidden columns is refused.
 */
export function compileReadRestrictions(plan: AccessPlan, columns: Column[]): Compiled<ReadRestrictions> {
  const required = new Set(columns.filter((column) => column.required).map(({ name }) => name));
  const masked = plan.columns.filter(({ mask }) => mask !== null);
  const filter = icebergExpression(plan.rowFilter, { columns: plan.filterColumns, references: 'id' });
  const projections = masked.map(({ id, mask }) => ({ 'field-id': id!, action: mask!.action }));
  const value: ReadRestrictions = {
    ...(filter.ok && filter.value !== true && { 'required-row-filter': filter.value }),
    ...(projections.length > 0 && { 'required-column-projections': projections }),
  };
  return compiled(value, [
    ...plan.hidden.map(({ name }) => `the column ${name} is hidden, and read restrictions can only mask`),
    ...(filter.ok ? [] : filter.reasons),
    ...masked.flatMap((column) => maskRefusals(column, required.has(column.name))),
  ]);
}

function maskRefusals({ name, id, type, mask }: PlannedColumn, required: boolean): string[] {
  const reasons: string[] = [];
  if (id === undefined) reasons.push(`the column ${name} has no field id`);
  if (mask?.action === 'replace-with-null' && required) {
    reasons.push(`the column ${name} is required, so that it cannot be replaced with null`);
  }
  if (mask?.action === 'mask-to-fixed-value' && mask.value !== undefined) {
    const [chosen, fixed] = [mask.value, standardValue(type)].map((value) =>
      fitConstant({ value: value as string | number | boolean }, type),
    );
    if (JSON.stringify(chosen) !== JSON.stringify(fixed)) {
      reasons.push(`the column ${name} is masked to a value of its own, and the standard fixes another`);
    }
  }
  return reasons;
}
