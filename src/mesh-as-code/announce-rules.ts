import { announce } from '../store/outbox.ts';
import { isChange } from './change.ts';
import type { DomainPlan } from './plan-domain.ts';
import { needsOf } from './permits.ts';
import type { Writing } from './writing.ts';

/** Changes that the event names; the audit has them all. */
const NAMED = 20;

/**
 * Whoever runs the mesh may change a domain's members and rules, and never unseen: those who decided for the domain
 * until now are told by name, also when the change takes them out of it. That somebody gave themselves a role is
 * told to all of them, whoever it was.
 */
export async function announceRules(
  { context, transaction, at }: Writing,
  plan: DomainPlan,
  { domainId, given }: { domainId: string; given: MemberGiven[] },
): Promise<void> {
  const { administer, restrict, products } = needsOf(plan);
  const deciders = (plan.stored?.members ?? []).filter(({ role }) => role === 'owner' || role === 'steward');
  const isOwn = deciders.some(({ principalId }) => principalId === context.caller.id);
  const forSelf = ownRole(context.caller.id, given);
  if (deciders.length === 0 || !(administer || restrict || products.length > 0)) return;
  if (isOwn && forSelf === null) return;
  const rules = [...plan.members, ...plan.policies, ...plan.restrictions].filter(isChange);
  const changes = [...rules, ...products].map(({ change }) => {
    const role = change.kind === 'member' ? ` (${change.details.join(', ')})` : '';
    return `${change.action} ${change.kind} ${change.name}${role}`;
  });
  await announce(context, transaction, {
    type: 'domain.rules-changed',
    subject: plan.name,
    at,
    domainId,
    productId: null,
    audience: deciders.map(({ principalId }) => principalId),
    title:
      forSelf === null
        ? `${context.caller.name} changed who may do what in ${plan.name}`
        : `${context.caller.name} gave themselves the role ${forSelf} in ${plan.name}`,
    data: {
      by: context.caller.name,
      changes: changes.slice(0, NAMED),
      more: Math.max(0, changes.length - NAMED),
    },
    actor: context.caller.id,
  });
}

/** A member that was written: who it is and as what. */
export interface MemberGiven {
  principalId: string;
  role: string | null;
}

/** The role that whoever applies gave themselves; null where they did not. */
function ownRole(callerId: string, given: MemberGiven[]): string | null {
  return given.find(({ principalId }) => principalId === callerId)?.role ?? null;
}
