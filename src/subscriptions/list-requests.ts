import { z } from 'zod';
import { whichAllowed } from '../audit/decisions.ts';
import { LIMITS } from '../base/limits.ts';
import { type Context, operation } from '../identity/context.ts';
import { readPrivacyApprovers } from './approval/store.ts';
import { holderIdsOf } from './delegations/find-right.ts';
import { listHeldProductIds } from './delegations/store.ts';
import { questionOf } from './read-subscription.ts';
import { listSubscriptions, type NamedSubscription } from './store.ts';
import { SUBSCRIPTION_STATES, SUBSCRIPTION_VIEW, viewSubscription } from './views.ts';

export const listRequests = operation({
  name: 'subscription.list-requests',
  summary: 'Requests of your domains (`mine`), or requests that wait for your decision (`to-decide`).',
  effect: 'read',
  http: { method: 'GET', path: '/requests' },
  scope: 'read',
  input: z.object({
    box: z.enum(['mine', 'to-decide']).default('mine'),
    state: z.enum(SUBSCRIPTION_STATES).optional(),
  }),
  output: z.object({ requests: z.array(SUBSCRIPTION_VIEW) }),
  async run(context, input) {
    const { caller, database } = context;
    const mine = caller.domains.map((domain) => domain.id);
    const deciding = caller.domains
      .filter(({ role }) => role === 'owner' || role === 'steward')
      .map(({ id }) => id);
    const limit = LIMITS.pageRows;
    if (input.box === 'mine') {
      const states = input.state === undefined ? undefined : [input.state];
      const rows = await listSubscriptions(database.reader, { consumerIds: mine, states, limit });
      return { requests: rows.map(viewSubscription) };
    }
    const { state = 'requested' } = input;
    const rows =
      state === 'requested'
        ? await waitingFor(context, deciding)
        : await listSubscriptions(database.reader, { producerIds: deciding, states: [state], limit });
    return { requests: rows.map(viewSubscription) };
  },
});

/** Requests and renewals that wait for the caller: as the producer or its delegate, or for their use of personal data. */
async function waitingFor(context: Context, producerIds: string[]): Promise<NamedSubscription[]> {
  const { reader } = context.database;
  const of = { producerIds, limit: LIMITS.pageRows };
  const delegatedIds = await listHeldProductIds(reader, holderIdsOf(context), context.clock.now());
  const asked = await listSubscriptions(reader, { ...of, delegatedIds, step: 'owner' });
  // Nobody decides under a delegation about requests of their own domain.
  const others = asked.filter(
    ({ producer_id, domain_id }) =>
      producerIds.includes(producer_id) || context.caller.domains.every(({ id }) => id !== domain_id),
  );
  return [
    ...others,
    ...(await listSubscriptions(reader, { ...of, renewalStep: 'owner' })),
    ...(await waitingForPrivacy(context)),
  ];
}

/** Requests whose use of personal data the caller may approve. */
async function waitingForPrivacy(context: Context): Promise<NamedSubscription[]> {
  const { reader } = context.database;
  const approvers = await readPrivacyApprovers(reader);
  const limit = LIMITS.pageRows;
  const rows = [
    ...(await listSubscriptions(reader, { step: 'privacy', limit })),
    ...(await listSubscriptions(reader, { renewalStep: 'privacy', limit })),
  ];
  const questions = rows.map((row) => questionOf('subscription.approve-privacy', row, approvers));
  const allowed = await whichAllowed(context, questions);
  return rows.filter(
    ({ decisions, renewal }, index) =>
      allowed[index] && (renewal?.decisions ?? decisions).every(({ byId }) => byId !== context.caller.id),
  );
}
