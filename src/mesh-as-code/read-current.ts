import { readVocabulary } from '../policy/tag-vocabulary.ts';
import type { Reader } from '../store/database.ts';
import { type CurrentState, productsNamed, type ReadFolder } from './current.ts';
import type { MeshDeclaration } from './declaration.ts';
import { namesAfter } from './names-in-reach.ts';
import { readDerived } from './read-derived.ts';
import { readOffers } from './read-offers.ts';
import { readPoliciesAfter } from './request-rights.ts';
import { findDomainState, listTagGrants, readDirectory, readMeshState } from './state/store.ts';
import type { Directory, DomainState } from './state.ts';

/** Reads what the plan is made from: for these domains, or for all that the folder names or leaves out. */
export async function readCurrent(
  reader: Reader,
  { declaration, tables }: ReadFolder,
  { now, only }: { now: Date; only?: string },
): Promise<CurrentState> {
  const directory = await readDirectory(reader);
  const mesh = await readMeshState(reader);
  const names = namesAfter(declaration, directory);
  const domains = new Map<string, DomainState | null>();
  for (const name of only === undefined ? domainsConcerned(declaration, directory) : [only]) {
    domains.set(name, await findDomainState(reader, name));
  }
  const concerned = declaration.domains.filter(({ name }) => only === undefined || name === only);
  const products = new Set(concerned.flatMap((domain) => productsNamed(domain, names, tables)));
  const policies = await readPoliciesAfter(reader, { declaration, mesh, names, directory, now }, products);
  const derived = await readDerived(reader, { declaration, tables, names, domains, now });
  const offers = {
    ...(await readOffers(reader, { declaration, domains: [...domains.values()], now })),
    derived,
  };
  const before = readVocabulary(mesh.row?.document['tags']).vocabulary;
  // Under the lock of a domain what counts is what is written: another apply may have come in between.
  const isMeshes = declaration.mesh !== null && (only === undefined || only === '');
  const vocabulary = isMeshes ? readVocabulary(declaration.mesh?.document.tags).vocabulary : before;
  const grants = isMeshes ? await listTagGrants(reader) : [];
  return { directory, mesh, domains, policies, names, offers, tags: { vocabulary, before, grants } };
}

function domainsConcerned(declaration: MeshDeclaration, directory: Directory): string[] {
  const declared = declaration.domains.map(({ name }) => name);
  if (declaration.mesh === null) return declared;
  const left = directory.domains.filter(({ name, closed }) => !closed && !declared.includes(name));
  return [...declared, ...left.map(({ name }) => name)];
}
