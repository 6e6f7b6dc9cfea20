import type { Finding } from '../contracts/finding.ts';
import type { Path } from '../contracts/parse-document.ts';
import { MESH_NAME } from '../contracts/product-rules.ts';
import { suggest } from '../contracts/suggest.ts';

/** What is wrong with the name of a domain, source, product, dataset or service account. */
export function nameFault(what: string, name: string, path: Path): Finding[] {
  if (MESH_NAME.test(name)) return [];
  const message = `${what} ${name} must start with a-z and have at most 63 of a-z, 0-9, _ and -`;
  return [{ path, message }];
}

/** `; did you mean sales.sell-out?`, or what there is instead. */
export function meant(name: string, candidates: readonly string[]): string {
  const near = suggest(name, candidates);
  if (near !== null) return `; did you mean ${near}?`;
  if (candidates.length === 0) return '';
  const some = candidates.slice(0, 8).join(', ');
  return `; there ${candidates.length === 1 ? 'is' : 'are'} ${some}${candidates.length > 8 ? ', …' : ''}`;
}
