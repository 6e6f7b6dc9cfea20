import type { Parts } from '../identity/context.ts';
import { settleForgotten } from '../pipelines/rounds/settle-steps.ts';

/** A step whose runs before it went with their datasets would wait for ever: nobody's end settles it. */
export async function settleStepsJob(parts: Parts): Promise<void> {
  await parts.queue.work('settle-steps', () => settleForgotten(parts));
  await parts.queue.schedule('settle-steps', '* * * * *');
}
