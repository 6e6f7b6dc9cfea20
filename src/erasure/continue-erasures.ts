import type { Parts } from '../identity/context.ts';
import { listOpenErasures } from './store.ts';

/** Queues a job for each erasure that has not ended: one whose jobs were tried too often goes on all the same. */
export async function continueErasures(parts: Parts): Promise<void> {
  for (const erasureId of await listOpenErasures(parts.database.reader)) {
    await parts.database.transact((transaction) =>
      parts.queue.enqueue(transaction, {
        kind: 'erase-subject',
        data: { erasureId },
        singletonKey: erasureId,
      }),
    );
  }
}
