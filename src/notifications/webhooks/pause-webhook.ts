import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { operation } from '../../identity/context.ts';
import { readWebhook } from './read-webhook.ts';
import { findWebhook, markDisabled } from './store.ts';
import { viewWebhook, WEBHOOK_VIEW } from './views.ts';

/** What an endpoint says that nobody disabled for its failures. */
const PAUSED = 'paused by its owners';

export const pauseWebhook = operation({
  name: 'webhook.pause',
  summary: 'Send nothing to an endpoint until it is enabled again; what happens meanwhile is not sent.',
  effect: 'write',
  http: { method: 'POST', path: '/webhooks/:id/pause' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: WEBHOOK_VIEW,
  async run(context, { id }) {
    const { webhook, granted } = await readWebhook(context, id);
    const at = context.clock.now();
    await context.database.transact(async (transaction) => {
      if (!(await markDisabled(transaction, { id, at, reason: PAUSED }))) return;
      await recordChange(context, transaction, {
        action: 'webhook.pause',
        object: id,
        domainId: webhook.domain_id,
        ...ruledBy(granted),
        facts: { host: new URL(webhook.url).host },
      });
    });
    const now = (await findWebhook(context.database.reader, id)) ?? webhook;
    return viewWebhook(now, { domain: webhook.domain, now: at });
  },
});
