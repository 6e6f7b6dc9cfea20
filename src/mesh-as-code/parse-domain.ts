import { sourceKind } from '../ingest/source.ts';
import { readRestrictions } from '../policy/restriction.ts';
import type {
  DeclaredDomain,
  DeclaredMember,
  DeclaredProduct,
  DeclaredSource,
  DeclaredSubscription,
} from './declaration.ts';
import { checkRestrictions } from './check-restrictions.ts';
import { DOMAIN } from './document-kinds.ts';
import type { DomainDocument } from './documents.ts';
import { parseProduct } from './parse-product.ts';
import type { DomainFiles, MeshFile } from './place-files.ts';
import type { FolderReading } from './folder-reading.ts';

/** One domain's folder; null when its domain.yaml cannot be read. Problems go to `reading`. */
export function parseDomain(files: DomainFiles, reading: FolderReading): DeclaredDomain | null {
  const sources = [...files.sources].flatMap(([name, file]) => parseSource(name, file, reading));
  const document = files.domain === undefined ? null : reading.document(files.domain, DOMAIN);
  const domain = {
    name: files.name,
    variables: document === null ? null : new Map(Object.entries(document.value.variables ?? {})),
  };
  const products = [...files.products.values()]
    .map((product) => parseProduct(product, domain, reading))
    .filter((product): product is DeclaredProduct => product !== null);
  if (document === null) return null;
  const { value, text, place } = document;
  if (value.name !== files.name) {
    reading.add(
      place(['name']),
      `the domain is called ${value.name} and its folder ${files.name}: make them the same`,
    );
  }
  for (const source of sources) {
    if (source.name !== files.name) continue;
    const message = `the source ${source.name} has the name of a domain: SQL could not tell them apart`;
    reading.add(`${files.folder}/sources/${source.name}.yaml:1:1`, message);
  }
  const { restrictions } = readRestrictions(value.restrictions ?? []);
  const datasets = products.flatMap((product) => product.datasets);
  reading.problems.push(...checkRestrictions(restrictions, datasets, place));
  return {
    name: files.name,
    title: value.title ?? value.name,
    description: value.description ?? '',
    tags: value.tags ?? [],
    document: value,
    text,
    place,
    members: membersOf(value),
    access: files.access === undefined ? [] : [reading.policy(files.access, 'domain')],
    subscriptions: subscriptionsOf(value, place),
    restrictions,
    sources,
    products,
  };
}

function parseSource(name: string, file: MeshFile, reading: FolderReading): DeclaredSource[] {
  const document = reading.document(file, sourceKind);
  return document === null ? [] : [{ name, document: { ...document.value }, text: document.text }];
}

function membersOf({ members = [] }: DomainDocument): DeclaredMember[] {
  return members.map(({ person, service, name, role }) => {
    if (person === undefined) return { key: `service ${service}`, email: null, name: service ?? '', role };
    const email = person.toLowerCase();
    return { key: email, email, name: name ?? email.slice(0, email.indexOf('@')), role };
  });
}

function subscriptionsOf(
  { subscriptions = [] }: DomainDocument,
  place: DeclaredDomain['place'],
): DeclaredSubscription[] {
  return subscriptions.map(({ product, purpose, until, answers = {}, terms }, index) => ({
    product,
    purpose,
    until: until ?? null,
    answers,
    agreed: terms === 'agreed',
    place: place(['subscriptions', index, 'product']),
  }));
}
