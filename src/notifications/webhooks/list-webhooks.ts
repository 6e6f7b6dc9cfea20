import { z } from 'zod';
import { operation } from '../../identity/context.ts';
import { readVisibleDomain } from '../../products/visible-domains.ts';
import { mayNotify } from './read-webhook.ts';
import { listWebhooks } from './store.ts';
import { viewWebhook, WEBHOOK_VIEW } from './views.ts';

export const listDomainWebhooks = operation({
  name: 'webhook.list',
  summary: 'The endpoints that events of a domain are sent to.',
  effect: 'read',
  http: { method: 'GET', path: '/domains/:domain/webhooks' },
  scope: 'read',
  input: z.object({ domain: z.string() }),
  output: z.object({ webhooks: z.array(WEBHOOK_VIEW) }),
  async run(context, input) {
    const domain = await readVisibleDomain(context, input.domain);
    await mayNotify(context, domain);
    const rows = await listWebhooks(context.database.reader, domain.id);
    const facts = { domain: domain.name, now: context.clock.now() };
    return { webhooks: rows.map((row) => viewWebhook(row, facts)) };
  },
});
