import { MESH_SCOPE } from '../audit/decisions.ts';
import { listPolicyFacts, type PolicyText } from '../audit/store.ts';
import { isoTime } from '../base/clock.ts';
import type { Principal } from '../policy/action.ts';
import { decide } from '../policy/decide.ts';
import { type PolicySource, preparePolicies } from '../policy/policies.ts';
import { readTags } from '../policy/tags.ts';
import type { Reader } from '../store/database.ts';
import { type DeclaredProduct, fullName, type MeshDeclaration } from './declaration.ts';
import type { Names } from './names-in-reach.ts';
import type { RequestRights } from './plan-subscriptions.ts';
import type { MeshState } from './state.ts';

/** What decides about products once the folder is applied, by `domain.product`. */
export interface PoliciesAfter {
  /** The mesh's under ''. */
  sources: Map<string, PolicySource[]>;
  tags: Map<string, string[]>;
}

/** Reads the policies of these products: what the folder declares counts instead of what is stored. */
export async function readPoliciesAfter(
  reader: Reader,
  facts: { declaration: MeshDeclaration; mesh: MeshState; names: Names },
  products: ReadonlySet<string>,
): Promise<PoliciesAfter> {
  const { declaration, mesh, names } = facts;
  const after: PoliciesAfter['sources'] = new Map();
  const tags: PoliciesAfter['tags'] = new Map([...declaredTags(declaration)]);
  const ofMesh = declaration.mesh?.policies.map(({ name, text }) => ({ level: 'mesh' as const, name, text }));
  after.set('', ofMesh ?? mesh.policies.map(sourceOf));
  const declared = new Map<string, DeclaredProduct>();
  for (const { products: own } of declaration.domains)
    for (const one of own) declared.set(fullName(one), one);
  const ids = new Map<string, string>();
  for (const key of products) {
    const access = declared.get(key)?.access;
    if (access !== undefined)
      after.set(
        key,
        access.map(({ text }) => ({ level: 'product' as const, name: key, text })),
      );
    const id = names.products.get(key)?.id;
    if (access === undefined && id != null) ids.set(id, key);
  }
  const stored = await listPolicyFacts(reader, ['', ...ids.keys()]);
  for (const [id, own] of stored.productTags) tags.set(ids.get(id)!, own);
  for (const policy of stored.policies) {
    const key = ids.get(policy.scopeId) ?? '';
    if (key !== '') after.set(key, [...(after.get(key) ?? []), sourceOf(policy)]);
  }
  return { sources: after, tags };
}

function declaredTags({ domains }: MeshDeclaration): [string, string[]][] {
  return domains.flatMap(({ products }) =>
    products.map((product): [string, string[]] => [fullName(product), product.tags]),
  );
}

function sourceOf({ scopeId, file, text }: PolicyText): PolicySource {
  return { level: scopeId === MESH_SCOPE ? 'mesh' : 'product', name: file, text };
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
    const prepared = preparePolicies([...(sources.get('') ?? []), ...(sources.get(key) ?? [])]);
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
