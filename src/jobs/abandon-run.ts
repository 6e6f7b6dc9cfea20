import type { Parts } from '../identity/context.ts';
import { abandonRun } from '../pipelines/end-run.ts';

/** A run that nobody works on any more must not stay `running`: it would hold up the dataset's next one for ever. */
export async function abandonRunJob(parts: Parts): Promise<void> {
  await parts.queue.work('abandon-run', ({ data }) => abandonRun(parts, data.runId));
}
