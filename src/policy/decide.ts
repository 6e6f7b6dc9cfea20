import { MeshError } from '../base/errors.ts';
import {
  ROLES,
  type Action,
  type DecisionContext,
  type Principal,
  type Resource,
  type ResourceOf,
} from './action.ts';
import { authorize, type CedarEntity, type CedarRequest, type CedarUid } from './cedar.ts';
import { policiesOn, policySetFor, type PreparedPolicies } from './policies.ts';

export type { Action, DecisionContext, Principal, Resource, ResourceOf, Role } from './action.ts';

const seal: unique symbol = Symbol('granted');

/** A permission one holds: only `decide` makes one, and writes to the store ask for it. */
export interface Granted<A extends Action> {
  readonly [seal]: true;
  readonly action: A;
  readonly principal: string;
  /** Type and name of what was decided about, for example `Product sales.sell-out`. */
  readonly resource: string;
  readonly reasons: readonly string[];
}

export type Decision<A extends Action> =
  | { allowed: true; granted: Granted<A>; reasons: string[]; errors: [] }
  /** `errors` are the policies' own faults, for their authors; any of them denies. */
  | { allowed: false; reasons: string[]; errors: string[] };

export interface DecisionFacts<A extends Action> {
  action: A;
  principal: Principal;
  resource: ResourceOf<A>;
  context: DecisionContext;
  policies: PreparedPolicies;
}

/**
 * Whether a principal may do an action, from these facts alone: denied unless a policy permits it, and
 * none forbids it or errs. The reasons name the policies.
 */
export function decide<A extends Action>(facts: DecisionFacts<A>): Decision<A> {
  const { action, principal, resource, policies } = facts;
  const set = policySetFor(action, resource, policies);
  const errors = set.broken.map((name) => `${name} cannot be parsed`);
  if (errors.length > 0) return { allowed: false, reasons: [ERRING], errors };
  const verdict = authorize(requestOf(facts), policiesOn(action, set));
  if (!verdict.allowed) return { allowed: false, reasons: denials(action, verdict), errors: verdict.errors };
  const reasons = verdict.deciding.map((name) => `allowed by '${name}'`).sort();
  return { allowed: true, granted: grant({ action, principal, resource, reasons }), reasons, errors: [] };
}

const ERRING = 'a policy errs, and then nothing is allowed';

function denials(action: Action, verdict: { deciding: string[]; errors: string[] }): string[] {
  if (verdict.errors.length > 0) return [ERRING];
  if (verdict.deciding.length === 0) return [`no policy allows ${action}`];
  return verdict.deciding.map((name) => `forbidden by '${name}'`).sort();
}

const granted = new WeakSet<object>();

function grant<A extends Action>(facts: {
  action: A;
  principal: Principal;
  resource: Resource;
  reasons: string[];
}): Granted<A> {
  const { type, id } = resourceUid(facts.resource);
  const permission: Granted<A> = Object.freeze({
    [seal]: true as const,
    action: facts.action,
    principal: facts.principal.id,
    resource: `${type} ${id}`,
    reasons: Object.freeze([...facts.reasons]),
  });
  granted.add(permission);
  return permission;
}

/** Refuses a permission that was not given by `decide`, for another action, or about something else. */
export function requireGranted<A extends Action>(
  permission: Granted<A>,
  action: A,
  resource: ResourceOf<A>,
): void {
  const { type, id } = resourceUid(resource);
  const fits = permission.action === action && permission.resource === `${type} ${id}`;
  if (granted.has(permission) && fits) return;
  throw new MeshError('internal', { detail: `no permission for ${action} on ${type} ${id}` });
}

function requestOf<A extends Action>(facts: DecisionFacts<A>): CedarRequest {
  const { action, principal, context } = facts;
  const resource: Resource = facts.resource;
  const domains = new Map(domainsOf(resource).map((one) => [one.name, one]));
  return {
    principal: principalUid(principal),
    action: { type: 'Action', id: action },
    resource: resourceUid(resource),
    context: contextOf(context),
    entities: [
      principalEntity(principal),
      ...[...domains.values()].map(domainEntity),
      ...(resource.type === 'Domain' ? [] : resourceEntities(resource)),
    ],
  };
}

function contextOf({ now, subscription, publication }: DecisionContext): CedarRequest['context'] {
  return {
    now: { __extn: { fn: 'datetime', arg: now } },
    ...(subscription && {
      subscription: { domain: { __entity: domainUid(subscription.domain) }, purpose: subscription.purpose },
    }),
    ...(publication && { publication }),
  };
}

function principalUid({ kind, id }: Principal): CedarUid {
  return { type: kind === 'person' ? 'Person' : 'ServiceAccount', id };
}

function principalEntity(principal: Principal): CedarEntity {
  const parents = new Map<string, CedarUid>();
  for (const { domain, role } of principal.roles) {
    parents.set(domain, domainUid(domain));
    for (const included of ROLES[role]) parents.set(`${domain}/${included}`, roleUid(domain, included));
  }
  if (principal.administrator) parents.set('/', { type: 'Role', id: 'administrator' });
  const tags = Object.entries(principal.attributes).map(([key, value]) => [key, [value].flat()]);
  return {
    uid: principalUid(principal),
    attrs: {},
    parents: [...parents.values()],
    tags: Object.fromEntries(tags),
  };
}

function domainUid(domain: string): CedarUid {
  return { type: 'Domain', id: domain };
}

function roleUid(domain: string, role: string): CedarUid {
  return { type: 'Role', id: `${domain}/${role}` };
}

const MESH: CedarUid = { type: 'Mesh', id: 'mesh' };

interface DomainFacts {
  name: string;
  tags: Record<string, string>;
}

/** The domains a resource points at: its own, and of a subscription the consumer too. */
function domainsOf(resource: Resource): DomainFacts[] {
  if (resource.type === 'Mesh') return [];
  const own = { name: resource.domain, tags: resource.type === 'Domain' ? (resource.tags ?? {}) : {} };
  return resource.type === 'Subscription' ? [own, { name: resource.consumer, tags: {} }] : [own];
}

function domainEntity({ name, tags }: DomainFacts): CedarEntity {
  return {
    uid: domainUid(name),
    attrs: {
      owners: { __entity: roleUid(name, 'owner') },
      stewards: { __entity: roleUid(name, 'steward') },
      engineers: { __entity: roleUid(name, 'engineer') },
      analysts: { __entity: roleUid(name, 'analyst') },
    },
    parents: [MESH],
    tags: tagSets(tags),
  };
}

function tagSets(tags: Record<string, string> = {}): Record<string, string[]> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, [value]]));
}

function resourceUid(resource: Resource): CedarUid {
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

function subscriptionAttributes({ consumer, privacy }: Extract<Resource, { type: 'Subscription' }>) {
  return {
    consumer: { __entity: domainUid(consumer) },
    privacyRoles: (privacy?.roles ?? []).map((id) => ({ __entity: { type: 'Role', id } })),
    privacyPeople: (privacy?.people ?? []).map((id) => ({ __entity: { type: 'Person', id } })),
  };
}

/** The resource and, for what lies in a product, the product. */
function resourceEntities(resource: Exclude<Resource, { type: 'Domain' }>): CedarEntity[] {
  if (resource.type === 'Mesh') return [{ uid: MESH, attrs: {}, parents: [] }];
  const uid = resourceUid(resource);
  const domain = { __entity: domainUid(resource.domain) };
  const inDomain = { uid, attrs: { domain }, parents: [domainUid(resource.domain)] };
  if (resource.type === 'Source') return [inDomain];
  if (resource.type === 'Product') return [{ ...inDomain, tags: tagSets(resource.tags) }];
  const product = productUid(resource);
  const parent = { uid: product, attrs: { domain }, parents: [domainUid(resource.domain)], tags: {} };
  const inProduct = { domain, product: { __entity: product } };
  if (resource.type === 'Dataset') {
    return [parent, { uid, attrs: inProduct, parents: [product], tags: tagSets(resource.tags) }];
  }
  return [parent, { uid, attrs: { ...inProduct, ...subscriptionAttributes(resource) }, parents: [product] }];
}
