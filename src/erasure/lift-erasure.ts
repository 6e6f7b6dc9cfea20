import { z } from 'zod';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { readOwnErasure } from './read-own-erasure.ts';
import { deleteTombstones } from './store.ts';

export const liftErasure = operation({
  name: 'erasure.lift',
  summary: 'Let a subject that was erased come in again, for somebody who is a customer once more.',
  effect: 'write',
  http: { method: 'POST', path: '/erasures/:id/lift' },
  scope: 'write',
  input: z.object({ id: z.string(), reason: z.string().trim().min(1).max(500) }),
  output: z.object({ id: z.string(), lifted: z.literal(true) }),
  async run(context, { id, reason }) {
    const { erasure, granted } = await readOwnErasure(context, id);
    if (erasure.state !== 'done') {
      const what = `an erasure ${id} that was carried out`;
      throw new MeshError('not-found', { facts: { what } });
    }
    await context.database.transact(async (transaction) => {
      const hashes = await deleteTombstones(transaction, id);
      await recordChange(context, transaction, {
        action: 'erasure.lift',
        object: id,
        domainId: erasure.domain_id,
        ...ruledBy(granted),
        facts: { reason, hash: erasure.subject_hash, hashes },
      });
    });
    return { id, lifted: true as const };
  },
});
