import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { operation, type Context } from '../../identity/context.ts';
import { EVENT_TYPES, type EventType } from '../../store/outbox.ts';
import { listMuted, setMuted } from './store.ts';

const MEANINGS: Record<EventType, string> = {
  'dataset.released': 'a dataset you subscribe to has a new release',
  'dataset.erased':
    'a dataset that you offer or read was cleared of a data subject: copies have to be read anew',
  'run.failed': 'a run of your pipelines failed',
  'run.blocked': 'checks held a run of your pipelines back',
  'incident.opened': 'something is wrong with a dataset that you offer or read',
  'incident.closed': 'it is well again',
  'product.version.published': 'a product that you offer or read has a new version',
  'product.version.deprecated': 'a product that you offer or read will end',
  'product.version.sunset': 'a product that you offered or read has ended',
  'product.elevated': 'somebody reads a product of yours, or personal data, in an emergency',
  'product.elevation-ended': 'an emergency reading has ended',
  'subscription.requested': 'somebody asks for one of your products',
  'subscription.privacy-requested': 'a request waits for your approval of its use of personal data',
  'subscription.approved': 'your domain may read a product',
  'subscription.renewed': 'a subscription of your domain lasts longer',
  'subscription.rejected': 'a request of your domain was rejected',
  'subscription.revoked': 'access to a product was ended',
  'subscription.expiring': 'access of your domain, or to your product, ends in 14 or 3 days',
  'subscription.expired': 'the time of a subscription is over',
  'domain.rules-changed':
    'somebody from outside your domain, or of it for themselves, changed who may do what in it',
  'mesh.rules-changed': 'rules of the mesh that your data is under, or people named in it, have changed',
  'webhook.disabled': 'an endpoint of your domain takes nothing any more',
};

/** What everybody concerned has to know. */
const ALWAYS_TOLD: EventType[] = ['product.elevated'];

const VIEW = z.object({
  kinds: z.array(z.object({ type: z.enum(EVENT_TYPES), meaning: z.string(), on: z.boolean() })),
});

export const listPreferences = operation({
  name: 'inbox.preferences',
  summary: 'Which kinds of events come into your inbox.',
  effect: 'read',
  http: { method: 'GET', path: '/inbox/preferences' },
  scope: 'read',
  input: z.object({}),
  output: VIEW,
  run: (context) => view(context),
});

export const setPreference = operation({
  name: 'inbox.prefer',
  summary: 'Let a kind of events into your inbox, or keep it out from now on.',
  effect: 'write',
  http: { method: 'POST', path: '/inbox/preferences' },
  scope: 'read',
  input: z.object({ type: z.enum(EVENT_TYPES), on: z.boolean() }),
  output: VIEW,
  async run(context, { type, on }) {
    if (!on && ALWAYS_TOLD.includes(type)) {
      const problem = {
        message: `${type} cannot be turned off: an emergency is told to everybody it concerns`,
        pointer: '/on',
      };
      throw new MeshError('input.invalid', { problems: [problem] });
    }
    const preference = { principalId: context.caller.id, type, muted: !on };
    await context.database.transact((transaction) => setMuted(transaction, preference));
    return view(context);
  },
});

async function view({ caller, database }: Context): Promise<z.output<typeof VIEW>> {
  const muted = await listMuted(database.reader, caller.id);
  return {
    kinds: EVENT_TYPES.map((type) => ({ type, meaning: MEANINGS[type], on: !muted.includes(type) })),
  };
}
