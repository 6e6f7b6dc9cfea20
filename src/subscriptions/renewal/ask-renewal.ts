import { z } from 'zod';
import { authorize, decideWith, policyFactsOf } from '../../audit/decisions.ts';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import { type Context, operation } from '../../identity/context.ts';
import type { Granted } from '../../policy/decide.ts';
import { productQuestion } from '../../products/visible-products.ts';
import type { Transaction } from '../../store/database.ts';
import { announceSubscription } from '../announce-subscription.ts';
import { readUntil, UNTIL } from '../end-date.ts';
import { needConsumer, needState, readSubscription } from '../read-subscription.ts';
import { findSubscription, lockSubscription, type NamedSubscription } from '../store.ts';
import { POLICY } from '../submit-requests.ts';
import { SUBSCRIPTION_VIEW, viewSubscription } from '../views.ts';
import { insertRenewal } from './store.ts';
import { writeRenewalStep } from './write-step.ts';

export const askRenewal = operation({
  name: 'subscription.renew',
  summary:
    'Ask to keep a subscription for longer, as it is. Access goes on if it is approved before the end.',
  effect: 'write',
  http: { method: 'POST', path: '/subscriptions/:id/renew' },
  scope: 'write',
  input: z.object({
    id: z.string(),
    until: UNTIL.unwrap(),
    note: z.string().trim().min(3).max(500).optional().describe('why it is needed for longer'),
  }),
  output: SUBSCRIPTION_VIEW,
  async run(context, { id, until: end, note }) {
    const { subscription } = await readSubscription(context, id, 'subscription.read');
    needConsumer(context, subscription, 'renew');
    const until = readUntil(end, context.clock.now())!;
    const asked = { subscription, until, note: note ?? null };
    if (isAskedAlready(asked)) return viewSubscription(subscription);
    judge(asked, context.clock.now());
    const question = {
      ...productQuestion('product.request', productOf(subscription)),
      purpose: subscription.purpose,
    };
    const granted = await authorize(context, question);
    await context.database.transact((transaction) => write(context, transaction, { ...asked, granted }));
    return viewSubscription((await findSubscription(context.database.reader, id))!);
  },
});

interface Asked {
  subscription: NamedSubscription;
  until: Date;
  note: string | null;
}

function isAskedAlready({ subscription: { renewal }, until }: Asked): boolean {
  return renewal !== null && renewal.until === isoTime(until);
}

function judge({ subscription, until }: Asked, now: Date): void {
  needState(subscription, 'active');
  const { id, renewal, until: end } = subscription;
  if (renewal !== null)
    throw new MeshError('subscription.renewal-waits', { facts: { id, renewal: renewal.id } });
  // The state follows within a minute; access has ended already.
  if (end !== null && end <= now) {
    throw new MeshError('subscription.state', { facts: { id, state: 'expired', needed: 'active' } });
  }
  if (end !== null && until > end) return;
  const message =
    end === null ? 'it has no end: nothing to renew' : `it lasts until then already (${isoTime(end)})`;
  throw new MeshError('input.invalid', { problems: [{ message, pointer: '/until' }] });
}

function productOf({
  product_id: id,
  producer_id: domain_id,
  producer: domain,
  product: name,
}: NamedSubscription) {
  return { id, domain_id, domain, name };
}

async function write(
  context: Context,
  transaction: Transaction,
  { until, note, granted, ...asked }: Asked & { granted: Granted<'product.request'> },
): Promise<void> {
  const subscription = await lockSubscription(transaction, asked.subscription.id);
  // Somebody asked the same a moment ago.
  if (subscription === undefined || isAskedAlready({ subscription, until, note })) return;
  judge({ subscription, until, note }, context.clock.now());
  const at = context.clock.now();
  const { id, purpose, consumer, producer_id: domainId, product_id: productId } = subscription;
  const renewal = { subscriptionId: id, until, note, requestedBy: context.caller.id, at };
  const renewalId = await insertRenewal(transaction, renewal);
  await recordChange(context, transaction, {
    action: 'subscription.renew',
    object: id,
    domainId,
    ...ruledBy(granted),
    facts: { consumer, purpose, renewal: renewalId, until: isoTime(until), note },
  });
  const policies = await policyFactsOf(transaction, { domainId, productId });
  const question = { ...productQuestion('product.subscribe', productOf(subscription)), purpose };
  const subscribe = decideWith(context, question, policies);
  if (subscribe.allowed) {
    const step = { id: renewalId, subscriptionId: id, step: 'owner', until: null, by: POLICY } as const;
    await writeRenewalStep(context, transaction, { ...step, ...ruledBy(subscribe.granted) });
    return;
  }
  const news = { id, type: 'subscription.requested', at, actor: context.caller.id } as const;
  await announceSubscription(context, transaction, { ...news, data: { renewal: renewalId } });
}
