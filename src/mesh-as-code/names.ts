import type { Finding } from '../contracts/finding.ts';
import type { Path } from '../contracts/parse-document.ts';
import { MESH_NAME } from '../contracts/product-rules.ts';

/** Schemas and catalogs every DuckDB database has: as names of ours SQL could mean either. */
const RESERVED = ['information_schema', 'main', 'memory', 'pg_catalog', 'public', 'system', 'temp'];

/** Why a domain or source cannot be called that, both being schemas in SQL; null when it can. */
export function schemaNameFault(what: string, name: string): string | null {
  if (RESERVED.includes(name))
    return `the ${what} name ${name} means something in SQL itself; choose another`;
  if (MESH_NAME.test(name)) return null;
  return `the ${what} name ${name} must start with a-z and have at most 63 of a-z, 0-9, _ and -`;
}

/** What is wrong with the name of a domain, source, product, dataset or service account. */
export function nameFault(what: string, name: string, path: Path): Finding[] {
  if (MESH_NAME.test(name)) return [];
  const message = `${what} ${name} must start with a-z and have at most 63 of a-z, 0-9, _ and -`;
  return [{ path, message }];
}
