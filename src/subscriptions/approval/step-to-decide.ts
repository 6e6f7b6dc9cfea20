import { authorize, decideWith, policyFactsOf } from '../../audit/decisions.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import type { PrivacyApprovers } from '../../policy/action.ts';
import type { Granted } from '../../policy/decide.ts';
import type { RequestStep } from '../../store/schema.ts';
import { findDelegatedRight } from '../delegations/find-right.ts';
import type { Holding } from '../delegations/store.ts';
import { findConcerning, needState, questionOf } from '../read-subscription.ts';
import type { NamedSubscription } from '../store.ts';
import type { StepDecision } from './store.ts';

const ACTION_OF = { owner: 'subscription.approve', privacy: 'subscription.approve-privacy' } as const;

export type StepAction = (typeof ACTION_OF)[RequestStep];

/** A step of a request that the caller may decide, or one that was decided already. */
export type Deciding = { subscription: NamedSubscription } & (
  | { kind: 'open'; step: RequestStep; granted: Granted<StepAction>; delegation: Holding | undefined }
  | { kind: 'decided'; decision: StepDecision }
);

/**
 * The step that a decision of this caller is about. Who has decided one step of a request has had their say:
 * what they send again is that decision once more, and never the next step's.
 * @throws MeshError `not-found`, `auth.forbidden`, `subscription.state`
 */
export async function stepToDecide(context: Context, id: string): Promise<Deciding> {
  const { subscription, approvers } = await findConcerning(context, id);
  const { step } = subscription;
  const decided = decidedSteps(subscription);
  const deciding = await decidingOf(context, { subscription, approvers, step, decided });
  if (deciding !== null) return deciding;
  needState(subscription, 'requested');
  throw new MeshError('internal', { detail: `the request ${id} waits for no step` });
}

interface Asked {
  subscription: NamedSubscription;
  approvers: PrivacyApprovers;
  /** What it waits for; null for what has ended. */
  step: RequestStep | null;
  decided: StepDecision[];
}

/** The same of a request or a renewal; null where it has ended without a decision. */
export async function decidingOf(
  context: Context,
  { subscription, approvers, step, decided }: Asked,
): Promise<Deciding | null> {
  const mine = decided.find(({ byId }) => byId === context.caller.id);
  if (mine !== undefined) return { subscription, kind: 'decided', decision: mine };
  // A renewal is decided by the producer alone: whoever has a ceiling does not lengthen what lies below it.
  const delegation =
    subscription.step === 'owner' ? await findDelegatedRight(context, subscription) : undefined;
  const ask = (one: RequestStep) => ({
    ...questionOf(ACTION_OF[one], subscription, approvers),
    ...(delegation === undefined || one !== 'owner' ? {} : { delegation: { id: delegation.id } }),
  });
  const policies = await policyFactsOf(context.database.reader, ask('owner').scope);
  const may = (one: RequestStep) => decideWith(context, ask(one), policies).allowed;
  if (step === null || !may(step)) {
    const decision = decided.findLast((one) => may(one.step));
    if (decision !== undefined) return { subscription, kind: 'decided', decision };
  }
  const granted = await authorize(context, ask(step ?? 'owner'));
  return step === null ? null : { subscription, kind: 'open', step, granted, delegation };
}

/** What was approved before steps were recorded had one, whose end is all that is known of it. */
function decidedSteps(subscription: NamedSubscription): StepDecision[] {
  const { decisions, state, granted, until, reason, decided_by, decided_at, decider } = subscription;
  const isDecided = state === 'active' || state === 'rejected';
  if (decisions.length > 0 || !isDecided || decided_by === null || decided_at === null) return decisions;
  return [
    {
      step: 'owner',
      decision: state === 'active' ? 'approved' : 'rejected',
      granted,
      until: until?.toISOString() ?? null,
      reason,
      byId: decided_by,
      by: decider ?? decided_by,
      at: decided_at.toISOString(),
    },
  ];
}

/** @throws MeshError `subscription.decided`: another decision stands, by whom and since when */
export function alreadyDecided(id: string, { step, decision, by, at }: StepDecision): MeshError {
  return new MeshError('subscription.decided', { facts: { id, step, decision, by, at } });
}
