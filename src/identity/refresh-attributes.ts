import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from '../store/database.ts';
import { listAttributes, markAttributes } from './store.ts';

type Attributes = Record<string, string | string[]>;

/** What mesh.yaml gives to people, and to the members of domains. */
export interface DeclaredAttributes {
  attributes?: { people?: Record<string, Attributes>; domains?: Record<string, Attributes> } | undefined;
}

/** A principal's attributes: its own, and those of every domain it belongs to, all values together. */
export function attributesOf(
  document: DeclaredAttributes,
  principal: { email: string | null; domains: string[] },
): Attributes {
  const { people = {}, domains = {} } = document.attributes ?? {};
  const own = Object.entries(people).find(([email]) => email.toLowerCase() === principal.email)?.[1];
  const all = [own, ...principal.domains.map((name) => domains[name])].filter((one) => one !== undefined);
  const union: Attributes = {};
  for (const attributes of all) {
    for (const [key, value] of Object.entries(attributes)) {
      const before = Object.hasOwn(union, key) ? union[key]! : undefined;
      union[key] = before === undefined ? value : [...new Set([before, value].flat())].sort();
    }
  }
  return union;
}

/** Brings the attributes of these principals (null: of all) to what mesh.yaml and their memberships give. */
export async function refreshAttributes(
  transaction: Transaction,
  document: DeclaredAttributes,
  principalIds: string[] | null,
): Promise<void> {
  const rows = await listAttributes(transaction, principalIds);
  for (const [principalId, mine] of Map.groupBy(rows, ({ id }) => id)) {
    const [{ email, attributes: before }] = mine as [(typeof mine)[number]];
    const domains = mine.flatMap(({ domain }) => (domain === null ? [] : [domain])).sort();
    const attributes = attributesOf(document, { email, domains });
    if (!isDeepStrictEqual(attributes, before))
      await markAttributes(transaction, { principalId, attributes });
  }
}
