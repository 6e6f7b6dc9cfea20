import { z } from 'zod';
import { isMeshError, type Problem } from '../base/errors.ts';
import { parseInput } from '../base/input-problems.ts';
import { nearestName } from '../base/nearest-name.ts';
import type { PlanDataset, Restriction } from './access-plan-model.ts';
import { checkMask, MASK_ACTIONS, type ColumnMask } from './column-mask.ts';
import { checkRowFilter, unknownColumn } from './row-filter-check.ts';
import { parseRowFilter } from './row-filter-parse.ts';
import type { RowFilter } from './row-filter-model.ts';

/** A restriction as its author wrote it; the store gives it an id and a level. */
export interface WrittenRestriction extends Omit<Restriction, 'id' | 'level'> {
  description: string | null;
}

export interface ReadRestrictions {
  restrictions: WrittenRestriction[];
  /** With JSON pointers into the list; when there are any, `restrictions` is not to be used. */
  problems: Problem[];
}

const names = z.array(z.string().min(1)).min(1);
const fixedMask = z.strictObject({
  action: z.literal('mask-to-fixed-value'),
  value: z.union([z.string(), z.number(), z.boolean()]),
});

const writtenRestriction = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'a name is lower-case letters, digits, - and _, such as personal-data'),
  description: z.string().optional(),
  appliesTo: z
    .strictObject({
      datasets: names.optional(),
      columns: names.optional(),
      tags: z.record(z.string().min(1), z.union([z.string(), names])).optional(),
    })
    .optional(),
  rows: z.string().optional(),
  mask: z.unknown().optional(),
  hide: z.literal(true, 'hide is true or left out').optional(),
});

type Written = z.infer<typeof writtenRestriction>;

/**
 * Reads the list of `restrictions.yaml` (also `restrictions:` of mesh.yaml), already parsed from YAML:
 * `{ name, description, appliesTo: { datasets, columns, tags }, rows, mask, hide }`. All problems at once.
 */
export function readRestrictions(list: unknown): ReadRestrictions {
  const shape = parseInput(z.array(writtenRestriction), list);
  if (shape.problems) return { restrictions: [], problems: shape.problems };
  const problems: Problem[] = [];
  const restrictions = shape.data.map((written, index) => {
    const report = (pointer: string, message: string) =>
      problems.push({ message, pointer: `/${index}${pointer}` });
    if (shape.data.findIndex(({ name }) => name === written.name) < index) {
      report('/name', `there are two restrictions called '${written.name}'; rename one`);
    }
    return readOne(written, report);
  });
  return { restrictions, problems };
}

type Report = (pointer: string, message: string) => void;

function readOne(written: Written, report: Report): WrittenRestriction {
  const rowFilter = written.rows === undefined ? undefined : readRows(written.rows, report);
  const mask = written.mask === undefined ? undefined : readMask(written.mask, report);
  checkParts(written, report);
  return {
    name: written.name,
    description: written.description ?? null,
    appliesTo: appliesTo(written.appliesTo ?? {}),
    ...(rowFilter && { rowFilter }),
    ...(mask && { mask }),
    ...(written.hide && { hide: true }),
  };
}

function appliesTo({ datasets, columns, tags }: NonNullable<Written['appliesTo']>): Restriction['appliesTo'] {
  const lists = Object.entries(tags ?? {}).map(([key, values]) => [key, [values].flat()] as const);
  return {
    ...(datasets && { datasets }),
    ...(columns && { columns }),
    ...(tags && { tags: Object.fromEntries(lists) }),
  };
}

function readRows(rows: string, report: Report): RowFilter | undefined {
  try {
    return parseRowFilter(rows);
  } catch (error) {
    if (!isMeshError(error, 'policy.filter-invalid')) throw error;
    for (const { message, place } of error.problems)
      report('/rows', `${message} (at ${place} of the condition)`);
    return undefined;
  }
}

function readMask(mask: unknown, report: Report): ColumnMask | undefined {
  const isMapping = typeof mask === 'object' && mask !== null;
  const named = isMapping && 'action' in mask ? mask.action : isMapping ? undefined : mask;
  const known = MASK_ACTIONS.find((action) => action === named);
  if (known === undefined) {
    report(isMapping && 'action' in mask ? '/mask/action' : '/mask', unknownAction(named));
    return undefined;
  }
  if (!isMapping || Object.keys(mask).length === 1) return { action: known };
  const fixed = fixedMask.safeParse(mask);
  if (fixed.success) return fixed.data;
  report(
    '/mask',
    known === 'mask-to-fixed-value'
      ? 'a fixed value is written { action: mask-to-fixed-value, value: VALUE }'
      : `the mask ${known} takes nothing but its action`,
  );
  return undefined;
}

function unknownAction(named: unknown): string {
  const choices = `a mask is one of ${MASK_ACTIONS.join(', ')}`;
  if (typeof named !== 'string') return choices;
  const near = nearestName(named, [...MASK_ACTIONS]);
  return `there is no mask ${named}; ${near === null ? choices : `did you mean ${near}?`}`;
}

function checkParts(written: Written, report: Report): void {
  const { rows, mask, hide } = written;
  if (rows === undefined && mask === undefined && hide === undefined) {
    report('', 'a restriction needs rows, mask or hide; without one it restricts nothing');
  }
  if (mask !== undefined && hide) report('/mask', 'a hidden column needs no mask; remove one of the two');
  const selects = written.appliesTo?.columns ?? written.appliesTo?.tags;
  if ((mask !== undefined || hide) && !selects) {
    report('/appliesTo', 'mask and hide need the columns they are for: name columns or tags');
  }
}

/** What is wrong with a restriction on one dataset: columns it does not have, types that do not fit. */
export function checkRestriction(
  restriction: Omit<Restriction, 'id' | 'level'>,
  { columns }: Pick<PlanDataset, 'columns'>,
): Problem[] {
  const named = restriction.appliesTo.columns ?? [];
  const problems = named
    .filter((name) => !columns.some((column) => column.name === name))
    .map((name): Problem => ({ message: unknownColumn(name, columns), pointer: '/appliesTo/columns' }));
  for (const problem of restriction.rowFilter ? checkRowFilter(restriction.rowFilter, columns) : []) {
    problems.push({ ...problem, pointer: '/rows' });
  }
  for (const { name, type } of columns.filter((column) => named.includes(column.name))) {
    const problem = restriction.mask && checkMask(restriction.mask, type);
    if (problem) problems.push({ message: `${name}: ${problem.message}`, pointer: '/mask' });
  }
  return problems;
}
