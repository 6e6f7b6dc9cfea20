import type { Mask } from './api-types.ts';
import { describeMask } from './masks.ts';
import type { Approval, RequestColumn } from './subscription-types.ts';
import { fitsTags, readTagExpression, type TagExpression } from './tag-expression.ts';

/** A column of the product as the approver picks it: the same name in several datasets is one choice. */
export interface PickableColumn {
  name: string;
  type: string;
  classification: string | null;
  datasets: string[];
  /** What becomes of it without a mask of the approver, in words; absent where it is given as it is. */
  otherwise?: string;
  /** Of each dataset the tags of the column and of its parts. */
  tags: Record<string, string>[][];
}

/** What the approver has chosen so far. */
export interface Narrowed {
  left: ReadonlySet<string>;
  masks: ReadonlyMap<string, Mask>;
  /** As it is written: `layer:core|raw and classification:public`. */
  tags: string;
  rows: string;
  until: string;
}

export const EVERYTHING: Narrowed = { left: new Set(), masks: new Map(), tags: '', rows: '', until: '' };

/** The columns to choose from: those that were asked for, that an earlier step left, and that a ceiling allows. */
export function pickableColumns(
  all: RequestColumn[],
  ...lefts: (string[] | null | undefined)[]
): PickableColumn[] {
  const columns = new Map<string, PickableColumn>();
  for (const { dataset, name, type, classification, personal, tags, rules } of all) {
    const shown = classification ?? (personal ? 'personal' : null);
    const column = columns.get(name) ?? { name, type, classification: shown, datasets: [], tags: [] };
    column.datasets.push(dataset);
    column.tags.push(tags);
    if (rules) column.otherwise = rules.hidden ? 'hidden (rule)' : `${describeMask(rules.mask)} (rule)`;
    columns.set(name, column);
  }
  return [...columns.values()].filter(({ name }) => lefts.every((left) => left?.includes(name) ?? true));
}

/** The body of the approval: only what narrows is said, so that columns added later are not cut off by habit. */
export function approvalOf(narrowed: Narrowed, columns: PickableColumn[]): Approval {
  const given = columns.map(({ name }) => name).filter((name) => !narrowed.left.has(name));
  const read = readTagExpression(narrowed.tags);
  const tags = 'expression' in read ? read.expression : {};
  const masks = [...narrowed.masks].filter(([name]) => !narrowed.left.has(name));
  return {
    ...(narrowed.left.size > 0 && { columns: given }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(masks.length > 0 && { masks: Object.fromEntries(masks) }),
    ...(narrowed.rows.trim() !== '' && { rows: narrowed.rows.trim() }),
    ...(narrowed.until !== '' && { until: narrowed.until }),
  };
}

/** Columns that an expression selects as they are tagged today, with the datasets in which they are. */
export function selectedByTags(
  columns: PickableColumn[],
  expression: TagExpression,
): { name: string; datasets: string[] }[] {
  return columns.flatMap(({ name, datasets, tags }) => {
    const fitting = datasets.filter((_, index) => tags[index]?.every((one) => fitsTags(one, expression)));
    return fitting.length === 0 ? [] : [{ name, datasets: fitting }];
  });
}

/** Tags that tell the columns apart, by key: what all of them share selects nothing. */
export function tellingTags(columns: PickableColumn[]): [key: string, values: string[]][] {
  const all = columns.flatMap(({ tags }) => tags.map(([own = {}]) => own));
  const keys = [...new Set(all.flatMap((tags) => Object.keys(tags)))].sort();
  return keys.flatMap((key): [string, string[]][] => {
    const found = all.map((tags) => (Object.hasOwn(tags, key) ? tags[key] : undefined));
    const values = new Set(found.filter((value) => value !== undefined));
    return values.size < 2 && !found.includes(undefined) ? [] : [[key, [...values].sort()]];
  });
}
