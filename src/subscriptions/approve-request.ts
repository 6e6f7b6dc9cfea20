import { z } from 'zod';
import { recordChange } from '../audit/record-change.ts';
import { operation } from '../identity/context.ts';
import { printRowFilter } from '../policy/row-filter-print.ts';
import { listDatasets } from '../products/store.ts';
import { announceSubscription } from './announce-subscription.ts';
import { readUntil, UNTIL } from './end-date.ts';
import { NARROWING, readGrant } from './grant.ts';
import { needState, readSubscription } from './read-subscription.ts';
import { findSubscription, markApproved } from './store.ts';
import { SUBSCRIPTION_VIEW, viewSubscription } from './views.ts';

export const approveRequest = operation({
  name: 'subscription.approve',
  summary:
    'Approve a request, narrowing rows, columns, masks and end date as you wish. The next query counts.',
  effect: 'write',
  http: { method: 'POST', path: '/requests/:id/approve' },
  scope: 'write',
  input: z.object({ id: z.string(), ...NARROWING, until: UNTIL }),
  output: SUBSCRIPTION_VIEW,
  async run(context, input) {
    const { subscription, granted } = await readSubscription(context, input.id, 'subscription.approve');
    if (subscription.state === 'active') return viewSubscription(subscription);
    needState(subscription, 'requested');
    const access = readGrant(input, await listDatasets(context.database.reader, subscription.product_id));
    const until = earlier(readUntil(input.until, context.clock.now()), subscription.requested_until);
    await context.database.transact(async (transaction) => {
      const approval = {
        id: input.id,
        granted: access,
        until,
        decidedBy: context.caller.id,
        at: context.clock.now(),
      };
      if (!(await markApproved(transaction, approval))) return;
      await recordChange(context, transaction, {
        action: 'subscription.approve',
        object: input.id,
        domainId: subscription.producer_id,
        reasons: granted.reasons,
        facts: {
          consumer: subscription.consumer,
          purpose: subscription.purpose,
          columns: access.columns,
          rows: access.rowFilter === null ? null : printRowFilter(access.rowFilter),
          masks: access.masks,
          until: until?.toISOString() ?? null,
        },
      });
      const { at, decidedBy: actor } = approval;
      await announceSubscription(context, transaction, {
        id: input.id,
        type: 'subscription.approved',
        at,
        actor,
      });
    });
    return viewSubscription((await findSubscription(context.database.reader, input.id))!);
  },
});

/** The approver may shorten what was asked for, not lengthen it. */
function earlier(given: Date | null, asked: Date | null): Date | null {
  if (given === null || asked === null) return given ?? asked;
  return given < asked ? given : asked;
}
