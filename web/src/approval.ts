import type { Mask } from './api-types.ts';
import type { Approval, RequestColumn } from './subscription-types.ts';

/** A column of the product as the approver picks it: the same name in several datasets is one choice. */
export interface PickableColumn {
  name: string;
  type: string;
  classification: string | null;
  datasets: string[];
}

/** What the approver has chosen so far. */
export interface Narrowed {
  left: ReadonlySet<string>;
  masks: ReadonlyMap<string, Mask>;
  rows: string;
  until: string;
}

export const EVERYTHING: Narrowed = { left: new Set(), masks: new Map(), rows: '', until: '' };

/** The columns to choose from; `left` are those that were asked for or that an earlier step left. */
export function pickableColumns(all: RequestColumn[], left: string[] | null = null): PickableColumn[] {
  const columns = new Map<string, PickableColumn>();
  for (const { dataset, name, type, classification, personal } of all) {
    const shown = classification ?? (personal ? 'personal' : null);
    const column = columns.get(name) ?? { name, type, classification: shown, datasets: [] };
    column.datasets.push(dataset);
    columns.set(name, column);
  }
  return [...columns.values()].filter(({ name }) => left === null || left.includes(name));
}

/** The body of the approval: only what narrows is said, so that columns added later are not cut off by habit. */
export function approvalOf(narrowed: Narrowed, columns: PickableColumn[]): Approval {
  const given = columns.map(({ name }) => name).filter((name) => !narrowed.left.has(name));
  const masks = [...narrowed.masks].filter(([name]) => !narrowed.left.has(name));
  return {
    ...(narrowed.left.size > 0 && { columns: given }),
    ...(masks.length > 0 && { masks: Object.fromEntries(masks) }),
    ...(narrowed.rows.trim() !== '' && { rows: narrowed.rows.trim() }),
    ...(narrowed.until !== '' && { until: narrowed.until }),
  };
}
