import { authorize } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import type { Granted } from '../policy/decide.ts';
import { inheritTags, readTags } from '../policy/tags.ts';
import { seesDomain } from '../products/visible-domains.ts';
import { isChange, isSame } from './change.ts';
import type { MeshChanges } from './plan-changes.ts';
import type { DomainPlan } from './plan-domain.ts';
import type { ProductPlan } from './product-plan.ts';
import { findOpenDomain } from './state/store.ts';
import type { Permits } from './writing.ts';

/** What a caller wants to apply: the whole mesh, or one domain. */
export type Scope = { kind: 'mesh' } | { kind: 'domain'; name: string };

/** The permission to apply at all; only administrators apply the mesh, or bring a new domain into it. */
export async function permitApply(context: Context, scope: Scope): Promise<Permits['apply']> {
  const known =
    scope.kind === 'domain' ? await findOpenDomain(context.database.reader, scope.name) : undefined;
  // A domain that the caller does not see is refused as one that would be new.
  if (known === undefined || !(await seesDomain(context, known))) {
    return authorize(context, { action: 'mesh.administer', resource: { type: 'Mesh' } });
  }
  return authorize(context, {
    action: 'domain.apply',
    resource: { type: 'Domain', domain: known.name },
    scope: { domainId: known.id },
  });
}

/** What the changes of one domain need beyond applying it. */
export interface Needs {
  administer: boolean;
  restrict: boolean;
  products: ProductPlan[];
  publish: ProductPlan[];
}

/** What requests are asked, and what an emergency gives, is the stewards' matter, as who may use a product is. */
function asksAnew({ declared, stored }: DomainPlan): boolean {
  const before = stored?.row.document ?? {};
  return (
    declared !== null &&
    (['requests', 'breakGlass'] as const).some(
      (key) => !isSame(declared.document[key] ?? {}, before[key] ?? {}),
    )
  );
}

export function needsOf(plan: DomainPlan): Needs {
  const { members, policies, restrictions, products } = plan;
  return {
    administer: members.some(isChange),
    restrict: [...policies, ...restrictions].some(isChange) || asksAnew(plan),
    products: products.filter(({ rules }) => rules),
    publish: products.filter(({ publish }) => publish),
  };
}

/**
 * Asks for every permission that the changes need: members are the owners' matter, who may use a product and
 * what of it the stewards', offering it the engineers'.
 * @throws MeshError `auth.forbidden`
 */
export async function permitChanges(
  context: Context,
  changes: MeshChanges,
  apply: Permits['apply'],
): Promise<Permits> {
  const permits: Permits = { apply, publish: new Map(), others: new Set() };
  for (const plan of changes.domains) await permitDomain(context, plan, permits);
  return permits;
}

async function permitDomain(context: Context, plan: DomainPlan, permits: Permits): Promise<void> {
  const domainId = plan.stored?.row.id;
  const scope = domainId === undefined ? {} : { domainId };
  const domain = { type: 'Domain' as const, domain: plan.name };
  const { administer, restrict, products, publish } = needsOf(plan);
  if (administer) await authorize(context, { action: 'domain.administer', resource: domain, scope });
  if (restrict) await authorize(context, { action: 'domain.restrict', resource: domain, scope });
  for (const product of products) {
    await authorize(context, { action: 'product.restrict', ...questionOf(product, plan) });
  }
  for (const product of publish) {
    const granted: Granted<'product.publish'> = await authorize(context, {
      action: 'product.publish',
      ...questionOf(product, plan),
    });
    permits.publish.set(product.change.name, granted);
  }
  for (const need of namesOf(plan)) permits.others.add(need);
}

function questionOf({ change, declared, stored }: ProductPlan, plan: DomainPlan) {
  const [domain = '', product = ''] = change.name.split('.');
  const domainId = plan.stored?.row.id;
  const productId = stored?.row.id;
  const tags = inheritTags(readTags(plan.declared?.tags ?? []), readTags(declared?.tags ?? []));
  return {
    resource: { type: 'Product' as const, domain, product },
    declared: { tags, status: 'draft' as const },
    scope: {
      ...(domainId === undefined ? {} : { domainId }),
      ...(productId === undefined ? {} : { productId }),
    },
  };
}

function namesOf(plan: DomainPlan): string[] {
  const { administer, restrict, products, publish } = needsOf(plan);
  return [
    ...(administer ? [`domain.administer ${plan.name}`] : []),
    ...(restrict ? [`domain.restrict ${plan.name}`] : []),
    ...products.map(({ change }) => `product.restrict ${change.name}`),
    ...publish.map(({ change }) => `product.publish ${change.name}`),
  ];
}

/**
 * The plan made again under the lock may not need more than was permitted before it.
 * @throws MeshError `conflict`
 */
export function requirePermitted(plan: DomainPlan, permits: Permits): void {
  if (namesOf(plan).every((need) => permits.others.has(need))) return;
  throw new MeshError('conflict', { facts: { what: `domain ${plan.name}` } });
}
