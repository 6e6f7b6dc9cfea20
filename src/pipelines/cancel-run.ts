import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { recordChange } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { recordRunEvent } from '../lineage/openlineage/record-run-event.ts';
import { findRun, markCancelRequested, markEnded } from './store.ts';

export const cancelRun = operation({
  name: 'run.cancel',
  summary:
    'Cancel a run: a waiting one ends at once, a running one within seconds; nothing of it is released.',
  effect: 'write',
  http: { method: 'POST', path: '/runs/:id/cancel' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string(), cancelRequested: z.literal(true) }),
  async run(context, input) {
    const run = await findRun(context.database.reader, input.id);
    if (run === undefined) throw new MeshError('not-found', { facts: { what: `run ${input.id}` } });
    const granted = await authorize(context, {
      action: 'product.run',
      resource: { type: 'Product', domain: run.domain, product: run.product },
      scope: { domainId: run.domainId, productId: run.productId },
    });
    await context.database.transact(async (transaction) => {
      const at = context.clock.now();
      const waited = run.state === 'queued';
      if (waited && (await markEnded(transaction, { id: run.id, state: 'cancelled', at }))) {
        await recordRunEvent(context, transaction, { runId: run.id, type: 'ABORT', at });
      }
      await markCancelRequested(transaction, run.id);
      await recordChange(context, transaction, {
        action: 'run.cancel',
        object: run.id,
        domainId: run.domainId,
        reasons: granted.reasons,
      });
    });
    return { id: run.id, cancelRequested: true as const };
  },
});
