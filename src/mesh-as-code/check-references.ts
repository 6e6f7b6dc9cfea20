import type { Problem } from '../base/errors.ts';
import { meant } from '../contracts/suggest.ts';
import { type DeclaredDomain, type DeclaredProduct, fullName, type MeshDeclaration } from './declaration.ts';
import type { Names } from './names-in-reach.ts';
import { findCycle, type Input } from './resolve-inputs.ts';
import type { Directory } from './state.ts';

/** What the documents of a folder say about each other, and about what the store keeps beside them. */
export interface ReferenceFacts {
  declaration: MeshDeclaration;
  directory: Directory;
  names: Names;
}

/** Every reference that leads nowhere or to two things. */
export function checkReferences(facts: ReferenceFacts): Problem[] {
  const { declaration } = facts;
  return [
    ...repeatedIds(facts),
    ...declaration.domains.flatMap((domain) => [
      ...sourceNames(domain, facts.names),
      ...domain.products.flatMap((product) => grantDomains(product, facts)),
    ]),
  ];
}

interface Identified {
  id: string;
  /** Who else has it; of what is not in the folder not by name, for it may not be discovered. */
  owner: string;
  place: string | null;
}

/** Ids of products and contracts are how documents name each other: each means one thing in the mesh. */
function repeatedIds({ declaration, directory }: ReferenceFacts): Problem[] {
  const declared = declaration.domains.flatMap((domain) => domain.products);
  const replaced = new Set(declaration.domains.map(({ name }) => name));
  const kept = declaration.mesh === null ? directory : { products: [], datasets: [] };
  const products: Identified[] = [
    ...kept.products
      .filter(({ domain }) => !replaced.has(domain))
      .map((one) => ({ id: one.documentId, owner: 'another domain', place: null })),
    ...declared.map((product) => ({
      id: product.document.id,
      owner: fullName(product),
      place: product.place(['id']),
    })),
  ];
  const contracts: Identified[] = [
    ...kept.datasets
      .filter(({ domain }) => !replaced.has(domain))
      .map((one) => ({ id: one.contractId, owner: 'another domain', place: null })),
    ...declared.flatMap((product) =>
      product.datasets.map((dataset) => ({
        id: dataset.contract.id,
        owner: `${fullName(product)}.${dataset.name}`,
        place: dataset.place(['id']),
      })),
    ),
  ];
  return [...findRepeated('product', products), ...findRepeated('contract', contracts)];
}

function findRepeated(what: string, all: Identified[]): Problem[] {
  const owners = new Map<string, string>();
  return all.flatMap(({ id, owner, place }): Problem[] => {
    const first = owners.get(id);
    owners.set(id, first ?? owner);
    if (first === undefined || place === null) return [];
    return [{ message: `the ${what} id ${id} is that of ${first} already: give this one its own`, place }];
  });
}

function sourceNames(domain: DeclaredDomain, names: Names): Problem[] {
  return domain.sources
    .filter(({ name }) => names.domains.has(name) && name !== domain.name)
    .map(({ name }) => ({
      message: `the source ${name} has the name of a domain: SQL could not tell them apart`,
      place: `domains/${domain.name}/sources/${name}.yaml:1:1`,
    }));
}

function grantDomains(
  { domain, grants, grantsPlace }: DeclaredProduct,
  { names: { domains }, declaration }: ReferenceFacts,
): Problem[] {
  // Who applies one domain may not know of the others: none is proposed.
  const proposed = declaration.mesh === null ? [] : [...domains];
  return grants.flatMap((grant, index): Problem[] => {
    const place = grantsPlace(['grants', index, 'domain']);
    if (grant.domain === domain) return [{ message: `${domain} needs no grant for its own product`, place }];
    if (domains.has(grant.domain)) return [];
    return [{ message: `there is no domain ${grant.domain}${meant(grant.domain, proposed)}`, place }];
  });
}

/** Datasets that read themselves through others, in the folder and beyond. `inputs` by `domain.product.dataset`. */
export function checkCycles(
  { declaration, directory }: Pick<ReferenceFacts, 'declaration' | 'directory'>,
  inputs: Map<string, Input[]>,
): Problem[] {
  const kept = new Map(
    directory.products.map(({ id, isCurrent, major }) => [id, isCurrent ? '' : `@${major}`]),
  );
  const nameOf = new Map(
    directory.datasets.map((one) => [
      one.id,
      `${one.domain}.${one.product}${kept.get(one.productId) ?? ''}.${one.name}`,
    ]),
  );
  const edges = new Map<string, string[]>();
  for (const { from, to } of directory.edges) {
    const [reader, read] = [nameOf.get(from), nameOf.get(to)];
    if (reader !== undefined && read !== undefined) edges.set(reader, [...(edges.get(reader) ?? []), read]);
  }
  for (const [name, found] of inputs) {
    edges.set(
      name,
      found.flatMap((input) => (input.kind === 'dataset' ? [input.name] : [])),
    );
  }
  const cycle = findCycle(edges);
  if (cycle === null) return [];
  const message = `these datasets read each other in a circle: ${cycle.join(' <- ')}`;
  return [{ message, place: `${sqlFileOf(declaration, cycle)}:1:1` }];
}

function sqlFileOf(declaration: MeshDeclaration, cycle: string[]): string {
  const files = declaration.domains.flatMap(({ products }) =>
    products.flatMap((product) =>
      product.datasets
        .filter(({ name }) => cycle.includes(`${fullName(product)}.${name}`))
        .flatMap(({ sql }) => (sql === null ? [] : [sql.file])),
    ),
  );
  return files.sort()[0] ?? 'mesh.yaml';
}
