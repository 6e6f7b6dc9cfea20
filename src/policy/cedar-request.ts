import { isIP } from 'node:net';
import {
  ROLES,
  type Action,
  type DecisionContext,
  type DomainTags,
  type Principal,
  type ProductTraits,
  type Resource,
  type Tags,
} from './action.ts';
import type { CedarEntity, CedarRequest, CedarUid } from './cedar.ts';

interface RequestFacts {
  action: Action;
  principal: Principal;
  resource: Resource;
  context: DecisionContext;
  domainTags: DomainTags;
}

/** A question in Cedar's form, with every entity whose facts the policies can come to from it. */
export function requestOf(facts: RequestFacts): CedarRequest {
  const { action, principal, resource, context, domainTags } = facts;
  return {
    principal: principalUid(principal),
    action: { type: 'Action', id: action },
    resource: resourceUid(resource),
    context: contextOf(context, principal),
    entities: [
      ...principalEntities(principal),
      ...domainsOf(facts).map((name) => domainEntity(name, domainTags.get(name))),
      ...(resource.type === 'Domain' ? [] : resourceEntities(resource)),
    ],
  };
}

function contextOf(
  { now, origin, purpose, subscription, elevation, delegation, publication }: DecisionContext,
  { kind, agent = false }: Principal,
): CedarRequest['context'] {
  const network = addressOf(origin?.address ?? null);
  const meant = purpose ?? subscription?.purpose;
  return {
    now: { __extn: { fn: 'datetime', arg: now } },
    agent: agent || kind === 'service-account',
    ...(origin && { door: origin.door }),
    ...(network !== null && { network: { __extn: { fn: 'ip', arg: network } } }),
    ...(meant !== undefined && { purpose: meant }),
    ...(subscription && {
      subscription: { domain: { __entity: domainUid(subscription.domain) }, purpose: subscription.purpose },
    }),
    ...(elevation && { elevation }),
    ...(delegation && { delegation: { id: delegation.id } }),
    ...(publication && { publication }),
  };
}

/** As Cedar reads addresses: IPv4 plain where a socket of IPv6 carries it (RFC 4291 §2.5.5.2), without a zone. */
function addressOf(address: string | null): string | null {
  const plain = address?.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  return isIP(plain) === 0 ? null : plain;
}

function principalUid({ kind, id }: Principal): CedarUid {
  return { type: kind === 'person' ? 'Person' : 'ServiceAccount', id };
}

function principalEntities(principal: Principal): CedarEntity[] {
  const { roles, groups = [], claims = {}, attributes, administrator } = principal;
  const parents = new Map<string, CedarUid>();
  const held = new Set<string>();
  for (const { domain, role } of roles) {
    parents.set(domain, domainUid(domain));
    for (const included of ROLES[role]) {
      parents.set(`${domain}/${included}`, roleUid(domain, included));
      held.add(included);
    }
  }
  if (administrator) {
    parents.set('/', { type: 'Role', id: 'administrator' });
    held.add('administrator');
  }
  const uid = principalUid(principal);
  const claimsUid: CedarUid = { type: 'Claims', id: `${uid.type} ${uid.id}` };
  return [
    {
      uid,
      attrs: { roles: [...held], groups, claims: { __entity: claimsUid } },
      parents: [...parents.values()],
      tags: valueSets(attributes),
    },
    { uid: claimsUid, attrs: {}, parents: [], tags: valueSets(claims) },
  ];
}

function domainUid(domain: string): CedarUid {
  return { type: 'Domain', id: domain };
}

function roleUid(domain: string, role: string): CedarUid {
  return { type: 'Role', id: `${domain}/${role}` };
}

const MESH: CedarUid = { type: 'Mesh', id: 'mesh' };

/** Those a policy can come to: the resource's, a subscription's consumer, the caller's own. */
function domainsOf({ principal, resource, context: { subscription } }: RequestFacts): string[] {
  const names = new Set(principal.roles.map(({ domain }) => domain));
  if (resource.type !== 'Mesh') names.add(resource.domain);
  if (resource.type === 'Subscription') names.add(resource.consumer);
  if (subscription) names.add(subscription.domain);
  return [...names];
}

function domainEntity(name: string, tags: Tags = {}): CedarEntity {
  return {
    uid: domainUid(name),
    attrs: {
      owners: { __entity: roleUid(name, 'owner') },
      stewards: { __entity: roleUid(name, 'steward') },
      engineers: { __entity: roleUid(name, 'engineer') },
      analysts: { __entity: roleUid(name, 'analyst') },
    },
    parents: [MESH],
    tags: valueSets(tags),
  };
}

function valueSets(values: Record<string, string | string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value].flat()]));
}

/** Type and id by which Cedar and the audit know a resource. */
export function resourceUid(resource: Resource): CedarUid {
  switch (resource.type) {
    case 'Mesh':
      return MESH;
    case 'Domain':
      return domainUid(resource.domain);
    case 'Product':
      return productUid(resource);
    case 'Dataset':
      return { type: 'Dataset', id: `${resource.domain}.${resource.product}.${resource.dataset}` };
    case 'Subscription':
      return { type: 'Subscription', id: resource.id };
    case 'Source':
      return { type: 'Source', id: `${resource.domain}.${resource.source}` };
  }
}

function productUid({ domain, product }: { domain: string; product: string }): CedarUid {
  return { type: 'Product', id: `${domain}.${product}` };
}

/** The resource and, for what lies in a product, the product. */
function resourceEntities(resource: Exclude<Resource, { type: 'Domain' }>): CedarEntity[] {
  if (resource.type === 'Mesh') return [{ uid: MESH, attrs: {}, parents: [] }];
  const uid = resourceUid(resource);
  const domain = { __entity: domainUid(resource.domain) };
  if (resource.type === 'Source') return [{ uid, attrs: { domain }, parents: [domainUid(resource.domain)] }];
  const product = productEntity(resource);
  if (resource.type === 'Product') return [product];
  const inProduct = { domain, product: { __entity: product.uid } };
  if (resource.type === 'Subscription') {
    const attrs = { ...inProduct, ...subscriptionAttributes(resource) };
    return [product, { uid, attrs, parents: [product.uid] }];
  }
  const { datasetTags, status } = resource;
  const traits = traitsOf({ tags: datasetTags, status });
  const attrs = { ...inProduct, ...traits };
  return [product, { uid, attrs, parents: [product.uid], tags: valueSets(datasetTags) }];
}

function subscriptionAttributes({ consumer, privacy }: Extract<Resource, { type: 'Subscription' }>) {
  return {
    consumer: { __entity: domainUid(consumer) },
    privacyRoles: (privacy?.roles ?? []).map((id) => ({ __entity: { type: 'Role', id } })),
    privacyPeople: (privacy?.people ?? []).map((id) => ({ __entity: { type: 'Person', id } })),
  };
}

function productEntity({ domain, product, ...traits }: { domain: string; product: string } & ProductTraits) {
  return {
    uid: productUid({ domain, product }),
    attrs: { domain: { __entity: domainUid(domain) }, ...traitsOf(traits) },
    parents: [domainUid(domain)],
    tags: valueSets(traits.tags),
  } satisfies CedarEntity;
}

function traitsOf({ tags, status }: ProductTraits): { status: string; classification?: string } {
  const classification = Object.hasOwn(tags, 'classification') ? tags['classification'] : undefined;
  return { status, ...(classification !== undefined && { classification }) };
}
