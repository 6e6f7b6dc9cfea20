import { z } from 'zod';
import type { Column } from '../base/data-type.ts';
import { isMeshError, MeshError, type Problem } from '../base/errors.ts';
import { checkMask, type ColumnMask, PLAIN_MASK_ACTIONS } from '../policy/column-mask.ts';
import { checkRowFilter, unknownColumn } from '../policy/row-filter-check.ts';
import { parseRowFilter } from '../policy/row-filter-parse.ts';
import type { RowFilter } from '../policy/row-filter-model.ts';
import type { TagExpression } from '../policy/tags.ts';

export const COLUMN_MASK: z.ZodType<ColumnMask> = z.union([
  z.strictObject({ action: z.enum(PLAIN_MASK_ACTIONS) }),
  z.strictObject({
    action: z.literal('mask-to-fixed-value'),
    value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  }),
]);

/** Keys with one or several values each. */
export const TAG_EXPRESSION = z.record(
  z.string(),
  z.union([z.string(), z.array(z.string()).min(1, 'must list its values')]),
);

/** How an approver narrows: all of it is optional, nothing given is everything. */
export const NARROWING = {
  rows: z.string().max(10_000).optional().describe("row filter, e.g. region IN ('NORTH') AND net_sales > 0"),
  columns: z.array(z.string()).min(1).optional().describe('the columns given; absent gives all'),
  tags: TAG_EXPRESSION.optional().describe(
    'only columns that are so tagged, as their tags are at each read: any value of a key, and every key',
  ),
  masks: z.record(z.string(), COLUMN_MASK).optional().describe('mask by column name'),
};
export const NARROWING_SHAPE = z.object(NARROWING);
export type Narrowing = z.output<typeof NARROWING_SHAPE>;

/** What a subscription stores of its grant. */
export interface GrantedAccess {
  columns: string[] | null;
  /** Of those the columns that are so tagged; absent gives them whatever their tags. */
  tags?: TagExpression;
  rowFilter: RowFilter | null;
  masks: Record<string, ColumnMask>;
  /** Columns with personal data whose use was approved; absent in grants that are older than this approval. */
  personal?: string[];
}

/** A grant that narrows nothing. */
export const EVERYTHING: GrantedAccess = { columns: null, rowFilter: null, masks: {} };

export interface GrantableDataset {
  name: string;
  columns: Column[];
}

/**
 * Checks a narrowing against every dataset of the product, because the grant counts for all of them.
 * @throws MeshError `subscription.grant-invalid` with all problems
 */
export function readGrant(narrowing: Narrowing, datasets: GrantableDataset[]): GrantedAccess {
  const { filter, problems } = readRows(narrowing, datasets);
  const columns = narrowing.columns ?? null;
  const masks = narrowing.masks ?? {};
  problems.unshift(...columnProblems(columns ?? [], datasets, (_, index) => `/columns/${index}`));
  problems.push(...maskProblems(masks, datasets));
  if (problems.length > 0) throw new MeshError('subscription.grant-invalid', { problems });
  const tags = Object.entries(narrowing.tags ?? {}).map(([key, values]) => [key, [values].flat()] as const);
  return { columns, rowFilter: filter, masks, ...(tags.length > 0 && { tags: Object.fromEntries(tags) }) };
}

function columnProblems(
  names: string[],
  datasets: GrantableDataset[],
  pointerTo: (name: string, index: number) => string,
): Problem[] {
  const columns = datasets.flatMap((dataset) => dataset.columns);
  const known = new Set(columns.map(({ name }) => name));
  return names.flatMap((name, index) =>
    known.has(name) ? [] : [{ message: unknownColumn(name, columns), pointer: pointerTo(name, index) }],
  );
}

function maskProblems(masks: Record<string, ColumnMask>, datasets: GrantableDataset[]): Problem[] {
  const problems = columnProblems(Object.keys(masks), datasets, maskPointer);
  for (const { name, type } of datasets.flatMap(({ columns }) => columns)) {
    const mask = masks[name];
    const problem = mask === undefined ? null : checkMask(mask, type);
    if (problem !== null) problems.push({ ...problem, pointer: maskPointer(name) });
  }
  return problems;
}

/** RFC 6901 §3. */
function maskPointer(name: string): string {
  return `/masks/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function readRows(
  { rows, columns }: Narrowing,
  datasets: GrantableDataset[],
): { filter: RowFilter | null; problems: Problem[] } {
  if (rows === undefined) return { filter: null, problems: [] };
  try {
    const filter = parseRowFilter(rows);
    return { filter, problems: filterProblems(filter, datasets, columns ?? null) };
  } catch (error) {
    if (!isMeshError(error, 'policy.filter-invalid')) throw error;
    const problems = error.problems.map(({ message, place }) => ({
      message: `${message} (at ${place})`,
      pointer: '/rows',
    }));
    return { filter: null, problems };
  }
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
      checkRowFilter(filter, dataset.columns).map(({ message }) => ({
        message: datasets.length > 1 ? `${dataset.name}: ${message}` : message,
        pointer: '/rows',
      })),
    );
}
