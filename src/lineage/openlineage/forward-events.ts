import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import { listWaiting, markForwarded } from './store.ts';

/** A collector that takes longer is not well; the job tries again later. */
const SEND_MS = 30_000;
const BATCH = 100;

/**
 * Sends the events that wait, oldest first, one after the other. What the collector calls wrong is not sent
 * again; anything else ends the job with an error, so that it is tried again and the order is kept.
 * @throws MeshError `lineage.not-forwarded`
 */
export async function forwardEvents(parts: Parts, stopping: AbortSignal): Promise<number> {
  const { database, settings, log } = parts;
  const target = settings.openLineage;
  if (target === null) return 0;
  let sent = 0;
  for (;;) {
    const waiting = await listWaiting(database.reader, BATCH);
    for (const { id, event } of waiting) {
      const status = await send(target, event, stopping);
      const forwarding = status === 400 || status === 422 ? 'refused' : 'sent';
      if (forwarding === 'refused') log.warn({ event: id, status }, 'a lineage event was refused');
      await database.transact((transaction) => markForwarded(transaction, { id, forwarding }));
      sent++;
    }
    if (waiting.length < BATCH) return sent;
  }
}

async function send(
  { url, key }: { url: string; key: string | null },
  event: unknown,
  stopping: AbortSignal,
): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
  };
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(SEND_MS)]);
  const request = {
    method: 'POST',
    headers,
    body: JSON.stringify(event),
    redirect: 'error' as const,
    signal,
  };
  const answer = await fetch(url, request).catch((error: unknown) => {
    throw new MeshError('lineage.not-forwarded', { facts: { reason: 'no answer' }, cause: error });
  });
  await answer.body?.cancel();
  if (answer.ok || answer.status === 400 || answer.status === 422) return answer.status;
  throw new MeshError('lineage.not-forwarded', { facts: { reason: `status ${answer.status}` } });
}
