/**
 * The closed set of the Iceberg REST catalog's read-restriction actions. Every action keeps the column's
 * type and keeps NULL as NULL.
 */
export const PLAIN_MASK_ACTIONS = [
  'mask-alphanum',
  'show-first-4',
  'show-last-4',
  'replace-with-null',
  'truncate-to-year',
  'truncate-to-month',
  'sha-256-global',
  'sha-256-query-local',
] as const;

export type ColumnMask =
  | { action: (typeof PLAIN_MASK_ACTIONS)[number] }
  /** `value` in the form of a row value of the column's type: decimals, dates, longs as text. */
  | { action: 'mask-to-fixed-value'; value: string | number | boolean };

export type MaskAction = ColumnMask['action'];
