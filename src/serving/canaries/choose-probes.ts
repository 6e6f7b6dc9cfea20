import { type Column, type DataType, typeName } from '../../base/data-type.ts';
import type { AccessPlan } from '../../policy/access-plan.ts';
import { evaluateMask } from '../../policy/column-mask.ts';
import { fitConstant } from '../../policy/row-filter-fit.ts';
import { evaluateRowFilter } from '../../policy/row-filter-evaluate.ts';
import type { RowFilter } from '../../policy/row-filter-model.ts';
import type { Row, RowValue } from '../../policy/row-value.ts';
import { PARAMETERS } from '../dataset-request.ts';

/** A value by which rows are asked for, as text in the form of its type. */
export interface ProbeTest {
  name: string;
  type: DataType;
  text: string;
}

/** Rows that have these values: one that a reader may see, or one that they may not. */
export type Probe = ProbeTest[];

export interface Probes {
  allowed: Probe | null;
  forbidden: Probe | null;
}

/** Types whose values are the same text for every door. */
const TESTED: ReadonlySet<DataType['kind']> = new Set([
  'string',
  'int',
  'long',
  'decimal',
  'date',
  'boolean',
]);
const MOST_TESTS = 4;
const MOST_CHARACTERS = 200;

/**
 * A row of the sample that the plan shows and one that it hides, each by values that the reader sees as they
 * are. Judged by the reference of the plan's meaning, not by what compiles it for a door. Pure.
 */
export function chooseProbes(plan: AccessPlan, sample: Row[]): Probes {
  const allowed = sample.filter((row) => isAllowed(plan, row));
  const forbidden = sample.filter((row) => !isAllowed(plan, row));
  return { allowed: firstProbe(plan, allowed), forbidden: firstProbe(plan, forbidden) };
}

function isAllowed({ rowFilter, filterColumns }: AccessPlan, row: Row): boolean {
  return evaluateRowFilter(rowFilter, row, filterColumns) === true;
}

function firstProbe(plan: AccessPlan, rows: Row[]): Probe | null {
  for (const row of rows) {
    const probe = probeOf(plan, row);
    if (probe.length > 0) return probe;
  }
  return null;
}

function probeOf({ columns }: AccessPlan, row: Row): Probe {
  return columns
    .filter(
      ({ name, mask, type }) => mask === null && TESTED.has(type.kind) && !Object.hasOwn(PARAMETERS, name),
    )
    .flatMap(({ name, type }) => {
      const value = row[name] ?? null;
      const text = String(value);
      return value === null || text.length > MOST_CHARACTERS ? [] : [{ name, type, text }];
    })
    .slice(0, MOST_TESTS);
}

/** The probe as a filter, for reading the same rows without any door. */
export function filterOf(probe: Probe): RowFilter {
  const terms = probe.map(({ name, type, text }): RowFilter => {
    const value = type.kind === 'boolean' ? { value: text === 'true' } : fitConstant({ value: text }, type);
    // A value that its own type cannot hold is none: then no row is compared.
    if (typeof value === 'string') return { op: 'false' };
    return { op: 'compare', column: name, operator: '=', value };
  });
  return { op: 'and', terms };
}

/** Columns whose values a door must give exactly so: those of a mask with a salt are never the same. */
export function comparedColumns({ columns }: AccessPlan): AccessPlan['columns'] {
  return columns.filter(
    ({ mask, type }) => mask === null || (type.kind === 'string' && mask.action !== 'sha-256-query-local'),
  );
}

/** What the plan gives of these rows, each as one text, in order. Pure. */
export function expectedRows(plan: AccessPlan, rows: Row[]): string[] {
  const columns = comparedColumns(plan);
  return rows
    .filter((row) => isAllowed(plan, row))
    .map((row) =>
      textOf(
        columns.map(({ name, type, mask }) => {
          const value: RowValue = row[name] ?? null;
          return mask === null ? value : evaluateMask(mask, value, { type });
        }),
      ),
    )
    .sort();
}

export function textOf(values: readonly unknown[]): string {
  return JSON.stringify(values.map((value) => value ?? null));
}

/** For reading rows of which the plan may hide columns: all that it shows or asks of. */
export function readColumns({ columns, filterColumns }: AccessPlan, release: Column[]): Column[] {
  const names = new Set([...columns, ...filterColumns].map(({ name }) => name));
  return release.filter(({ name, type }) => names.has(name) && typeName(type) !== '');
}
