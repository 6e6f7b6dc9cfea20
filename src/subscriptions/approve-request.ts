import { ruledBy } from '../audit/record-change.ts';
import { z } from 'zod';
import { canonicalJson } from '../base/canonical.ts';
import { type Context, operation } from '../identity/context.ts';
import { listDatasets } from '../products/store.ts';
import { needTagRight } from './approval/grant-tags.ts';
import { needOtherThanRequester } from './approval/four-eyes.ts';
import { alreadyDecided, type Deciding, stepToDecide } from './approval/step-to-decide.ts';
import { writeApproval } from './approval/write-approval.ts';
import { underCeiling } from './delegations/ceiling.ts';
import { needLiving } from './delegations/find-right.ts';
import { findDelegation } from './delegations/store.ts';
import { earlierEnd, readUntil, UNTIL } from './end-date.ts';
import { type GrantedAccess, NARROWING, readGrant } from './grant.ts';
import { findSubscription, type NamedSubscription } from './store.ts';
import { SUBSCRIPTION_VIEW, type SubscriptionView, viewSubscription } from './views.ts';

const INPUT = z.object({ id: z.string(), ...NARROWING, until: UNTIL });

export const approveRequest = operation({
  name: 'subscription.approve',
  summary:
    'Approve the step that a request waits for, narrowing rows, columns, masks and end date as you wish. ' +
    'After the last step the next query counts.',
  effect: 'write',
  http: { method: 'POST', path: '/requests/:id/approve' },
  scope: 'write',
  input: INPUT,
  output: SUBSCRIPTION_VIEW,
  run: approve,
});

interface Given {
  granted: GrantedAccess;
  until: Date | null;
}

async function approve(context: Context, input: z.output<typeof INPUT>): Promise<SubscriptionView> {
  const { id } = input;
  const { reader } = context.database;
  const deciding = await stepToDecide(context, id);
  const { subscription } = deciding;
  const said = {
    granted: readGrant(input, await listDatasets(reader, subscription.product_id)),
    until: readUntil(input.until, context.clock.now()),
  };
  if (deciding.kind === 'decided')
    return answerAgain(deciding, await asDelegated(context, subscription, said));
  const { step, granted, delegation } = deciding;
  await needOtherThanRequester(context, subscription, step);
  await needTagRight(context, subscription, said.granted);
  const given = delegation === undefined ? said : within(said, delegation, subscription.asked_columns);
  const by = context.caller.id;
  const approval = { id, step, ...given, by, ...ruledBy(granted), delegationId: delegation?.id };
  const written = await context.database.transact(async (transaction) => {
    if (delegation !== undefined) await needLiving(context, transaction, delegation);
    return writeApproval(context, transaction, approval);
  });
  // Somebody was faster: theirs is the decision that this one is compared with.
  if (!written) return approve(context, input);
  return viewSubscription((await findSubscription(reader, id))!);
}

function within(
  said: Given,
  { ceiling, until }: { ceiling: GrantedAccess; until: Date | null },
  asked: string[] | null,
): Given {
  return { granted: underCeiling(said.granted, ceiling, asked), until: earlierEnd(said.until, until) };
}

/** What a delegate says again means what it meant the first time, whatever has become of the delegation. */
async function asDelegated(
  { database }: Context,
  { delegation_id: id, asked_columns: asked }: NamedSubscription,
  said: Given,
): Promise<Given> {
  const delegation = id === null ? undefined : await findDelegation(database.reader, id);
  return delegation === undefined ? said : within(said, delegation, asked);
}

/** The same decision once more is answered the same, any other one with the one that stands. */
function answerAgain(
  { subscription, decision }: Deciding & { kind: 'decided' },
  given: Given,
): SubscriptionView {
  const asked = subscription.requested_until;
  const end = (until: Date | null) => earlierEnd(until, asked)?.toISOString() ?? null;
  const isSame =
    decision.granted !== null &&
    sameGrant(decision.granted, given.granted) &&
    end(given.until) === end(decision.until === null ? null : new Date(decision.until));
  if (!isSame) throw alreadyDecided(subscription.id, decision);
  return viewSubscription(subscription);
}

function sameGrant(left: GrantedAccess, right: GrantedAccess): boolean {
  const said = ({ columns, tags = {}, rowFilter, masks }: GrantedAccess) =>
    canonicalJson({ columns: columns?.toSorted() ?? null, tags, rowFilter, masks });
  return said(left) === said(right);
}
