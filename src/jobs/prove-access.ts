import type { Parts } from '../identity/context.ts';
import { proveAccess } from '../serving/canaries/prove-access.ts';
import { proveSubscription } from '../serving/canaries/prove-subscription.ts';

/** Each minute a round over all grants; the end of a grant is proven at once. */
export async function proveAccessJob(parts: Parts, stopping: AbortSignal): Promise<void> {
  await parts.queue.work('prove-access', async ({ signal }) => {
    const { drift } = await proveAccess(parts, AbortSignal.any([signal, stopping]));
    if (drift > 0) parts.log.error({ drift }, 'what can be read is not what was granted');
  });
  await parts.queue.work('prove-subscription', async ({ data, signal }) => {
    await proveSubscription(parts, data.subscriptionId, AbortSignal.any([signal, stopping]));
  });
  await parts.queue.schedule('prove-access', '* * * * *');
}
