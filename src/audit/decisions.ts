import { MeshError } from '../base/errors.ts';
import { isoTime } from '../base/clock.ts';
import type { Caller, CallerDomain } from '../identity/caller.ts';
import type { Context } from '../identity/context.ts';
import type { Action, DecisionContext, Principal, ProductTraits, Resource } from '../policy/action.ts';
import { type Decision, decide, type Granted, type ResourceOf } from '../policy/decide.ts';
import { type PolicySource, preparePolicies } from '../policy/policies.ts';
import { inheritTags, readTags } from '../policy/tags.ts';
import type { Reader } from '../store/database.ts';
import { RefusedByPolicy } from './policy-forbids.ts';
import { recordRefusal } from './record-change.ts';
import { listPolicyFacts, type PolicyFacts, type PolicyText } from './store.ts';

export const MESH_SCOPE = 'mesh';
/** The mesh as the object of an audit row. */
export const MESH_NAME = 'the mesh';

/** A resource by its names: what policies may read of it is read with the policies. */
export type Untagged<Named extends Resource> = Named extends Resource
  ? Omit<Named, keyof ProductTraits>
  : never;

/** What is to be decided, with the scopes whose policies speak to it. */
export interface Question<A extends Action> {
  action: A;
  resource: Untagged<ResourceOf<A>>;
  /** The domain and product the resource belongs to, for the policies beside them. */
  scope?: { domainId?: string; productId?: string };
  /** Of a product that is not in the store yet. */
  declared?: ProductTraits;
  /** What the data is asked for. */
  purpose?: string;
  subscription?: DecisionContext['subscription'];
  elevation?: DecisionContext['elevation'];
  delegation?: DecisionContext['delegation'];
  /** The name a product was asked for by: what is hidden and what is not there are refused in the same words. */
  addressed?: string;
}

/**
 * Decides and gives the permission that store writes ask for. A refusal is recorded; whoever may not even
 * discover the product gets `not-found`, as if it did not exist.
 * @throws MeshError `auth.forbidden`, `not-found`
 */
export async function authorize<A extends Action>(
  context: Context,
  question: Question<A>,
): Promise<Granted<A>> {
  const facts = await policyFactsOf(context.database.reader, question.scope);
  const decision = decideWith(context, question, facts);
  if (decision.allowed) return decision.granted;
  await recordRefusal(context, {
    action: question.action,
    object: nameOf(question.resource as Untagged<Resource>),
    domainId: question.scope?.domainId ?? null,
    reasons: decision.reasons,
    policies: decision.policies,
    facts: idOf(question),
  });
  const resource: Untagged<Resource> = question.resource;
  if (resource.type === 'Product' || resource.type === 'Dataset') {
    const product = { type: 'Product' as const, domain: resource.domain, product: resource.product };
    const scope = question.scope ?? {};
    const discover: Question<'product.discover'> = { action: 'product.discover', resource: product, scope };
    if (!decideWith(context, discover, facts).allowed) {
      throw new MeshError('not-found', {
        facts: { what: `product ${question.addressed ?? nameOf(product)}` },
      });
    }
  }
  throw new RefusedByPolicy({
    ...{ decision, action: question.action, what: nameOf(resource) },
    domain: resource.type === 'Mesh' ? null : resource.domain,
    product: 'product' in resource ? resource.product : null,
  });
}

/** Whether the caller may, without recording anything: for lists and for what a page offers. */
export async function mayCaller<A extends Action>(context: Context, question: Question<A>): Promise<boolean> {
  const facts = await policyFactsOf(context.database.reader, question.scope);
  return decideWith(context, question, facts).allowed;
}

/** Which of many resources the caller may act on: one read for all of them, in the order given. */
export async function whichAllowed<A extends Action>(
  context: Context,
  questions: Question<A>[],
): Promise<boolean[]> {
  if (questions.length === 0) return [];
  const scopes = new Set(questions.flatMap(({ scope }) => scopesOf(scope)));
  const facts = await listPolicyFacts(context.database.reader, [...scopes]);
  const byScope = Map.groupBy(facts.policies, (policy) => policy.scopeId);
  return questions.map((question) => {
    const own = scopesOf(question.scope).flatMap((scope) => byScope.get(scope) ?? []);
    return decideWith(context, question, { ...facts, policies: own }).allowed;
  });
}

/** Decides with facts already read, for callers that judge many resources at once. */
export function decideWith<A extends Action>(
  context: Context,
  question: Question<A>,
  facts: PolicyFacts,
): Decision<A> {
  const { action, scope, subscription, elevation, delegation, purpose } = question;
  const resource: Untagged<Resource> = question.resource;
  const now = context.clock.now();
  const traits =
    'product' in resource
      ? (traitsOf(facts, { domain: resource.domain, productId: scope?.productId, now }) ?? question.declared)
      : {};
  // What is gone by now, or was never looked up, is nobody's: a policy about it could not be asked.
  if (traits === undefined)
    return { allowed: false, reasons: ['nothing is known of it'], errors: [], policies: null };
  return decide({
    action,
    principal: principalOf(context.caller),
    resource: { ...resource, ...traits } as unknown as ResourceOf<A>,
    context: {
      now: isoTime(now),
      origin: originOf(context),
      ...(subscription === undefined ? {} : { subscription }),
      ...(elevation === undefined ? {} : { elevation }),
      ...(delegation === undefined ? {} : { delegation }),
      ...(purpose === undefined ? {} : { purpose }),
    },
    domainTags: facts.domainTags,
    policies: preparePolicies(facts.policies.map(policySource)),
  });
}

/** How the request came that is decided about. */
export function originOf({ request }: Context): NonNullable<DecisionContext['origin']> {
  return { door: request.door, address: request.address };
}

/** What policies may read of a product; undefined when it is not in the store. */
export function traitsOf(
  { products, domainTags }: Pick<PolicyFacts, 'products' | 'domainTags'>,
  { domain, productId, now }: { domain: string; productId: string | undefined; now: Date },
): ProductTraits | undefined {
  const product = productId === undefined ? undefined : products.get(productId);
  if (product === undefined) return undefined;
  const tags = inheritTags(domainTags.get(domain) ?? {}, readTags(product.tags));
  const ended = product.sunsetAt !== null && product.sunsetAt <= now;
  return { tags, status: ended ? 'retired' : product.status };
}

/** A policy as the decision wants it: one of a domain or product by its name, which is whom it speaks for. */
export function policySource({ scope, file, text }: PolicyText): PolicySource {
  if (scope === null) return { level: 'mesh', name: file, text };
  return { level: scope.includes('.') ? 'product' : 'domain', name: scope, text };
}

/** The policies that speak to a product: its own, its domain's and the mesh's; and what they may read of it. */
export function policyFactsOf(reader: Reader, scope: Question<Action>['scope'] = {}): Promise<PolicyFacts> {
  return listPolicyFacts(reader, scopesOf(scope));
}

function scopesOf(scope: Question<Action>['scope'] = {}): string[] {
  return [MESH_SCOPE, scope.domainId, scope.productId].filter((id) => id !== undefined);
}

export function principalOf(
  caller: Pick<Caller, 'id' | 'kind' | 'administrator' | 'attributes' | 'agent'> & {
    groups?: string[] | null;
    claims?: Record<string, string | string[]> | null;
    domains: Pick<CallerDomain, 'name' | 'role'>[];
  },
): Principal {
  return {
    id: caller.id,
    kind: caller.kind === 'person' ? 'person' : 'service-account',
    administrator: caller.administrator,
    roles: caller.domains.map(({ name, role }) => ({ domain: name, role })),
    attributes: caller.attributes,
    ...(caller.groups && { groups: caller.groups }),
    ...(caller.claims && { claims: caller.claims }),
    ...(caller.agent && { agent: caller.agent }),
  };
}

function nameOf(resource: Untagged<Resource>): string {
  switch (resource.type) {
    case 'Mesh':
      return MESH_NAME;
    case 'Domain':
      return resource.domain;
    case 'Product':
      return `${resource.domain}.${resource.product}`;
    case 'Dataset':
      return `${resource.domain}.${resource.product}.${resource.dataset}`;
    case 'Source':
      return `${resource.domain}/${resource.source}`;
    case 'Subscription':
      return resource.id;
  }
}

/** The id beside the name, as far as the question knows it. */
function idOf({ resource, scope }: Pick<Question<Action>, 'resource' | 'scope'>): { objectId?: string } {
  const { type } = resource as Untagged<Resource>;
  const id = type === 'Product' ? scope?.productId : type === 'Domain' ? scope?.domainId : undefined;
  return id === undefined ? {} : { objectId: id };
}
