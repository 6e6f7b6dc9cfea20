import { quoteIdentifier } from '../base/data-type.ts';

const PLAIN = /^[a-z][a-z0-9_]*$/;

/** The names SQL knows a dataset by, shortest first: `domain.dataset` only where no other dataset shares it. */
export function sqlNamesOf(
  name: { domain: string; product: string; dataset: string },
  ambiguous: Set<string>,
): string[] {
  const { domain, product, dataset } = name;
  const full = `${quoteIdentifier(`${domain}.${product}`)}.${part(dataset)}`;
  if (ambiguous.has(`${domain}.${dataset}`)) return [full];
  return [`${part(domain)}.${part(dataset)}`, full];
}

/** Quoted only when SQL would read it as something else, such as a minus. */
function part(name: string): string {
  return PLAIN.test(name) ? name : quoteIdentifier(name);
}
