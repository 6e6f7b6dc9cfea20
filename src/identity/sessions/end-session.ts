import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { operation } from '../context.ts';
import { recordIdentityChange } from '../record-identity-change.ts';
import { endSessions } from './store.ts';

export const endSession = operation({
  name: 'session.end',
  summary: 'Sign a browser of yours out, wherever it is.',
  effect: 'write',
  http: { method: 'DELETE', path: '/sessions/:id' },
  scope: 'write',
  input: z.object({ id: z.string().max(100) }),
  output: z.object({ id: z.string(), ended: z.literal(true) }),
  async run(context, { id }) {
    const { caller, clock, database } = context;
    await database.transact(async (transaction) => {
      const at = clock.now();
      const ended = await endSessions(transaction, { principalId: caller.id, at, ids: [id] });
      if (ended.length === 0) throw new MeshError('not-found', { facts: { what: `session ${id}` } });
      await recordIdentityChange(context, transaction, { action: 'session.end', object: id });
    });
    return { id, ended: true as const };
  },
});
