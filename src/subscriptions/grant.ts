import { z } from 'zod';
import type { Column } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { checkMask, type ColumnMask, PLAIN_MASK_ACTIONS } from '../policy/column-mask.ts';
import { checkRowFilter } from '../policy/row-filter-check.ts';
import { parseRowFilter } from '../policy/row-filter-parse.ts';
import type { RowFilter } from '../policy/row-filter-model.ts';

export const COLUMN_MASK: z.ZodType<ColumnMask> = z.union([
  z.strictObject({ action: z.enum(PLAIN_MASK_ACTIONS) }),
  z.strictObject({
    action: z.literal('mask-to-fixed-value'),
    value: z.union([z.string(), z.number(), z.boolean()]),
  }),
]);

/** How an approver narrows: all of it is optional, nothing given is everything. */
export const NARROWING = {
  rows: z.string().max(10_000).optional().describe("row filter, e.g. region IN ('NORTH') AND net_sales > 0"),
  columns: z.array(z.string()).min(1).optional().describe('the columns given; absent gives all'),
  masks: z.record(z.string(), COLUMN_MASK).optional().describe('mask by column name'),
};
const narrowing = z.object(NARROWING);
export type Narrowing = z.output<typeof narrowing>;

/** What a subscription stores of its grant. */
export interface GrantedAccess {
  columns: string[] | null;
  rowFilter: RowFilter | null;
  masks: Record<string, ColumnMask>;
}

export interface GrantableDataset {
  name: string;
  columns: Column[];
}

/**
 * Checks a narrowing against every dataset of the product, because the grant counts for all of them.
 * @throws MeshError `subscription.grant-invalid` with all problems
 */
export function readGrant(narrowing: Narrowing, datasets: GrantableDataset[]): GrantedAccess {
  const rowFilter = narrowing.rows === undefined ? null : parseRowFilter(narrowing.rows);
  const columns = narrowing.columns ?? null;
  const masks = narrowing.masks ?? {};
  const problems = [
    ...columnProblems(columns ?? [], datasets, '/columns'),
    ...maskProblems(masks, datasets),
    ...(rowFilter === null ? [] : filterProblems(rowFilter, datasets, columns)),
  ];
  if (problems.length > 0) throw new MeshError('subscription.grant-invalid', { problems });
  return { columns, rowFilter, masks };
}

function columnProblems(names: string[], datasets: GrantableDataset[], pointer: string): Problem[] {
  const known = new Set(datasets.flatMap((dataset) => dataset.columns.map((column) => column.name)));
  return names
    .filter((name) => !known.has(name))
    .map((name) => ({
      message: `there is no column ${name}; the columns are ${[...known].join(', ')}`,
      pointer,
    }));
}

function maskProblems(masks: Record<string, ColumnMask>, datasets: GrantableDataset[]): Problem[] {
  const problems = columnProblems(Object.keys(masks), datasets, '/masks');
  for (const { columns } of datasets) {
    for (const column of columns) {
      const mask = masks[column.name];
      const problem = mask === undefined ? null : checkMask(mask, column.type);
      if (problem !== null) problems.push({ ...problem, pointer: `/masks/${column.name}` });
    }
  }
  return problems;
}

/** A dataset of which no column is given needs no rows either, so its columns need not fit the filter. */
function filterProblems(
  filter: RowFilter,
  datasets: GrantableDataset[],
  columns: string[] | null,
): Problem[] {
  return datasets
    .filter((dataset) => columns === null || dataset.columns.some((column) => columns.includes(column.name)))
    .flatMap((dataset) =>
      checkRowFilter(filter, dataset.columns).map((problem) => ({
        message: `${dataset.name}: ${problem.message}`,
        pointer: '/rows',
      })),
    );
}
