import { columnName, storedProperties } from '../column-type.ts';
import type { SchemaProperty } from '../odcs-schema.ts';
import type { Part } from './change.ts';

/** An element of a list with its place in it. */
export interface Entry<Element> {
  item: Element;
  index: number;
}

export interface Pairing<Element> {
  pairs: { before: Entry<Element>; after: Entry<Element> }[];
  removed: Entry<Element>[];
  added: Entry<Element>[];
}

/** What an element may be known by; undefined when it does not have it. */
export type Identity<Element> = (item: Element) => string | undefined;

/**
 * Pairs the elements of two lists by the first identity that both share: what is left over by one is tried by
 * the next. Elements that share an identity within their list pair up in order.
 */
export function pairElements<Element>(
  before: readonly Element[] | undefined,
  after: readonly Element[] | undefined,
  identities: readonly Identity<Element>[],
): Pairing<Element> {
  const pairs: Pairing<Element>['pairs'] = [];
  let removed = entries(before);
  let added = entries(after);
  for (const identity of identities) {
    const waiting = Map.groupBy(added, ({ item }) => identity(item));
    const taken = new Set<Entry<Element>>();
    removed = removed.filter((entry) => {
      const key = identity(entry.item);
      const partner = key === undefined ? undefined : waiting.get(key)?.shift();
      if (!partner) return true;
      taken.add(partner);
      pairs.push({ before: entry, after: partner });
      return false;
    });
    added = added.filter((entry) => !taken.has(entry));
  }
  pairs.sort((a, b) => a.after.index - b.after.index);
  return { pairs, removed, added };
}

function entries<Element>(items: readonly Element[] = []): Entry<Element>[] {
  return items.map((item, index) => ({ item, index }));
}

/** The part of a pair in the list that stands under `key` of a part. */
export function partOf<Element>(
  holder: Part<unknown>,
  key: string,
  { before, after }: { before: Entry<Element>; after: Entry<Element> },
): Part<Element> {
  return {
    before: before.item,
    after: after.item,
    beforePath: [...holder.beforePath, key, before.index],
    afterPath: [...holder.afterPath, key, after.index],
    subject: holder.subject,
  };
}

/**
 * The stored columns of a table or fields of a struct, by `id`, then by the name that readers use, then by
 * `name`. Without ids a renamed column is one that went and one that came.
 */
export function pairColumns(
  before: SchemaProperty[] | undefined,
  after: SchemaProperty[] | undefined,
): Pairing<SchemaProperty> {
  const stored = (properties?: SchemaProperty[]) =>
    storedProperties(properties).map(({ property }) => property);
  return pairElements(stored(before), stored(after), [({ id }) => id, columnName, ({ name }) => name]);
}

/** The names of the new columns' old selves, by `nameOf`; columns that are new keep their own. */
export function formerNames(
  { pairs, added }: Pairing<SchemaProperty>,
  nameOf: (property: SchemaProperty) => string,
): Map<string, string> {
  const known = pairs.map(({ before, after }) => [after.item.name, nameOf(before.item)] as const);
  return new Map([...added.map(({ item }) => [item.name, nameOf(item)] as const), ...known]);
}
