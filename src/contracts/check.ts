import type { Duration } from './duration.ts';

/** A decimal number as text, exact, e.g. `99999999999999.99`. */
export type DecimalText = string;

/** A value of a contract for comparison with a column: numbers as exact text. */
export type Literal =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: DecimalText }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' };

/**
 * A top-level column, or a part of it: `['address', 'city']`, `['lines', '[]', 'sku']`, `['tags', '{key}']`.
 * A check of single rows that looks into a list or map fails a row when one of its items fails.
 */
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

/**
 * Rows whose key has no row in the referenced table fail; a key with a NULL in it refers to nothing and
 * passes (SQL `FOREIGN KEY ... MATCH SIMPLE`).
 */
export interface ReferenceCheck extends CountingCheck {
  kind: 'reference';
  columns: ColumnPath[];
  target: ReferenceTarget;
}

/** What a relationship points to, as written: ODCS "References". */
export interface ReferenceTarget {
  /** The reference for people, e.g. `stores.store_id`. */
  text: string;
  /** The other contract's file or URL; null within the same contract. */
  file: string | null;
  /** The fully qualified notation goes by `id`, the shorthand by `name`. */
  by: 'id' | 'name';
  /** Objects, by id or name, with the steps below them: one for each column of the key. */
  object: string;
  properties: string[][];
}

/** Rows whose time lies further back from now than the limit fail; NULL does not fail. */
export interface RetentionCheck extends CountingCheck {
  kind: 'retention';
  column: ColumnPath;
  limit: Duration;
}

/**
 * How far the newest time of the column lies back, in `unit`; a date counts to its end. Without a column it is
 * the release that is measured. No time at all is NULL, which passes nothing.
 */
export interface FreshnessCheck extends CheckFacts {
  kind: 'freshness';
  column: ColumnPath | null;
  limit: Duration;
  /** What the threshold counts: of `3 months` it is the month, of which the limit has three. */
  unit: TimeUnit;
  threshold: Threshold;
}

/**
 * The longest distance between a time of the column and the next, in `unit`; without a column, the distance
 * between a release and the one before.
 */
export interface FrequencyCheck extends CheckFacts {
  kind: 'frequency';
  column: ColumnPath | null;
  limit: Duration;
  /** What the threshold counts: of `3 months` it is the month, of which the limit has three. */
  unit: TimeUnit;
  threshold: Threshold;
}

export type TimeUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** The percentage of rows in which the column is not NULL; 100 for a table without rows. */
export interface CompletenessCheck extends CheckFacts {
  kind: 'completeness';
  column: ColumnPath;
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
  | ReferenceCheck
  | RetentionCheck
  | FreshnessCheck
  | FrequencyCheck
  | CompletenessCheck
  | NotRunCheck;
