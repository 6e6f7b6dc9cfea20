import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { operation } from '../../identity/context.ts';
import { readWebhook } from './read-webhook.ts';
import { sendWebhook } from './send-webhook.ts';
import { insertDelivery, insertTestEvent } from './store.ts';

export const testWebhook = operation({
  name: 'webhook.test',
  summary: 'Send a signed test event now, once, and say what the endpoint answered.',
  effect: 'write',
  http: { method: 'POST', path: '/webhooks/:id/test' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: z.object({
    delivery: z.string(),
    delivered: z.boolean(),
    status: z.number().nullable(),
    error: z.string().nullable(),
    durationMs: z.number(),
  }),
  async run(context, { id }) {
    const { webhook, granted } = await readWebhook(context, id);
    const at = context.clock.now();
    const delivery = await context.database.transact(async (transaction) => {
      const eventId = await insertTestEvent(transaction, { webhook, at });
      const made = (await insertDelivery(transaction, { webhookId: id, eventId, at, nextAt: at }))!;
      await recordChange(context, transaction, {
        action: 'webhook.test',
        object: id,
        domainId: webhook.domain_id,
        ...ruledBy(granted),
        facts: { host: new URL(webhook.url).host, delivery: made },
      });
      return made;
    });
    const { signal } = context.request;
    const attempted = await sendWebhook(context, delivery, { signal, once: true });
    const { delivered = false, status = null, error = null, durationMs = 0 } = attempted ?? {};
    return { delivery, delivered, status, error, durationMs };
  },
});
