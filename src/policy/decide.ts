import { isDeepStrictEqual } from 'node:util';
import { MeshError } from '../base/errors.ts';
import type { Action, DecisionContext, DomainTags, Principal, Resource, ResourceOf } from './action.ts';
import { authorize } from './cedar.ts';
import { requestOf, resourceUid } from './cedar-request.ts';
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
  /** The version of the policies that ruled. */
  readonly policies: string;
}

export type Decision<A extends Action> =
  | { allowed: true; granted: Granted<A>; reasons: string[]; errors: []; policies: string }
  /** `errors` are the policies' own faults, for their authors; any of them denies. */
  | { allowed: false; reasons: string[]; errors: string[]; policies: string | null };

export interface DecisionFacts<A extends Action> {
  action: A;
  principal: Principal;
  resource: ResourceOf<A>;
  context: DecisionContext;
  /** Of all domains: policies may ask for those of the owner, of the consumer, of the caller. */
  domainTags: DomainTags;
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
  const { version } = set;
  if (errors.length > 0) return { allowed: false, reasons: [ERRING], errors, policies: version };
  const relevant = policiesOn(action, set);
  const verdict = authorize(requestOf(facts, relevant.asked), relevant);
  if (!verdict.allowed)
    return { allowed: false, reasons: denials(action, verdict), errors: verdict.errors, policies: version };
  const reasons = verdict.deciding.map((name) => `allowed by '${name}'`).sort();
  const granted = grant({ action, principal, resource, reasons, policies: version });
  return { allowed: true, granted, reasons, errors: [], policies: version };
}

/**
 * Whether a dataset may be read, which is a read of its product and of the dataset: a policy may speak of either.
 * What any policy forbids or errs about is forbidden; what one of them permits is else allowed.
 */
export function decideRead(
  facts: Omit<DecisionFacts<'product.read'>, 'action' | 'resource'> & {
    resource: Extract<Resource, { type: 'Dataset' }>;
  },
): Decision<'product.read'> {
  const { resource, policies } = facts;
  const ofDataset = decide({ ...facts, action: 'product.read' });
  if (isForbidden(ofDataset)) return ofDataset;
  const { byType, byTags } = policiesOn(
    'product.read',
    policySetFor('product.read', resource, policies),
  ).tellApart;
  // The usual case: no policy can answer otherwise about the product, so it is not asked.
  if (!byType && !(byTags && !isDeepStrictEqual(resource.tags, resource.datasetTags))) return ofDataset;
  const { dataset: _dataset, datasetTags: _tags, ...product } = resource;
  const ofProduct = decide({ ...facts, action: 'product.read', resource: { ...product, type: 'Product' } });
  return isForbidden(ofProduct) || !ofDataset.allowed ? ofProduct : ofDataset;
}

/** Whether a policy says no, and not only none yes. */
export function isForbidden(decision: Decision<Action>): boolean {
  if (decision.allowed) return false;
  return decision.errors.length > 0 || decision.reasons.some((reason) => reason.startsWith('forbidden'));
}

/** Names of the policies that forbid, as reasons write them. */
export function forbidding(reasons: readonly string[]): string[] {
  return reasons.flatMap((reason) => /^forbidden by '(.*)'$/s.exec(reason)?.[1] ?? []);
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
  policies: string;
}): Granted<A> {
  const { type, id } = resourceUid(facts.resource);
  const permission: Granted<A> = Object.freeze({
    [seal]: true as const,
    action: facts.action,
    principal: facts.principal.id,
    resource: `${type} ${id}`,
    reasons: Object.freeze([...facts.reasons]),
    policies: facts.policies,
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
