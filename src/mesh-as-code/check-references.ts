import type { Problem } from '../base/errors.ts';
import type { Path } from '../contracts/parse-document.ts';
import {
  type DeclaredDomain,
  type DeclaredProduct,
  fullName,
  type MeshDeclaration,
  type Place,
} from './declaration.ts';
import { meant } from './names.ts';
import type { Names } from './names-in-reach.ts';
import { findCycle, type Input } from './resolve-inputs.ts';
import type { Directory } from './state.ts';

/** What the documents of a folder say about each other, and about what the store keeps beside them. */
export interface ReferenceFacts {
  declaration: MeshDeclaration;
  directory: Directory;
  names: Names;
  /** Tag keys with their values, as mesh.yaml declares them; empty leaves tags free. */
  vocabulary: Record<string, string[]>;
}

/** Every reference that leads nowhere or to two things. */
export function checkReferences(facts: ReferenceFacts): Problem[] {
  const { declaration } = facts;
  return [
    ...repeatedIds(facts),
    ...declaration.domains.flatMap((domain) => [
      ...sourceNames(domain, facts.names),
      ...tagProblems(domain.tags, ['tags'], { place: domain.place, vocabulary: facts.vocabulary }),
      ...domain.products.flatMap((product) => [
        ...grantDomains(product, facts.names),
        ...productTags(product, facts.vocabulary),
      ]),
    ]),
    ...restrictionTags(facts),
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

function grantDomains({ domain, grants, grantsPlace }: DeclaredProduct, { domains }: Names): Problem[] {
  return grants.flatMap((grant, index): Problem[] => {
    const place = grantsPlace(['grants', index, 'domain']);
    if (grant.domain === domain) return [{ message: `${domain} needs no grant for its own product`, place }];
    if (domains.has(grant.domain)) return [];
    return [{ message: `there is no domain ${grant.domain}${meant(grant.domain, [...domains])}`, place }];
  });
}

type Vocabulary = ReferenceFacts['vocabulary'];

function productTags(product: DeclaredProduct, vocabulary: Vocabulary): Problem[] {
  const problems = tagProblems(product.document.tags, ['tags'], { place: product.place, vocabulary });
  for (const { contract, place } of product.datasets) {
    const at = { place, vocabulary };
    problems.push(...tagProblems(contract.tags, ['tags'], at));
    for (const [object, { tags, properties = [] }] of (contract.schema ?? []).entries()) {
      problems.push(...tagProblems(tags, ['schema', object, 'tags'], at));
      for (const [index, property] of properties.entries()) {
        problems.push(...tagProblems(property.tags, ['schema', object, 'properties', index, 'tags'], at));
      }
    }
  }
  return problems;
}

/** `key:value` with a declared key and value, one value of a key; words without a colon are free. */
function tagProblems(
  tags: readonly string[] | undefined,
  path: Path,
  { place, vocabulary }: { place: Place; vocabulary: Vocabulary },
): Problem[] {
  const seen = new Set<string>();
  return (tags ?? []).flatMap((tag, index): Problem[] => {
    const colon = tag.indexOf(':');
    if (colon < 0) return [];
    const key = tag.slice(0, colon).trim();
    const message = seen.has(key)
      ? `a second value for the tag ${key}: a thing has one`
      : tagFault(key, tag.slice(colon + 1).trim(), vocabulary);
    seen.add(key);
    return message === null ? [] : [{ message, place: place([...path, index]) }];
  });
}

/** A misspelt tag would silently not be governed by the restrictions that select by it. */
function tagFault(key: string, value: string, vocabulary: Vocabulary): string | null {
  const keys = Object.keys(vocabulary);
  if (keys.length === 0) return null;
  const values = Object.hasOwn(vocabulary, key) ? vocabulary[key] : undefined;
  if (values === undefined) return `mesh.yaml declares no tag ${key}${meant(key, keys)}`;
  return values.includes(value) ? null : `the tag ${key} has no value ${value}${meant(value, values)}`;
}

function restrictionTags({ declaration, vocabulary }: ReferenceFacts): Problem[] {
  const holders = [
    ...(declaration.mesh === null ? [] : [declaration.mesh]),
    ...declaration.domains,
    ...declaration.domains
      .flatMap(({ products }) => products)
      .map(({ restrictions, restrictionsPlace }) => ({ restrictions, place: restrictionsPlace })),
  ];
  return holders.flatMap(({ restrictions, place }) =>
    restrictions.flatMap(({ appliesTo }, index) =>
      Object.entries(appliesTo.tags ?? {}).flatMap(([key, values]) =>
        values.flatMap((value): Problem[] => {
          const message = tagFault(key, value, vocabulary);
          if (message === null) return [];
          return [{ message, place: place(['restrictions', index, 'appliesTo', 'tags', key]) }];
        }),
      ),
    ),
  );
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
