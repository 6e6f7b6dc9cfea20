import { suggest } from '../contracts/suggest.ts';
import type { TableReference } from '../engines/engine.ts';
import type { DecisionContext, Principal } from '../policy/action.ts';
import type { TagVocabulary } from '../policy/tag-vocabulary.ts';
import type { DeclaredDomain, MeshDeclaration } from './declaration.ts';
import { plainName } from './majors.ts';
import type { Names } from './names-in-reach.ts';
import type { OffersRead } from './read-offers.ts';
import type { PoliciesAfter } from './request-rights.ts';
import type { Directory, DomainState, MeshState, TagGrant } from './state.ts';

/** A folder read whole: what it declares, and the tables its SQL names. */
export interface ReadFolder {
  declaration: MeshDeclaration;
  tables: Map<string, TableReference[]>;
  /** Who applies it. */
  by: Principal;
  origin: DecisionContext['origin'];
}

/** What the store holds, as far as an apply of this folder looks at it. */
export interface CurrentState {
  directory: Directory;
  mesh: MeshState;
  /** By name; null for those that never were. */
  domains: Map<string, DomainState | null>;
  policies: PoliciesAfter;
  names: Names;
  offers: OffersRead;
  /** Tags as mesh.yaml will declare them, as it does until then, and who holds grants by them. */
  tags: { vocabulary: TagVocabulary; before: TagVocabulary; grants: TagGrant[] };
}

/** Products (`domain.product`) of other domains that a domain's folder could mean: by its subscriptions and by its SQL. */
export function productsNamed(domain: DeclaredDomain, names: Names, tables: ReadFolder['tables']): string[] {
  const schemas = new Set<string>();
  for (const { datasets } of domain.products) {
    for (const { sql } of datasets) {
      for (const { schema } of tables.get(sql?.file ?? '') ?? []) schemas.add(schema.toLowerCase());
    }
  }
  const known = [...new Set([...names.products.keys()].map(plainName))];
  // Of a misspelt name also the one that was probably meant: it is suggested only where it may be discovered.
  const subscribed = domain.subscriptions.map(({ product }) => {
    const plain = plainName(product);
    return known.includes(plain) ? plain : (suggest(plain, known) ?? plain);
  });
  const read = [...names.products].filter(
    ([key, product]) => schemas.has(key) || schemas.has(product.domain),
  );
  return [...new Set([...subscribed, ...read.map(([key]) => plainName(key))])].filter(
    (key) => !key.startsWith(`${domain.name}.`),
  );
}
