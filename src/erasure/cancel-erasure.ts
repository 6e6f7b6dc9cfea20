import { z } from 'zod';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { readOwnErasure } from './read-own-erasure.ts';
import { requestErasureCancel } from './store.ts';

export const cancelErasure = operation({
  name: 'erasure.cancel',
  summary: 'End an erasure that is not yet beyond the point of no return; nothing of it was done.',
  effect: 'write',
  http: { method: 'POST', path: '/erasures/:id/cancel' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string(), cancelRequested: z.literal(true) }),
  async run(context, { id }) {
    const { erasure, granted } = await readOwnErasure(context, id);
    await context.database.transact(async (transaction) => {
      if (!(await requestErasureCancel(transaction, id)))
        throw new MeshError('erasure.committed', { facts: { id } });
      await recordChange(context, transaction, {
        action: 'erasure.cancel',
        object: id,
        domainId: erasure.domain_id,
        ...ruledBy(granted),
      });
    });
    return { id, cancelRequested: true as const };
  },
});
