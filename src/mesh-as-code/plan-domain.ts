import type { Problem } from '../base/errors.ts';
import type { Read, SourceRow } from '../store/schema.ts';
import { type Change, documentDifferences, type Item, matchItems } from './change.ts';
import type { DeclaredDomain, DeclaredMember, DeclaredSource } from './declaration.ts';
import { warnOfDerived } from './judge-offer.ts';
import { judgeProduct } from './judge-product.ts';
import { judgeTags } from './judge-tags.ts';
import { planPolicies, type ProductFacts, planProducts } from './plan-product.ts';
import type { PolicyItem, ProductPlan } from './product-plan.ts';
import { planRestrictions, type RestrictionItem } from './plan-restrictions.ts';
import {
  endSubscriptions,
  type PlannedSubscriptions,
  planSubscriptions,
  type SubscriptionFacts,
  type SubscriptionPlan,
} from './plan-subscriptions.ts';
import { type InputFacts, resolveInputs } from './resolve-inputs.ts';
import type { DomainState, MemberState } from './state.ts';
import type { TagFacts } from './tag-facts.ts';

export type MemberItem = Item<DeclaredMember, MemberState>;
export type SourceItem = Item<DeclaredSource, Read<SourceRow>>;

/** What an apply does to one domain: data that says everything and has done nothing. */
export interface DomainPlan extends Item<DeclaredDomain, DomainState> {
  name: string;
  members: MemberItem[];
  sources: SourceItem[];
  policies: PolicyItem[];
  restrictions: RestrictionItem[];
  products: ProductPlan[];
  subscriptions: SubscriptionPlan[];
  problems: Problem[];
  warnings: Problem[];
  /** Something refers to a product that is not in the store yet: the domain needs a second round. */
  waits: boolean;
}

export type DomainFacts = InputFacts & SubscriptionFacts & Pick<ProductFacts, 'offer'> & { tags: TagFacts };

/** What is to be done to make a domain as its folder says. Pure: equal facts give an equal plan. */
export function planDomain(
  declared: DeclaredDomain,
  stored: DomainState | null,
  facts: DomainFacts,
): DomainPlan {
  const { inputs, problems, warnings } = resolveInputs(declared, facts);
  const owners = declared.members.filter(({ role }) => role === 'owner').length;
  const productFacts = { domain: declared.name, owners, inputs, now: facts.now, offer: facts.offer };
  const products = planProducts(declared.products, stored?.products ?? [], productFacts);
  const subscriptions = planSubscriptions(declared, stored, facts);
  return {
    change: domainChange(declared, stored),
    declared,
    stored,
    name: declared.name,
    members: planMembers(declared.name, declared.members, stored?.members ?? []),
    sources: planSources(declared.name, declared.sources, stored?.sources ?? []),
    policies: planPolicies(declared.access, stored?.policies ?? [], declared.name),
    restrictions: planRestrictions(declared.restrictions, stored?.restrictions ?? [], declared.name),
    products,
    subscriptions: subscriptions.plans,
    problems: [
      ...problems,
      ...subscriptions.problems,
      ...judgeTags(declared, stored, facts.tags),
      ...products.flatMap(judgeProduct),
    ],
    warnings: [
      ...warnings,
      ...subscriptions.warnings,
      ...products.flatMap((product) => warnOfDerived(product, facts.offer)),
    ],
    waits: waitsForOthers(products, subscriptions),
  };
}

/** What is to be done to take a domain out of the mesh. */
export function planRemoval(
  stored: DomainState,
  { now, offer }: Pick<ProductFacts, 'now' | 'offer'>,
): DomainPlan {
  const { name } = stored.row;
  const productFacts = { domain: name, owners: 0, inputs: new Map(), now, offer };
  const products = planProducts([], stored.products, productFacts);
  return {
    change: { action: 'remove', kind: 'domain', name, details: [] },
    declared: null,
    stored,
    name,
    members: planMembers(name, [], stored.members),
    sources: planSources(name, [], stored.sources),
    policies: planPolicies([], stored.policies, name),
    restrictions: planRestrictions([], stored.restrictions, name),
    products,
    subscriptions: endSubscriptions(stored),
    problems: products.flatMap(judgeProduct),
    warnings: [],
    waits: false,
  };
}

/** Every change of a plan, and every thing that stays as it is. */
export function changesOf(plan: DomainPlan): Change[] {
  const ofProducts = plan.products.flatMap((product) => [
    product.change,
    ...[...product.access, ...product.restrictions, ...product.datasets].map(({ change }) => change),
    ...product.approvals.map(({ consumer, purpose }): Change => ({
      action: 'update',
      kind: 'subscription',
      name: `${consumer} to ${product.change.name}`,
      details: [purpose, 'approved by grants.yaml'],
    })),
  ]);
  const items = [...plan.members, ...plan.sources, ...plan.policies, ...plan.restrictions];
  return [
    plan.change,
    ...items.map(({ change }) => change),
    ...ofProducts,
    ...plan.subscriptions.map(({ change }) => change),
  ];
}

function domainChange(declared: DeclaredDomain, stored: DomainState | null): Change {
  const { name } = declared;
  if (stored === null) return { action: 'create', kind: 'domain', name, details: [] };
  const details = documentDifferences(declared, stored.row);
  if (stored.row.closed_at !== null) details.push('opened again');
  return { action: details.length > 0 ? 'update' : 'unchanged', kind: 'domain', name, details };
}

function planMembers(
  domain: string,
  declared: readonly DeclaredMember[],
  stored: readonly MemberState[],
): MemberItem[] {
  return matchItems<DeclaredMember, MemberState>({
    kind: 'member',
    declared,
    stored,
    keys: { declared: ({ key }) => key, stored: ({ email, name }) => email ?? `service ${name}` },
    name: (key) => `${key} in ${domain}`,
    differences: (left, right) => (left.role === right.role ? [] : [`role: ${right.role} -> ${left.role}`]),
    comes: ({ role }) => [`role: ${role}`],
    goes: ({ role }) => [`role was ${role}`],
  });
}

function planSources(
  domain: string,
  declared: readonly DeclaredSource[],
  stored: readonly Read<SourceRow>[],
): SourceItem[] {
  return matchItems<DeclaredSource, Read<SourceRow>>({
    kind: 'source',
    declared,
    stored,
    keys: { declared: ({ name }) => name, stored: ({ name }) => name },
    name: (name) => `${domain}/${name}`,
    differences: documentDifferences,
  });
}

function waitsForOthers(products: ProductPlan[], { plans }: PlannedSubscriptions): boolean {
  const unknownInput = products.some(({ datasets }) =>
    datasets.some(({ inputs }) =>
      inputs.some((input) => input.kind === 'dataset' && input.datasetId === null),
    ),
  );
  return unknownInput || plans.some(({ step, productId }) => step === 'request' && productId === null);
}
