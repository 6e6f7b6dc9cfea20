import { canonicalJson } from '../../base/canonical.ts';
import { type ChangeList, type Part, printSubject, same } from './change.ts';
import { pairElements, partOf } from './pair-elements.ts';

type Relationship = { from?: string | string[]; to: string | string[]; type?: string; id?: string };

/** What a relationship says; `foreignKey` is the type without a word (ODCS "References"). */
function identity({ from, to, type = 'foreignKey' }: Relationship): string {
  return canonicalJson({ from, to, type });
}

/** Relationships of a table, or of a column, which then is where each leads from. */
export function compareRelationships(
  part: Part<{ relationships?: Relationship[] }>,
  changes: ChangeList,
  formerOf = (reference: string) => reference,
): void {
  const { before, after, subject } = part;
  const former = after.relationships?.map((one) => ({
    ...one,
    from: one.from && translate(one.from, formerOf),
  }));
  const { pairs, removed, added } = pairElements(before.relationships, former, [identity]);
  for (const { item, index } of removed) {
    const message = `${printSubject(subject)} does not refer to ${print(item)} any more`;
    changes.add(part, 'relationship-removed', { message, key: ['relationships', index], gone: true });
  }
  for (const { item, index } of added) {
    const message = `${printSubject(subject)} refers to ${print(item)}`;
    changes.add(part, 'relationship-added', { message, key: ['relationships', index], gone: false });
  }
  for (const pair of pairs) {
    if (same(pair.before.item, pair.after.item)) continue;
    const message = `the relationship of ${printSubject(subject)} to ${print(pair.after.item)} is described otherwise`;
    changes.add(partOf(part, 'relationships', pair), 'documentation-changed', { message });
  }
}

function print({ to }: Relationship): string {
  return [to].flat().join(', ');
}

function translate(from: string | string[], formerOf: (reference: string) => string): string | string[] {
  return typeof from === 'string' ? formerOf(from) : from.map(formerOf);
}
