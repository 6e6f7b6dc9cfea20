import type { Parts } from '../identity/context.ts';
import { runPipeline } from '../pipelines/run-pipeline.ts';

/** While another run of the dataset is under way, this one looks again after this time. */
const LOOK_AGAIN_MS = 2_000;

export async function runPipelineJob(parts: Parts, stopping: AbortSignal): Promise<void> {
  await parts.queue.work('run-pipeline', async ({ data, signal }) => {
    const ran = await runPipeline(parts, data.runId, AbortSignal.any([signal, stopping]));
    if (ran) return;
    const startAfter = new Date(Date.now() + LOOK_AGAIN_MS);
    await parts.database.transact((transaction) =>
      parts.queue.enqueue(transaction, { kind: 'run-pipeline', data, startAfter }),
    );
  });
}
