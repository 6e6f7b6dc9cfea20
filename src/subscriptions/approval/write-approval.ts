import { recordChange } from '../../audit/record-change.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import { printRowFilter } from '../../policy/row-filter-print.ts';
import type { Transaction } from '../../store/database.ts';
import type { RequestStep } from '../../store/schema.ts';
import { announceSubscription } from '../announce-subscription.ts';
import { markDelegated } from '../delegations/store.ts';
import { earlierEnd } from '../end-date.ts';
import type { GrantedAccess } from '../grant.ts';
import { lockSubscription, markApproved, type NamedSubscription } from '../store.ts';
import { needDeclaredTags } from './grant-tags.ts';
import { leftOfRequest } from './left-of-request.ts';
import { narrowFurther, personalIn, wideningProblems } from './narrow.ts';
import { insertDecision, listPersonalColumns, markStep } from './store.ts';

/** One step approved: what of the request it leaves. */
export interface StepApproval {
  id: string;
  step: RequestStep;
  granted: GrantedAccess;
  until: Date | null;
  by: string;
  /** Given before anybody asked, by `grants.yaml`: of what was asked for it gives what it can. */
  beforehand?: true;
  reasons: readonly string[];
  /** Version of the policies that allowed it; absent where none were asked. */
  policies?: string | null;
  /** The delegation it is approved under: found, and locked in this transaction. */
  delegationId?: string | undefined;
}

/**
 * Approves one step of a request, in the transaction given; after its last step it is a subscription. Every
 * way to an approval comes here: a person's, a policy's, `grants.yaml`. False when the request does not wait
 * for this step any more, or nothing of it is given beforehand.
 * @throws MeshError `subscription.grant-invalid` where it gives what an earlier step left out
 */
export async function writeApproval(
  context: Context,
  transaction: Transaction,
  approval: StepApproval,
): Promise<boolean> {
  if (approval.granted.tags !== undefined) await needDeclaredTags(transaction, approval.granted.tags);
  const request = await lockSubscription(transaction, approval.id);
  if (request === undefined || request.step !== approval.step) return false;
  const left = leftOfRequest(request);
  const problems = wideningProblems(left.granted, approval.granted);
  if (problems.length > 0 && !approval.beforehand)
    throw new MeshError('subscription.grant-invalid', { problems });
  const granted = narrowFurther(left.granted, approval.granted);
  if (granted.columns?.length === 0) return false;
  const until = earlierEnd(left.until, approval.until);
  const personal = personalIn(granted, await listPersonalColumns(transaction, request.product_id));
  const at = context.clock.now();
  const { id, step, by } = approval;
  const decision = {
    ...approval,
    requestId: id,
    subscriptionId: id,
    decision: 'approved',
    reason: null,
    at,
  } as const;
  await insertDecision(transaction, decision);
  const isLast = step === 'privacy' || personal.length === 0;
  const given = { ...granted, personal };
  if (isLast) await markApproved(transaction, { id, granted: given, until, decidedBy: by, at });
  else await markStep(transaction, { id, step: 'privacy' });
  if (approval.delegationId !== undefined) await markDelegated(transaction, id, approval.delegationId);
  await record({ context, transaction, request }, { ...approval, granted: given, until });
  const type = isLast ? 'subscription.approved' : 'subscription.privacy-requested';
  await announceSubscription(context, transaction, { id, type, at, actor: context.caller.id });
  return true;
}

interface Recording {
  context: Context;
  transaction: Transaction;
  request: NamedSubscription;
}

async function record(
  { context, transaction, request }: Recording,
  { id, step, granted, until, reasons, policies, delegationId }: StepApproval,
): Promise<void> {
  const { columns, tags = null, rowFilter, masks, personal = [] } = granted;
  await recordChange(context, transaction, {
    action: step === 'owner' ? 'subscription.approve' : 'subscription.approve-privacy',
    object: id,
    domainId: request.producer_id,
    reasons,
    policies: policies ?? null,
    facts: {
      product: `${request.producer}.${request.product}`,
      consumer: request.consumer,
      purpose: request.purpose,
      step,
      columns,
      tags,
      rows: rowFilter === null ? null : printRowFilter(rowFilter),
      masks,
      personal,
      until: until === null ? null : isoTime(until),
      ...(delegationId === undefined ? {} : { delegation: delegationId }),
    },
  });
}
