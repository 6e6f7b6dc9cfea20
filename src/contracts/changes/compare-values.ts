import { canonicalJson } from '../../base/canonical.ts';
import type { ItemProperty } from '../odcs-schema.ts';
import { type ChangeList, type Part, printSubject, same } from './change.ts';
import { rankOf } from './classification-order.ts';

/** What a property says of its values beyond type and options: null, unique, enumeration, classification. */
export function compareValues(part: Part<ItemProperty>, changes: ChangeList): void {
  compareRequired(part, changes);
  compareUnique(part, changes);
  compareEnum(part, changes);
  compareClassification(part, changes);
}

/** Columns of the primary key are never null (SQL). */
function isRequired({ required, primaryKey }: ItemProperty): boolean {
  return required === true || primaryKey === true;
}

function compareRequired(part: Part<ItemProperty>, changes: ChangeList): void {
  const [was, is] = [isRequired(part.before), isRequired(part.after)];
  if (was === is) return;
  const name = printSubject(part.subject);
  const message = is ? `${name} is never null any more` : `${name} may be null`;
  changes.add(part, is ? 'required-added' : 'required-removed', { message, key: ['required'] });
}

function compareUnique(part: Part<ItemProperty>, changes: ChangeList): void {
  const [was, is] = [part.before.unique === true, part.after.unique === true];
  if (was === is) return;
  const name = printSubject(part.subject);
  const message = is ? `${name} becomes unique` : `${name} is not unique any more`;
  changes.add(part, is ? 'unique-added' : 'unique-removed', { message, key: ['unique'] });
}

function compareEnum(part: Part<ItemProperty>, changes: ChangeList): void {
  const name = printSubject(part.subject);
  const key = ['enum'];
  const [before, after] = [part.before.enum, part.after.enum];
  if (!before || !after) {
    if (after) changes.add(part, 'enum-added', { message: `${name} gets a list of values`, key });
    if (before) changes.add(part, 'enum-removed', { message: `the list of values of ${name} is gone`, key });
    return;
  }
  const texts = (list: typeof before) => new Map(list.map((entry) => [canonicalJson(entry.value), entry]));
  const [was, is] = [texts(before), texts(after)];
  const came = [...is.keys()].filter((value) => !was.has(value));
  const went = [...was.keys()].filter((value) => !is.has(value));
  if (came.length > 0) {
    changes.add(part, 'enum-widened', { message: `${name} may be ${printValues(came)} as well`, key });
  }
  if (went.length > 0) {
    changes.add(part, 'enum-narrowed', { message: `${name} is never ${printValues(went)} any more`, key });
  }
  const renamed = [...is].some(([value, entry]) => was.has(value) && !same(was.get(value), entry));
  if (renamed) {
    const message = `values of ${name} are described otherwise`;
    changes.add(part, 'documentation-changed', { message, key });
  }
}

const MOST_NAMED = 5;

export function printValues(values: readonly string[]): string {
  const more = values.length > MOST_NAMED ? ` and ${values.length - MOST_NAMED} more` : '';
  return values.slice(0, MOST_NAMED).join(', ') + more;
}

function compareClassification(part: Part<ItemProperty>, changes: ChangeList): void {
  const [was, is] = [part.before.classification, part.after.classification];
  if (was === is) return;
  const message = `${printSubject(part.subject)} is classified ${is ?? 'no more'} instead of ${was ?? 'not at all'}`;
  const [low, high] = [rankOf(was), rankOf(is)];
  const unordered = low === null || high === null;
  const code = unordered ? 'changed' : high > low ? 'raised' : 'lowered';
  changes.add(part, `classification-${code}`, { message, key: ['classification'] });
}
