import type { Parts } from '../../identity/context.ts';
import { listAllWebhooks, replaceSecrets, takeOverdueDeliveries } from './store.ts';

/** A delivery whose time came this long ago has lost its job. */
const OVERDUE_MS = 15 * 60_000;
const BATCH = 200;

/** Queues deliveries again whose jobs died with their servers once too often. */
export async function resumeDeliveries(parts: Parts): Promise<number> {
  const at = parts.clock.now();
  const dueBefore = new Date(at.getTime() - OVERDUE_MS);
  return parts.database.transact(async (transaction) => {
    const ids = await takeOverdueDeliveries(transaction, { dueBefore, at, limit: BATCH });
    for (const deliveryId of ids) {
      await parts.queue.enqueue(transaction, { kind: 'send-webhook', data: { deliveryId } });
    }
    return ids.length;
  });
}

/** Seals secrets anew that an older key sealed, and forgets former ones whose time is over. Idempotent. */
export async function renewSecrets({ database, secrets, clock }: Parts): Promise<number> {
  if (secrets === null) return 0;
  const now = clock.now();
  let renewed = 0;
  let after = '';
  for (;;) {
    const rows = await listAllWebhooks(database.reader, after, BATCH);
    for (const { id, secret, former_secret, former_until } of rows) {
      const over = former_until !== null && former_until <= now;
      const former = over ? null : former_secret;
      const stale = [secret, former].some((sealed) => sealed !== null && !secrets.isCurrent(sealed));
      if (!over && !stale) continue;
      const anew = (sealed: string) => secrets.seal(secrets.open(sealed, id), id);
      const formerAnew = former === null ? null : anew(former);
      const formerUntil = over ? null : former_until;
      await database.transact((transaction) =>
        replaceSecrets(transaction, {
          id,
          was: secret,
          secret: anew(secret),
          former: formerAnew,
          formerUntil,
        }),
      );
      renewed++;
    }
    if (rows.length < BATCH) return renewed;
    after = rows.at(-1)?.id ?? after;
  }
}
