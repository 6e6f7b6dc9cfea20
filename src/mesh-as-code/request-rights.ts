import { policySource, traitsOf } from '../audit/decisions.ts';
import { listPolicyFacts } from '../audit/store.ts';
import { isoTime } from '../base/clock.ts';
import type { DecisionContext, DomainTags, Principal, ProductTraits } from '../policy/action.ts';
import { decide } from '../policy/decide.ts';
import { type PolicySource, preparePolicies } from '../policy/policies.ts';
import { inheritTags, readTags } from '../policy/tags.ts';
import type { Reader } from '../store/database.ts';
import { fullName, type MeshDeclaration } from './declaration.ts';
import type { Names } from './names-in-reach.ts';
import type { RequestRights } from './plan-subscriptions.ts';
import type { Directory, MeshState } from './state.ts';

/** What decides about products once the folder is applied, by `domain.product`. */
export interface PoliciesAfter {
  /** The mesh's under '', a domain's under its name. */
  sources: Map<string, PolicySource[]>;
  traits: Map<string, ProductTraits>;
  domainTags: DomainTags;
}

/** Reads the policies of these products: what the folder declares counts instead of what is stored. */
export async function readPoliciesAfter(
  reader: Reader,
  { declaration, mesh, names, directory, now }: AfterFacts,
  products: ReadonlySet<string>,
): Promise<PoliciesAfter> {
  const sources = declaredSources(declaration, products);
  if (!sources.has('')) sources.set('', mesh.policies.map(policySource));
  const keys = new Map<string, string>();
  for (const key of products) {
    const id = names.products.get(key)?.id;
    if (id != null) keys.set(id, key);
  }
  const producers = new Set([...products].map(domainOf));
  for (const { id, name } of directory.domains) if (producers.has(name)) keys.set(id, name);
  const known = new Set(sources.keys());
  const stored = await listPolicyFacts(reader, ['', ...keys.keys()]);
  const domainTags = tagsAfter(declaration, stored.domainTags);
  const traits: PoliciesAfter['traits'] = new Map();
  for (const productId of stored.products.keys()) {
    const key = keys.get(productId)!;
    traits.set(key, traitsOf({ ...stored, domainTags }, { domain: domainOf(key), productId, now })!);
  }
  for (const product of declaration.domains.flatMap((domain) => domain.products)) {
    const known = traits.get(fullName(product));
    const tags = inheritTags(domainTags.get(product.domain) ?? {}, readTags(product.tags));
    // What was offered stays in the state that the store says; the apply makes the others what they declare.
    const status = known === undefined || known.status === 'draft' ? product.status : known.status;
    traits.set(fullName(product), { tags, status });
  }
  for (const policy of stored.policies) {
    const key = keys.get(policy.scopeId)!;
    if (!known.has(key)) sources.set(key, [...(sources.get(key) ?? []), policySource(policy)]);
  }
  return { sources, traits, domainTags };
}

interface AfterFacts {
  declaration: MeshDeclaration;
  mesh: MeshState;
  names: Names;
  directory: Directory;
  now: Date;
}

/** Tags of domains once the folder is applied. */
function tagsAfter({ domains }: MeshDeclaration, stored: DomainTags): DomainTags {
  const declared = domains.map(({ name, tags }) => [name, readTags(tags)] as const);
  return new Map([...stored, ...declared]);
}

/** What the folder says counts instead of what is stored, also where it says nothing. */
function declaredSources(
  { mesh, domains }: MeshDeclaration,
  products: ReadonlySet<string>,
): PoliciesAfter['sources'] {
  const sources: PoliciesAfter['sources'] = new Map();
  const ofMesh = mesh?.policies.map(({ name, text }) => ({ level: 'mesh' as const, name, text }));
  if (ofMesh !== undefined) sources.set('', ofMesh);
  for (const { name, access, products: own } of domains) {
    sources.set(
      name,
      access.map(({ text }) => ({ level: 'domain' as const, name, text })),
    );
    for (const product of own.filter((one) => products.has(fullName(one)))) {
      const key = fullName(product);
      sources.set(
        key,
        product.access.map(({ text }) => ({ level: 'product' as const, name: key, text })),
      );
    }
  }
  return sources;
}

function domainOf(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

interface Asking {
  policies: PoliciesAfter;
  origin: DecisionContext['origin'];
  now: Date;
}

/** What the policies let a domain do with products of others: it asks as one of its members would. */
export function rightsOf(
  domain: { name: string; attributes: Principal['attributes'] },
  products: Iterable<string>,
  { policies, origin, now }: Asking,
): Map<string, RequestRights> {
  const principal: Principal = {
    id: `domain ${domain.name}`,
    kind: 'service-account',
    administrator: false,
    roles: [{ domain: domain.name, role: 'analyst' }],
    attributes: domain.attributes,
  };
  const rights = new Map<string, RequestRights>();
  const context: DecisionContext = { now: isoTime(now), ...(origin && { origin }) };
  for (const key of products) {
    const [producer = '', product = ''] = key.split('.');
    const { sources, domainTags } = policies;
    const traits = policies.traits.get(key) ?? { tags: {}, status: 'retired' };
    const resource = { type: 'Product' as const, domain: producer, product, ...traits };
    const prepared = preparePolicies(['', producer, key].flatMap((scope) => sources.get(scope) ?? []));
    const facts = { principal, resource, domainTags, policies: prepared };
    const may = (action: 'product.request' | 'product.subscribe') => (purpose: string) =>
      decide({ ...facts, action, context: { ...context, purpose } }).allowed;
    rights.set(key, {
      discover: decide({ ...facts, action: 'product.discover', context }).allowed,
      request: may('product.request'),
      subscribe: may('product.subscribe'),
    });
  }
  return rights;
}
