import type { Parts } from '../identity/context.ts';
import { runPipeline } from '../pipelines/run-pipeline.ts';

/** A run whose turn it is not yet looks again after this time, and for each one before it a little later. */
const LOOK_AGAIN_MS = 2_000;
const FOR_EACH_MS = 500;
const LOOK_AT_LEAST_MS = 30_000;

export async function runPipelineJob(parts: Parts, stopping: AbortSignal): Promise<void> {
  await parts.queue.work('run-pipeline', async ({ data, signal }) => {
    const held = await runPipeline(parts, data.runId, AbortSignal.any([signal, stopping]));
    if (held === null) return;
    const delayMs = Math.min(LOOK_AGAIN_MS + (held.after - 1) * FOR_EACH_MS, LOOK_AT_LEAST_MS);
    const startAfter = new Date(Date.now() + delayMs);
    await parts.database.transact((transaction) =>
      parts.queue.enqueue(transaction, { kind: 'run-pipeline', data, startAfter }),
    );
  });
}
