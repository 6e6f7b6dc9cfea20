import type { MeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { announce } from '../store/outbox.ts';
import type { PipelineRun } from './store.ts';

/** Tells the producer that a run brought no release; consumers keep the last one and need not know. */
export async function announceRun(
  parts: Parts,
  transaction: Transaction,
  { run, state, at, error }: { run: PipelineRun; state: 'failed' | 'blocked'; at: Date; error: MeshError },
): Promise<void> {
  const subject = `${run.addressed}.${run.dataset}`;
  // The code, not the message: an engine's message may quote a value of a row.
  const { code, facts } = error;
  await announce(parts, transaction, {
    type: `run.${state}`,
    subject,
    at,
    domainId: run.domainId,
    productId: run.productId,
    audience: 'producer',
    title: state === 'failed' ? `the run of ${subject} failed` : `the checks of ${subject} held a run back`,
    data: {
      product: run.addressed,
      dataset: run.dataset,
      run: run.id,
      code,
      checks: facts['checks'] ?? [],
    },
  });
}
