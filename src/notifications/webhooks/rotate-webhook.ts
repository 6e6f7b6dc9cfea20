import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import { operation } from '../../identity/context.ts';
import { readWebhook } from './read-webhook.ts';
import { newSigningSecret } from './signature.ts';
import { findWebhook, replaceSecrets } from './store.ts';
import { viewWebhook, WEBHOOK_VIEW } from './views.ts';

const HOUR_MS = 3_600_000;

export const rotateWebhook = operation({
  name: 'webhook.rotate',
  summary: 'Give an endpoint a new secret, shown once; for some hours the former one signs too.',
  effect: 'write',
  http: { method: 'POST', path: '/webhooks/:id/rotate' },
  scope: 'write',
  input: z.object({
    id: z.string(),
    hours: z.coerce.number().int().min(0).max(168).default(24).describe('how long both sign; 0: not at all'),
  }),
  output: WEBHOOK_VIEW.extend({ secret: z.string().describe('whsec_…: shown only now') }),
  async run(context, { id, hours }) {
    const { webhook, granted } = await readWebhook(context, id);
    const { secrets, clock, database } = context;
    if (secrets === null) throw new MeshError('secret.no-key');
    const secret = newSigningSecret();
    const at = clock.now();
    const formerUntil = hours === 0 ? null : new Date(at.getTime() + hours * HOUR_MS);
    await database.transact(async (transaction) => {
      const replaced = await replaceSecrets(transaction, {
        id,
        was: webhook.secret,
        secret: secrets.seal(secret, id),
        former: formerUntil === null ? null : webhook.secret,
        formerUntil,
      });
      if (!replaced) throw new MeshError('conflict', { facts: { what: `the secret of ${id}` } });
      await recordChange(context, transaction, {
        action: 'webhook.rotate',
        object: id,
        domainId: webhook.domain_id,
        ...ruledBy(granted),
        facts: { hours },
      });
    });
    const now = (await findWebhook(database.reader, id)) ?? webhook;
    return { ...viewWebhook(now, { domain: webhook.domain, now: at }), secret };
  },
});
