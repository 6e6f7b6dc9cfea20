import { runErasure } from '../erasure/run-erasure.ts';
import type { Parts } from '../identity/context.ts';

/** An erasure that waits for runs looks again after this time. */
const LOOK_AGAIN_MS = 500;
/** One that failed beyond the point of no return is tried again, for as long as it takes. */
const TRY_AGAIN_MS = 30_000;

/** One job an erasure works at a time: the queue's policy and its key see to it. */
export async function eraseSubjectJob(parts: Parts, stopping: AbortSignal): Promise<void> {
  await parts.queue.work('erase-subject', async ({ data, signal }) => {
    const ending = AbortSignal.any([signal, stopping]);
    const delayMs = await delayAfter(parts, data.erasureId, ending);
    if (delayMs === null) return;
    const startAfter = new Date(Date.now() + delayMs);
    const singletonKey = data.erasureId;
    await parts.database.transact((transaction) =>
      parts.queue.enqueue(transaction, { kind: 'erase-subject', data, singletonKey, startAfter }),
    );
  });
}

/** How long until it is gone on with; null when it has ended. */
async function delayAfter(parts: Parts, id: string, ending: AbortSignal): Promise<number | null> {
  try {
    return (await runErasure(parts, id, ending)) ? LOOK_AGAIN_MS : null;
  } catch (error) {
    if (ending.aborted) throw error;
    parts.log.error({ erasure: id, err: error }, 'an erasure could not go on');
    return TRY_AGAIN_MS;
  }
}
