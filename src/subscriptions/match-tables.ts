import { mayDiscover, type Reading } from './plan-access.ts';
import type { AccessFacts } from './store.ts';

/** A table as SQL names it: schema `domain` or `domain.product`, name the dataset; case does not count. */
export interface SqlName {
  schema: string;
  name: string;
}

/** Datasets a SQL name stands for, as far as they exist for the reader; retired products have none. */
export function matchingDatasets(facts: AccessFacts[], table: SqlName, reading: Reading): AccessFacts[] {
  const { schema, name } = lowerCaseName(table);
  return facts.filter(
    (one) =>
      one.dataset === name &&
      (one.domain === schema || `${one.domain}.${one.product}` === schema) &&
      one.status !== 'retired' &&
      mayDiscover(one, reading),
  );
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
  return found.map((one) => `"${one.domain}.${one.product}".${one.dataset}`);
}
