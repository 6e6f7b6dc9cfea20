import { z } from 'zod';
import { operation } from '../../identity/context.ts';
import { countUnread } from './store.ts';

/** A person with more has stopped counting. */
const MOST = 100;

export const countInbox = operation({
  name: 'inbox.count',
  summary: 'How many entries of your inbox you have not read.',
  effect: 'read',
  http: { method: 'GET', path: '/inbox/unread' },
  scope: 'read',
  input: z.object({}),
  output: z.object({
    unread: z.number().describe(`counted up to ${MOST}`),
    more: z.boolean().describe('there may be more than were counted'),
  }),
  async run({ caller, database }) {
    const unread = await countUnread(database.reader, caller.id, MOST);
    return { unread, more: unread === MOST };
  },
});
