import { majorName, mayDiscover, type Reading, subscriptionsOf, versionEnded } from './plan-access.ts';
import type { AccessFacts } from './store.ts';

/** A table as SQL names it: schema `domain` or `domain.product`, name the dataset; case does not count. */
export interface SqlName {
  schema: string;
  name: string;
}

/**
 * Datasets a SQL name stands for, as far as they exist for the reader; retired products have none. Of a product
 * that lives in several majors a name without one means the major that the reader's subscription is for, else
 * the current one.
 * @throws MeshError `query.version-ended` for a major that is named and had its sunset
 */
export function matchingDatasets(facts: AccessFacts[], table: SqlName, reading: Reading): AccessFacts[] {
  const { schema, name } = lowerCaseName(table);
  const named = facts.filter(
    (one) => one.dataset === name && isNamed(one, schema) && mayDiscover(one, reading),
  );
  const products = Map.groupBy(named, (one) => `${one.domain}.${one.product}`);
  return [...products.values()].flatMap((majors) => {
    const [ended] = majors.filter((one) => one.status === 'retired' && one.sunsetAt !== null);
    const living = majors.filter(({ status }) => status !== 'retired');
    if (ended !== undefined && schema.includes('@')) throw versionEnded(ended);
    const chosen = chooseMajor(living, reading);
    if (chosen === null) return [];
    return ended?.heldToTheEnd ? [{ ...chosen, ended }] : [chosen];
  });
}

function isNamed({ domain, product, major }: AccessFacts, schema: string): boolean {
  return [domain, `${domain}.${product}`, `${domain}.${product}@${major}`].includes(schema);
}

/** An approval for a newer major changes nothing for who still holds the older one: the oldest one counts. */
function chooseMajor(living: AccessFacts[], reading: Reading): AccessFacts | null {
  const oldestFirst = living.toSorted((left, right) => left.major - right.major);
  const same = oldestFirst.find(({ productId }) => productId === reading.productId);
  const subscribed = oldestFirst.filter((one) => subscriptionsOf(one, reading).length > 0);
  const [fitting] = subscribed.filter((one) =>
    subscriptionsOf(one, reading).some((held) => fits(held, reading)),
  );
  const current = living.find(({ isCurrent }) => isCurrent);
  return same ?? fitting ?? subscribed[0] ?? current ?? oldestFirst.at(-1) ?? null;
}

function fits({ purpose, id }: AccessFacts['subscriptions'][number], reading: Reading): boolean {
  return reading.purpose === undefined || [purpose, id].includes(reading.purpose);
}

export function lowerCaseName({ schema, name }: SqlName): SqlName {
  return { schema: schema.toLowerCase(), name: name.toLowerCase() };
}

/** The name as one would write it. */
export function writtenName({ schema, name }: SqlName): string {
  if (schema === '') return name;
  return schema.includes('.') ? `"${schema}".${name}` : `${schema}.${name}`;
}

/** The unambiguous names of datasets. */
export function fullNames(found: AccessFacts[]): string[] {
  return found.map((one) => `"${majorName(one)}".${one.dataset}`);
}
