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
import type { Asked } from './asked-facts.ts';
import type { CedarEntity, CedarRequest, CedarUid } from './cedar.ts';

interface RequestFacts {
  action: Action;
  principal: Principal;
  resource: Resource;
  context: DecisionContext;
  domainTags: DomainTags;
}

/** An entity with the paths by which a policy comes to it from the variables of the request. */
interface Reached extends CedarEntity {
  paths: string[];
}

/**
 * A question in Cedar's form, with every fact that the policies can come to from it. Cedar takes two thirds of its
 * time to read facts, so what is not asked for stays out.
 */
export function requestOf(facts: RequestFacts, asked: Asked = null): CedarRequest {
  const { action, principal, resource, context } = facts;
  const entities = [
    ...principalEntities(principal),
    ...domainEntities(facts),
    ...(resource.type === 'Domain' ? [] : resourceEntities(resource)),
  ];
  const known = Object.entries(contextOf(context, principal));
  return {
    principal: principalUid(principal),
    action: { type: 'Action', id: action },
    resource: resourceUid(resource),
    context: Object.fromEntries(known.filter(([name]) => asked?.attributes.has(`context.${name}`) ?? true)),
    entities: entities.flatMap((entity) => askedOf(entity, asked)),
  };
}

/** What is asked of an entity; nothing where nothing is. Of principal and resource Cedar itself asks where they are. */
function askedOf({ paths, ...entity }: Reached, asked: Asked): CedarEntity[] {
  if (asked === null) return [entity];
  const { uid, tags } = entity;
  const isSubject = paths.some((path) => path === 'principal' || path === 'resource');
  const attrs = Object.entries(entity.attrs).filter(([name]) =>
    paths.some((path) => asked.attributes.has(`${path}.${name}`)),
  );
  const isTagged = tags !== undefined && paths.some((path) => asked.tagged.has(path));
  const isPlaced = isSubject || paths.some((path) => asked.placed.has(path));
  if (attrs.length === 0 && !isTagged && !isPlaced) return [];
  const parents = isPlaced ? entity.parents : [];
  return [{ uid, attrs: Object.fromEntries(attrs), parents, ...(isTagged && { tags }) }];
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

function principalEntities(principal: Principal): Reached[] {
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
  if (roles.length > 0) parents.set('', MESH);
  if (administrator) {
    parents.set('/', { type: 'Role', id: 'administrator' });
    held.add('administrator');
  }
  const uid = principalUid(principal);
  const claimsUid: CedarUid = { type: 'Claims', id: `${uid.type} ${uid.id}` };
  return [
    {
      ...{ paths: ['principal'], uid },
      attrs: { roles: [...held], groups, claims: { __entity: claimsUid } },
      parents: [...parents.values()],
      tags: valueSets(attributes),
    },
    { paths: ['principal.claims'], uid: claimsUid, attrs: {}, parents: [], tags: valueSets(claims) },
  ];
}

function domainUid(domain: string): CedarUid {
  return { type: 'Domain', id: domain };
}

function roleUid(domain: string, role: string): CedarUid {
  return { type: 'Role', id: `${domain}/${role}` };
}

const MESH: CedarUid = { type: 'Mesh', id: 'mesh' };

/** Those a policy can come to: the resource's, a subscription's consumer, the caller's own by their names. */
function domainEntities({
  principal,
  resource,
  context: { subscription },
  domainTags,
}: RequestFacts): Reached[] {
  const reached = new Map<string, string[]>(principal.roles.map(({ domain }) => [domain, []]));
  const reach = (name: string, paths: string[]) =>
    reached.set(name, [...(reached.get(name) ?? []), ...paths]);
  if (resource.type === 'Domain') reach(resource.domain, ['resource']);
  else if (resource.type !== 'Mesh') reach(resource.domain, ['resource.domain', 'resource.product.domain']);
  if (resource.type === 'Subscription') reach(resource.consumer, ['resource.consumer']);
  if (subscription) reach(subscription.domain, ['context.subscription.domain']);
  return [...reached].map(([name, paths]) => ({ ...domainEntity(name, domainTags.get(name)), paths }));
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

/**
 * The resource and, for what lies in a product, the product. Each names all that it lies in: what is between need
 * not be there.
 */
function resourceEntities(resource: Exclude<Resource, { type: 'Domain' }>): Reached[] {
  const paths = ['resource'];
  if (resource.type === 'Mesh') return [{ paths, uid: MESH, attrs: {}, parents: [] }];
  const uid = resourceUid(resource);
  const inDomain = [domainUid(resource.domain), MESH];
  const domain = { __entity: domainUid(resource.domain) };
  if (resource.type === 'Source') return [{ paths, uid, attrs: { domain }, parents: inDomain }];
  const product = productEntity(resource, inDomain);
  if (resource.type === 'Product') return [{ paths, ...product }];
  const above = { paths: ['resource.product'], ...product };
  const parents = [product.uid, ...inDomain];
  const inProduct = { domain, product: { __entity: product.uid } };
  if (resource.type === 'Subscription') {
    const attrs = { ...inProduct, ...subscriptionAttributes(resource) };
    return [above, { paths, uid, attrs, parents }];
  }
  const { datasetTags, status } = resource;
  const attrs = { ...inProduct, ...traitsOf({ tags: datasetTags, status }) };
  return [above, { paths, uid, attrs, parents, tags: valueSets(datasetTags) }];
}

function subscriptionAttributes({ consumer, privacy }: Extract<Resource, { type: 'Subscription' }>) {
  return {
    consumer: { __entity: domainUid(consumer) },
    privacyRoles: (privacy?.roles ?? []).map((id) => ({ __entity: { type: 'Role', id } })),
    privacyPeople: (privacy?.people ?? []).map((id) => ({ __entity: { type: 'Person', id } })),
  };
}

function productEntity(
  { domain, product, ...traits }: { domain: string; product: string } & ProductTraits,
  parents: CedarUid[],
) {
  return {
    uid: productUid({ domain, product }),
    attrs: { domain: { __entity: domainUid(domain) }, ...traitsOf(traits) },
    parents,
    tags: valueSets(traits.tags),
  } satisfies CedarEntity;
}

function traitsOf({ tags, status }: ProductTraits): { status: string; classification?: string } {
  const classification = Object.hasOwn(tags, 'classification') ? tags['classification'] : undefined;
  return { status, ...(classification !== undefined && { classification }) };
}
