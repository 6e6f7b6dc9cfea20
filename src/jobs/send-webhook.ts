import type { Parts } from '../identity/context.ts';
import { sendWebhook } from '../notifications/webhooks/send-webhook.ts';

/** One attempt; the next one is a job of its own, queued with the record of this one. */
export async function sendWebhookJob(parts: Parts, stopping: AbortSignal): Promise<void> {
  await parts.queue.work('send-webhook', async ({ data, signal }) => {
    await sendWebhook(parts, data.deliveryId, { signal: AbortSignal.any([signal, stopping]) });
  });
}
