import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Context, operation } from '../../identity/context.ts';
import { readVisibleDomain } from '../../products/visible-domains.ts';
import { EVENT_TYPES } from '../../store/outbox.ts';
import { isPublicAddress } from '../../base/public-address.ts';
import { mayNotify } from './read-webhook.ts';
import { newSigningSecret } from './signature.ts';
import { countWebhooks, findWebhook, insertWebhook } from './store.ts';
import { viewWebhook, WEBHOOK_VIEW } from './views.ts';

const MAX_URL = 2_000;
const MAX_PRODUCTS = 100;

export const createWebhook = operation({
  name: 'webhook.create',
  summary: 'Send the events of a domain to an address. The signing secret is shown once.',
  effect: 'write',
  http: { method: 'POST', path: '/domains/:domain/webhooks' },
  scope: 'write',
  input: z.object({
    domain: z.string(),
    url: z.string().max(MAX_URL).describe('https://…'),
    description: z.string().trim().max(500).default(''),
    types: z
      .array(z.enum(EVENT_TYPES))
      .max(EVENT_TYPES.length)
      .default([])
      .describe('only these; default all'),
    products: z
      .array(z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'write it as DOMAIN.PRODUCT'))
      .max(MAX_PRODUCTS)
      .default([])
      .describe('only events of these products, DOMAIN.PRODUCT; default all'),
  }),
  output: WEBHOOK_VIEW.extend({ secret: z.string().describe('whsec_…: shown only now') }),
  async run(context, input) {
    const { caller, clock, database, secrets } = context;
    const domain = await readVisibleDomain(context, input.domain);
    const granted = await mayNotify(context, domain);
    if (secrets === null) throw new MeshError('secret.no-key');
    const url = judgeUrl(context, input.url);
    await judgeAddress(context, url);
    const id = newId('whk');
    const secret = newSigningSecret();
    const at = clock.now();
    await database.transact(async (transaction) => {
      if ((await countWebhooks(transaction, domain.id)) >= LIMITS.webhooks) {
        throw new MeshError('webhook.limit', { facts: { domain: domain.name, limit: LIMITS.webhooks } });
      }
      await insertWebhook(transaction, {
        ...{ id, domainId: domain.id, url: url.href, description: input.description },
        ...{ types: [...new Set(input.types)], products: [...new Set(input.products)] },
        ...{ secret: secrets.seal(secret, id), createdBy: caller.id, at },
      });
      await recordChange(context, transaction, {
        action: 'webhook.create',
        object: id,
        domainId: domain.id,
        ...ruledBy(granted),
        // The rest of the address may hold a key of the receiver.
        facts: { host: url.host, types: input.types, products: input.products },
      });
    });
    const made = (await findWebhook(database.reader, id))!;
    return { ...viewWebhook(made, { domain: domain.name, now: at }), secret };
  },
});

function judgeUrl({ settings }: Context, text: string): URL {
  const refuse = (message: string) =>
    new MeshError('input.invalid', { problems: [{ message, pointer: '/url' }] });
  if (!URL.canParse(text)) throw refuse('this is not an address: write https://host/path');
  const url = new URL(text);
  const secure = url.protocol === 'https:';
  if (!secure && !(settings.webhookHttp && url.protocol === 'http:')) {
    throw refuse('an endpoint must be https://…');
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('an address carries no user and password: events are signed instead');
  }
  if (url.hash !== '') throw refuse('an address of an endpoint has no #fragment');
  return url;
}

/** Said at once where it is known; what counts is the check of each connection. */
async function judgeAddress({ settings }: Context, { hostname }: URL): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, '');
  // A name that cannot be resolved now may be there later.
  const addresses =
    isIP(host) === 0 ? await lookup(host, { all: true }).catch(() => []) : [{ address: host }];
  if (addresses.every(({ address }) => isPublicAddress(address, settings.webhookNetworks))) return;
  throw new MeshError('webhook.address', { facts: { host } });
}
