import { type DeclaredDomain, fullName, type MeshDeclaration } from './declaration.ts';
import { findMajor } from './majors.ts';
import type { Directory, DirectoryProduct } from './state.ts';

/** Everything that has a name once the folder is applied: what it declares, and what the store keeps beside it. */
export interface Names {
  domains: Set<string>;
  /**
   * By `domain.product`, which is its current major, and each living major by `domain.product@major`.
   */
  products: Map<string, NamedProduct>;
}

export interface NamedProduct {
  domain: string;
  name: string;
  major: number;
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
    addProduct(names, namedOf(product, directory), product.isCurrent);
  }
  for (const domain of declaration.domains) addDeclared(names, domain, directory);
  return names;
}

function addDeclared(names: Names, domain: DeclaredDomain, directory: Directory): void {
  names.domains.add(domain.name);
  for (const product of domain.products) {
    const majors = directory.products.filter((one) => fullName(one) === fullName(product));
    const stored = findMajor(product, majors, (one) => one);
    const older = majors.filter((one) => one !== stored && one.published && one.status !== 'retired');
    // A major that is not offered yet leaves the name to the one that is.
    const isCurrent = product.status !== 'draft' || stored?.isCurrent === true || older.length === 0;
    for (const one of older) addProduct(names, namedOf(one, directory), one.isCurrent && !isCurrent);
    if (product.status === 'retired') continue;
    const known = stored === null ? null : namedOf(stored, directory);
    const keptOpen = product.status === 'draft' && known?.open === true;
    const named: NamedProduct = {
      domain: domain.name,
      name: product.name,
      major: product.major,
      id: stored?.id ?? null,
      open: product.status === 'published' || keptOpen,
      datasets: new Map(product.datasets.map(({ name }) => [name, known?.datasets.get(name) ?? null])),
    };
    addProduct(names, named, isCurrent);
  }
}

function addProduct(names: Names, product: NamedProduct, isCurrent: boolean): void {
  names.products.set(`${fullName(product)}@${product.major}`, product);
  if (isCurrent) names.products.set(fullName(product), product);
}

function namedOf({ id, domain, name, major, status }: DirectoryProduct, directory: Directory): NamedProduct {
  const datasets = directory.datasets.filter(({ productId }) => productId === id);
  return {
    ...{ domain, name, major, id },
    open: status === 'published',
    datasets: new Map(datasets.map((dataset) => [dataset.name, dataset.id])),
  };
}
