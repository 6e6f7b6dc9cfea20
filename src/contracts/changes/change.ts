import { canonicalJson } from '../../base/canonical.ts';
import { jsonPointer, type Path } from '../parse-document.ts';
import { CHANGE_RULES, type ChangeClass, type ChangeCode } from './change-rules.ts';

/** One difference between two contracts. */
export interface ContractChange {
  code: ChangeCode;
  class: ChangeClass;
  /** JSON pointer into the contract that `document` names: the new one, or the old one for what is gone. */
  pointer: string;
  document: 'before' | 'after';
  /** `file:line:column` in the new text, of the part or of what would hold it; null without a text. */
  place: string | null;
  /** Name of the table in the old contract; null for what is about the whole contract. */
  object: string | null;
  /**
   * Columns of the OLD contract that are affected: `address.city`, `lines[].sku`, `prices{value}`. Empty means
   * none by name: the whole table or contract, or something that is new.
   */
  columns: readonly string[];
  /** The top-level columns that hold them, as records of use name them. */
  tableColumns: readonly string[];
  /** One public sentence, without a full stop. */
  message: string;
}

/** What is compared, by its names in the old contract. */
export interface Subject {
  object: string | null;
  /** A column, then struct fields and the steps `[]`, `{key}`, `{value}`; empty for the whole table. */
  column: readonly string[];
}

/** The same element in both contracts. */
export interface Part<Element> {
  before: Element;
  after: Element;
  beforePath: Path;
  afterPath: Path;
  subject: Subject;
}

export interface ChangeFacts {
  message: string;
  /** From the part to the value that differs. */
  key?: Path;
  /** The value is in the old contract only. */
  gone?: boolean;
  /** Paths of affected columns, when they are not the part's own. */
  columns?: readonly (readonly string[])[];
}

/** Collects differences; places them in the new text where there is one. */
export class ChangeList {
  private readonly changes: ContractChange[] = [];
  private readonly place: ((path: Path) => string) | undefined;

  constructor(place?: (path: Path) => string) {
    this.place = place;
  }

  get isEmpty(): boolean {
    return this.changes.length === 0;
  }

  add(part: Part<unknown>, code: ChangeCode, { message, key = [], gone, columns }: ChangeFacts): void {
    const isGone =
      gone ?? (valueAt(part.after, key) === undefined && valueAt(part.before, key) !== undefined);
    const path = [...(isGone ? part.beforePath : part.afterPath), ...key];
    const near = isGone ? part.afterPath : path;
    const affected = columns ?? (part.subject.column.length > 0 ? [part.subject.column] : []);
    this.changes.push({
      code,
      class: CHANGE_RULES[code].class,
      pointer: jsonPointer(path),
      document: isGone ? 'before' : 'after',
      place: this.place?.(near) ?? null,
      object: part.subject.object,
      columns: [...new Set(affected.map(printColumn))],
      tableColumns: [...new Set(affected.map(([name = '']) => name))],
      message,
    });
  }

  /** Breaking first, each class in the order of the contract. */
  list(): readonly ContractChange[] {
    const rank: Record<ChangeClass, number> = { breaking: 0, compatible: 1, cosmetic: 2 };
    const sorted = this.changes.toSorted((a, b) => rank[a.class] - rank[b.class]);
    for (const change of sorted) {
      Object.freeze(change.columns);
      Object.freeze(change.tableColumns);
      Object.freeze(change);
    }
    return Object.freeze(sorted);
  }
}

/** `address.city`, `lines[].sku`, `prices{value}`. */
export function printColumn(steps: readonly string[]): string {
  return steps.reduce((text, step) =>
    step === '[]' || step === '{key}' || step === '{value}' ? text + step : `${text}.${step}`,
  );
}

/** How messages name the part: `column \`a.b\``, or the table, or the contract. */
export function printSubject({ object, column }: Subject): string {
  if (column.length > 0) return `column \`${printColumn(column)}\``;
  return object === null ? 'the contract' : `\`${object}\``;
}

/** Equal as JSON, whatever the order of keys. */
export function same(before: unknown, after: unknown): boolean {
  return before === after || canonicalJson(before ?? null) === canonicalJson(after ?? null);
}

/** Equal as sets of JSON values; absent is empty. */
export function sameSet(before: readonly unknown[] = [], after: readonly unknown[] = []): boolean {
  const texts = (values: readonly unknown[]) => values.map((value) => canonicalJson(value ?? null)).sort();
  return same([...new Set(texts(before))], [...new Set(texts(after))]);
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (holder, key) =>
      holder !== null && typeof holder === 'object'
        ? (holder as Record<string | number, unknown>)[key]
        : undefined,
    root,
  );
}
