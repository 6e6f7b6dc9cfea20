import { z } from 'zod';
import type { Column } from '../base/data-type.ts';
import { isMeshError, type Problem } from '../base/errors.ts';
import type { Grant } from './access-plan-model.ts';
import { checkMask, PLAIN_MASK_ACTIONS } from './column-mask.ts';
import { checkRowFilter, unknownColumn } from './row-filter-check.ts';
import { parseRowFilter } from './row-filter-parse.ts';
import type { RowFilter } from './row-filter-model.ts';

/** A mask as JSON, for inputs. */
export const columnMaskSchema = z.union([
  z.strictObject({ action: z.enum(PLAIN_MASK_ACTIONS) }),
  z.strictObject({
    action: z.literal('mask-to-fixed-value'),
    value: z.union([z.string(), z.number(), z.boolean()]),
  }),
]);

/** The conditions an approver writes, as input: the row filter as text. */
export const writtenGrantSchema = z.strictObject({
  columns: z.array(z.string().min(1)).min(1).nullish(),
  rows: z.string().nullish(),
  masks: z.record(z.string(), columnMaskSchema).default({}),
  until: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).nullish(),
});

export type WrittenGrant = z.input<typeof writtenGrantSchema>;

/**
 * The grant of an approval for a dataset of these columns, and everything wrong with it: unknown columns, a
 * row filter that cannot be read or does not fit, masks that do not fit. With problems it is not to be stored.
 */
export function readGrant(
  written: WrittenGrant,
  purpose: string,
  columns: Column[],
): { grant: Grant; problems: Problem[] } {
  const rows = readRows(written.rows ?? null, columns);
  const masks = written.masks ?? {};
  const grant = {
    columns: written.columns ?? null,
    rowFilter: rows.filter,
    masks,
    purpose,
    until: written.until ?? null,
  };
  return {
    grant,
    problems: [
      ...columnProblems(grant.columns ?? [], columns),
      ...rows.problems,
      ...maskProblems(masks, columns),
    ],
  };
}

function readRows(text: string | null, columns: Column[]): { filter: RowFilter | null; problems: Problem[] } {
  if (text === null) return { filter: null, problems: [] };
  try {
    const filter = parseRowFilter(text);
    return {
      filter,
      problems: checkRowFilter(filter, columns).map(({ message }) => ({ message, pointer: '/rows' })),
    };
  } catch (error) {
    if (!isMeshError(error, 'policy.filter-invalid')) throw error;
    const problems = error.problems.map(({ message, place }) => ({
      message: `${message} (at ${place})`,
      pointer: '/rows',
    }));
    return { filter: null, problems };
  }
}

function columnProblems(names: string[], columns: Column[]): Problem[] {
  const known = new Set(columns.map((column) => column.name));
  return names.flatMap((name, index) =>
    known.has(name) ? [] : [{ message: unknownColumn(name, columns), pointer: `/columns/${index}` }],
  );
}

function maskProblems(masks: Grant['masks'], columns: Column[]): Problem[] {
  return Object.entries(masks).flatMap(([name, mask]) => {
    const pointer = `/masks/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const column = columns.find((one) => one.name === name);
    if (!column) return [{ message: unknownColumn(name, columns), pointer }];
    const problem = checkMask(mask, column.type);
    return problem ? [{ ...problem, pointer }] : [];
  });
}
