import { forgetSignIns } from '../identity/forget-sign-ins.ts';
import type { Parts } from '../identity/context.ts';
import { forgetOldEvents } from '../notifications/forget.ts';
import { renewSecrets } from '../notifications/webhooks/maintain.ts';
import { removeOldTests } from '../serving/contract-tests/store.ts';
import { renewErasureKey } from '../pipelines/erased-subjects/erasure-key.ts';
import { maintainTables } from '../pipelines/maintain-tables.ts';

export async function maintainTablesJob(parts: Parts): Promise<void> {
  await parts.queue.work('maintain-tables', async () => {
    const done = await maintainTables(parts);
    if (done.expired + done.removed > 0) parts.log.info(done, 'tables maintained');
    await forgetOldEvents(parts);
    await parts.database.transact((transaction) => removeOldTests(transaction, parts.clock.now()));
    await forgetSignIns(parts);
    await renewSecrets(parts);
    await renewErasureKey(parts);
  });
  await parts.queue.schedule('maintain-tables', '17 * * * *');
}
