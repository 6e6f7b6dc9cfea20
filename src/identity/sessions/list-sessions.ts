import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { operation } from '../context.ts';
import { listOpenSessions } from './store.ts';

export const listSessions = operation({
  name: 'session.list',
  summary: 'Where you are signed in with a browser.',
  effect: 'read',
  http: { method: 'GET', path: '/sessions' },
  scope: 'read',
  input: z.object({}),
  output: z.object({
    sessions: z.array(
      z.object({
        id: z.string(),
        method: z.string(),
        device: z.string(),
        address: z.string(),
        startedAt: z.string(),
        seenAt: z.string(),
        expiresAt: z.string(),
        current: z.boolean(),
      }),
    ),
  }),
  async run({ caller, clock, database }) {
    const rows = await listOpenSessions(database.reader, caller.id, clock.now());
    return {
      sessions: rows.map(({ id, method, device, address, ...row }) => ({
        id,
        method,
        device,
        address,
        startedAt: isoTime(row.created_at),
        seenAt: isoTime(row.seen_at),
        expiresAt: isoTime(row.expires_at),
        current: id === caller.tokenId,
      })),
    };
  },
});
