import { canonicalJson } from '../base/canonical.ts';

export type ChangeAction = 'create' | 'update' | 'remove' | 'unchanged';
export const CHANGE_KINDS = [
  'mesh',
  'policy',
  'restriction',
  'domain',
  'member',
  'source',
  'product',
  'dataset',
  'subscription',
] as const;

/** One thing of the mesh and what an apply does to it. */
export interface Change {
  action: ChangeAction;
  kind: (typeof CHANGE_KINDS)[number];
  /** As people call it: `sales.sell-out`. */
  name: string;
  /** What differs, in words. */
  details: string[];
}

/** What shall be beside what is. At least one of them is there. */
export interface Item<Declared, Stored> {
  change: Change;
  declared: Declared | null;
  stored: Stored | null;
}

export interface Matching<Declared, Stored> {
  kind: Change['kind'];
  declared: readonly Declared[];
  stored: readonly Stored[];
  /** What makes a declared and a stored thing the same one. */
  keys: { declared(one: Declared): string; stored(one: Stored): string };
  name(key: string): string;
  /** What differs between the two, in words; nothing means unchanged. */
  differences(declared: Declared, stored: Stored): string[];
  /** What is to be known of one that comes, or goes; nothing unless said. */
  comes?(declared: Declared): string[];
  goes?(stored: Stored): string[];
}

/** Puts beside each other what shall be and what is, by key; first what is declared, in its order. */
export function matchItems<Declared, Stored>(matching: Matching<Declared, Stored>): Item<Declared, Stored>[] {
  const { kind, keys, name } = matching;
  const rest = new Map(matching.stored.map((one) => [keys.stored(one), one]));
  const items = matching.declared.map((declared): Item<Declared, Stored> => {
    const key = keys.declared(declared);
    const stored = rest.get(key) ?? null;
    rest.delete(key);
    const details =
      stored === null ? (matching.comes?.(declared) ?? []) : matching.differences(declared, stored);
    const action = stored === null ? 'create' : details.length > 0 ? 'update' : 'unchanged';
    return { change: { action, kind, name: name(key), details }, declared, stored };
  });
  const removed = [...rest].map(([key, stored]): Item<Declared, Stored> => {
    const details = matching.goes?.(stored) ?? [];
    return { change: { action: 'remove', kind, name: name(key), details }, declared: null, stored };
  });
  return [...items, ...removed];
}

export function isChange({ change }: { change: Change }): boolean {
  return change.action !== 'unchanged';
}

/** Values are equal when they say the same; the order of keys is no difference. */
export function isSame(left: unknown, right: unknown): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

/** The keys of a document that differ, or that only its layout does. */
export function documentDifferences(
  declared: { document: object; text: string },
  stored: { document: object; text: string },
): string[] {
  if (declared.text === stored.text) return [];
  const left = declared.document as Record<string, unknown>;
  const right = stored.document as Record<string, unknown>;
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const changed = keys.filter((key) => !isSame(left[key] ?? null, right[key] ?? null));
  return changed.length === 0
    ? ['comments or layout']
    : changed.map((key) => describeKey(key, left[key], right[key]));
}

const LONGEST_SHOWN = 60;

function describeKey(key: string, to: unknown, from: unknown): string {
  if (from === undefined) return `${key} added`;
  if (to === undefined) return `${key} removed`;
  const isShort = [from, to].every((value) => typeof value === 'string' && value.length <= LONGEST_SHOWN);
  return isShort ? `${key}: ${String(from)} -> ${String(to)}` : `${key} changed`;
}
