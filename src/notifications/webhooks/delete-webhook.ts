import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { operation } from '../../identity/context.ts';
import { readWebhook } from './read-webhook.ts';
import { deleteWebhook } from './store.ts';

export const removeWebhook = operation({
  name: 'webhook.delete',
  summary: 'Send nothing more to an endpoint and forget it, with its secret and its deliveries.',
  effect: 'write',
  http: { method: 'DELETE', path: '/webhooks/:id' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string(), deleted: z.literal(true) }),
  async run(context, { id }) {
    const { webhook, granted } = await readWebhook(context, id);
    await context.database.transact(async (transaction) => {
      if (!(await deleteWebhook(transaction, id))) return;
      await recordChange(context, transaction, {
        action: 'webhook.delete',
        object: id,
        domainId: webhook.domain_id,
        ...ruledBy(granted),
        facts: { host: new URL(webhook.url).host },
      });
    });
    return { id, deleted: true as const };
  },
});
