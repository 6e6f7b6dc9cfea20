import { type DeclaredDomain, fullName, type MeshDeclaration } from './declaration.ts';
import type { Directory } from './state.ts';

/** Everything that has a name once the folder is applied: what it declares, and what the store keeps beside it. */
export interface Names {
  domains: Set<string>;
  /** By `domain.product`. */
  products: Map<string, NamedProduct>;
}

export interface NamedProduct {
  domain: string;
  name: string;
  /** Null until the product is in the store. */
  id: string | null;
  /** Whether it takes requests once the folder is applied. */
  open: boolean;
  /** Dataset name to id, null until it is in the store. */
  datasets: Map<string, string | null>;
}

/** `whole`: the folder is the mesh, so domains that it does not name will be gone. */
export function namesAfter(declaration: MeshDeclaration, directory: Directory): Names {
  const names: Names = { domains: new Set(), products: new Map() };
  const declared = new Set(declaration.domains.map(({ name }) => name));
  const stays = (domain: string) => declaration.mesh === null && !declared.has(domain);
  for (const domain of directory.domains) {
    if (stays(domain.name) && !domain.closed) names.domains.add(domain.name);
  }
  for (const product of directory.products) {
    if (!stays(product.domain) || product.status === 'retired') continue;
    const { domain, name, id } = product;
    const open = product.status === 'published';
    names.products.set(fullName(product), { domain, name, id, open, datasets: new Map() });
  }
  for (const { domain, product, name, id } of directory.datasets) {
    names.products.get(`${domain}.${product}`)?.datasets.set(name, id);
  }
  for (const domain of declaration.domains) addDeclared(names, domain, directory);
  return names;
}

function addDeclared(names: Names, domain: DeclaredDomain, directory: Directory): void {
  names.domains.add(domain.name);
  for (const product of domain.products) {
    if (product.status === 'retired') continue;
    const key = fullName(product);
    const stored = directory.products.find((one) => fullName(one) === key);
    const storedDatasets = directory.datasets.filter((one) => `${one.domain}.${one.product}` === key);
    const ids = new Map(storedDatasets.map(({ name, id }) => [name, id]));
    const keptOpen = product.status === 'draft' && stored?.status === 'published';
    names.products.set(key, {
      domain: domain.name,
      name: product.name,
      id: stored?.id ?? null,
      open: product.status === 'published' || keptOpen,
      datasets: new Map(product.datasets.map(({ name }) => [name, ids.get(name) ?? null])),
    });
  }
}
