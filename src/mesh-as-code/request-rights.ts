import { policySource } from '../audit/decisions.ts';
import { listPolicyFacts } from '../audit/store.ts';
import { isoTime } from '../base/clock.ts';
import type { Principal } from '../policy/action.ts';
import { decide } from '../policy/decide.ts';
import { type PolicySource, preparePolicies } from '../policy/policies.ts';
import { readTags } from '../policy/tags.ts';
import type { Reader } from '../store/database.ts';
import { fullName, type MeshDeclaration } from './declaration.ts';
import type { Names } from './names-in-reach.ts';
import type { RequestRights } from './plan-subscriptions.ts';
import type { Directory, MeshState } from './state.ts';

/** What decides about products once the folder is applied, by `domain.product`. */
export interface PoliciesAfter {
  /** The mesh's under '', a domain's under its name. */
  sources: Map<string, PolicySource[]>;
  tags: Map<string, string[]>;
}

/** Reads the policies of these products: what the folder declares counts instead of what is stored. */
export async function readPoliciesAfter(
  reader: Reader,
  { declaration, mesh, names, directory }: AfterFacts,
  products: ReadonlySet<string>,
): Promise<PoliciesAfter> {
  const tags: PoliciesAfter['tags'] = new Map(declaredTags(declaration));
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
  for (const [id, own] of stored.productTags) {
    const key = keys.get(id)!;
    if (!tags.has(key)) tags.set(key, own);
  }
  for (const policy of stored.policies) {
    const key = keys.get(policy.scopeId)!;
    if (!known.has(key)) sources.set(key, [...(sources.get(key) ?? []), policySource(policy)]);
  }
  return { sources, tags };
}

interface AfterFacts {
  declaration: MeshDeclaration;
  mesh: MeshState;
  names: Names;
  directory: Directory;
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

function declaredTags({ domains }: MeshDeclaration): [string, string[]][] {
  return domains.flatMap(({ products }) =>
    products.map((product): [string, string[]] => [fullName(product), product.tags]),
  );
}

/** What the policies let a domain do with products of others: it asks as one of its members would. */
export function rightsOf(
  domain: { name: string; attributes: Principal['attributes'] },
  products: Iterable<string>,
  { policies, now }: { policies: PoliciesAfter; now: Date },
): Map<string, RequestRights> {
  const principal: Principal = {
    id: `domain ${domain.name}`,
    kind: 'service-account',
    administrator: false,
    roles: [{ domain: domain.name, role: 'analyst' }],
    attributes: domain.attributes,
  };
  const rights = new Map<string, RequestRights>();
  for (const key of products) {
    const [producer = '', product = ''] = key.split('.');
    const tags = readTags(policies.tags.get(key) ?? []);
    const resource = { type: 'Product' as const, domain: producer, product, tags };
    const { sources } = policies;
    const prepared = preparePolicies(['', producer, key].flatMap((scope) => sources.get(scope) ?? []));
    const may = (action: 'product.discover' | 'product.request' | 'product.subscribe') =>
      decide({ action, principal, resource, context: { now: isoTime(now) }, policies: prepared }).allowed;
    rights.set(key, {
      discover: may('product.discover'),
      request: may('product.request'),
      subscribe: may('product.subscribe'),
    });
  }
  return rights;
}
