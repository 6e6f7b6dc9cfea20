import type { DomainPlan } from './plan-domain.ts';

/** Names of the domains, those that others read first, as far as there is no circle; removed ones last. */
export function domainOrder(plans: readonly DomainPlan[]): string[] {
  const reads = new Map(plans.map((plan) => [plan.name, domainsRead(plan)]));
  const order: string[] = [];
  const visited = new Set<string>();
  const visit = (name: string): void => {
    if (visited.has(name)) return;
    visited.add(name);
    for (const read of reads.get(name) ?? []) if (reads.has(read)) visit(read);
    order.push(name);
  };
  for (const plan of plans) if (plan.declared !== null) visit(plan.name);
  for (const plan of plans) visit(plan.name);
  return order;
}

function domainsRead({ products, subscriptions }: DomainPlan): string[] {
  const read = products
    .flatMap(({ datasets }) => datasets)
    .flatMap(({ inputs }) => inputs)
    .flatMap((input) => (input.kind === 'dataset' ? [input.product] : []));
  const subscribed = subscriptions.flatMap(({ declared }) => (declared === null ? [] : [declared.product]));
  return [...new Set([...read, ...subscribed].map((product) => product.slice(0, product.indexOf('.'))))];
}
