/** A decimal number as text, exact, e.g. `99999999999999.99`. */
export type DecimalText = string;

/** A value of a contract for comparison with a column: numbers as exact text. */
export type Literal =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: DecimalText }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' };

/** A top-level column, or a field of nested structs: `['address', 'city']`. */
export type ColumnPath = readonly string[];

/**
 * When a measured number passes. `between` and `not-between` exclude both bounds: ODCS defines
 * `mustBeBetween` as `mustBeGreaterThan` with `mustBeLessThan`.
 */
export type Threshold =
  | {
      operator: 'equal' | 'not-equal' | 'greater' | 'greater-or-equal' | 'less' | 'less-or-equal';
      value: Literal;
    }
  | { operator: 'between' | 'not-between'; low: DecimalText; high: DecimalText };

/** What the threshold is compared with: failing rows, or failing rows per hundred rows of the table. */
export type Unit = 'rows' | 'percent';

interface CheckFacts {
  /** Unique within the contract and stable: the rule's `id`, or made from column and kind. */
  id: string;
  /** One line for people. */
  title: string;
  /** A `warning` is shown and does not hold back a release. */
  severity: 'error' | 'warning';
  /** JSON pointer of the part of the contract that asks for it. */
  pointer: string;
  /** ODCS `dimension`, when the rule names one. */
  dimension: string | null;
}

/** A check that counts failing rows and compares the count with a threshold; the default is none (`= 0`). */
interface CountingCheck extends CheckFacts {
  threshold: Threshold;
  unit: Unit;
}

/** Rows in which the column is NULL fail; for a field of a struct, only rows whose struct is not NULL. */
export interface NotNullCheck extends CountingCheck {
  kind: 'not-null';
  column: ColumnPath;
}

/**
 * Every row beyond the first with the same values in these columns fails: count(*) - count of distinct keys.
 * With `nulls: 'ignored'` rows with a NULL in a key column are not counted (SQL `UNIQUE`); with
 * `nulls: 'equal'` NULLs are equal (SQL `GROUP BY`).
 */
export interface UniqueCheck extends CountingCheck {
  kind: 'unique';
  columns: ColumnPath[];
  nulls: 'ignored' | 'equal';
}

/** Every row beyond the first that is equal in all columns fails; NULLs are equal. */
export interface DuplicateRowsCheck extends CountingCheck {
  kind: 'duplicate-rows';
}

/** Rows whose value is none of these fail; NULL does not fail. */
export interface ValidValuesCheck extends CountingCheck {
  kind: 'valid-values';
  column: ColumnPath;
  values: Literal[];
}

/**
 * Rows whose value as text has no part that matches this regular expression (RE2) fail, as in JSON Schema:
 * `^` and `$` in the pattern make it a match of the whole. NULL does not fail.
 */
export interface ValidPatternCheck extends CountingCheck {
  kind: 'valid-pattern';
  column: ColumnPath;
  pattern: string;
}

/** Rows whose value means "missing" fail: NULL only if the list says so. */
export interface MissingValuesCheck extends CountingCheck {
  kind: 'missing-values';
  column: ColumnPath;
  values: Literal[];
}

/** Rows whose text has fewer or more characters fail; NULL does not fail. */
export interface TextLengthCheck extends CountingCheck {
  kind: 'text-length';
  column: ColumnPath;
  minimum: number | null;
  maximum: number | null;
}

/** Rows whose value is out of range fail; NULL does not fail. Bounds are numbers, or dates and times as text. */
export interface ValueRangeCheck extends CountingCheck {
  kind: 'value-range';
  column: ColumnPath;
  minimum: Bound | null;
  maximum: Bound | null;
}

export interface Bound {
  value: Literal;
  exclusive: boolean;
}

/** Rows whose value is no multiple of this number fail; NULL does not fail. */
export interface MultipleOfCheck extends CountingCheck {
  kind: 'multiple-of';
  column: ColumnPath;
  factor: DecimalText;
}

/** Rows whose list is too short, too long or holds an item twice fail; NULL does not fail. */
export interface ItemCountCheck extends CountingCheck {
  kind: 'item-count';
  column: ColumnPath;
  minimum: number | null;
  maximum: number | null;
  uniqueItems: boolean;
}

/** The number of rows of the table itself is compared with the threshold. */
export interface RowCountCheck extends CheckFacts {
  kind: 'row-count';
  threshold: Threshold;
}

/**
 * A query that gives one number or boolean, compared with the threshold. `{object}` and `{property}` (also
 * `${object}`, `${property}`) stand for the table and the column; `column` is null at the level of the object.
 */
export interface SqlCheck extends CheckFacts {
  kind: 'sql';
  query: string;
  column: ColumnPath | null;
  threshold: Threshold;
}

/** A rule of the contract that this mesh does not run, shown as such: never as passed. */
export interface NotRunCheck extends CheckFacts {
  kind: 'not-run';
  reason: string;
}

/** One thing to check in a table's data, described as data; `src/pipelines/checks` makes SQL of it. */
export type Check =
  | NotNullCheck
  | UniqueCheck
  | DuplicateRowsCheck
  | ValidValuesCheck
  | ValidPatternCheck
  | MissingValuesCheck
  | TextLengthCheck
  | ValueRangeCheck
  | MultipleOfCheck
  | ItemCountCheck
  | RowCountCheck
  | SqlCheck
  | NotRunCheck;
