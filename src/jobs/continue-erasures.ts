import { continueErasures } from '../erasure/continue-erasures.ts';
import type { Parts } from '../identity/context.ts';

export async function continueErasuresJob(parts: Parts): Promise<void> {
  await parts.queue.work('continue-erasures', () => continueErasures(parts));
  await parts.queue.schedule('continue-erasures', '* * * * *');
}
