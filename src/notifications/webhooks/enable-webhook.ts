import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { operation } from '../../identity/context.ts';
import { readWebhook } from './read-webhook.ts';
import { findWebhook, markEnabled } from './store.ts';
import { viewWebhook, WEBHOOK_VIEW } from './views.ts';

export const enableWebhook = operation({
  name: 'webhook.enable',
  summary: 'Send to a disabled endpoint again; what happened meanwhile is not sent.',
  effect: 'write',
  http: { method: 'POST', path: '/webhooks/:id/enable' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: WEBHOOK_VIEW,
  async run(context, { id }) {
    const { webhook, granted } = await readWebhook(context, id);
    await context.database.transact(async (transaction) => {
      if (!(await markEnabled(transaction, id))) return;
      await recordChange(context, transaction, {
        action: 'webhook.enable',
        object: id,
        domainId: webhook.domain_id,
        ...ruledBy(granted),
        facts: { disabled: webhook.disabled_reason },
      });
    });
    const now = (await findWebhook(context.database.reader, id)) ?? webhook;
    return viewWebhook(now, { domain: webhook.domain, now: context.clock.now() });
  },
});
