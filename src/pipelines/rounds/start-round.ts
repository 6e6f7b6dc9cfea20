import type { Parts } from '../../identity/context.ts';
import { startRuns } from '../../products/runs/start-runs.ts';
import { listOpenRuns } from '../../products/runs/store.ts';
import type { Transaction } from '../../store/database.ts';
import { planRound } from './plan-round.ts';
import { listDownstreamIds, noteUnread, readDownstream } from './store.ts';

export interface NewRelease {
  datasetId: string;
  number: number;
  roundId: string;
  at: Date;
}

/**
 * In the transaction of a release, which holds the locks of `lockDownstream`: whoever reads it learns of it,
 * and what it starts is started. Either all of that has happened with the release, or there is no release.
 */
export async function startRound(parts: Parts, transaction: Transaction, release: NewRelease): Promise<void> {
  const ids = await listDownstreamIds(transaction, release.datasetId);
  if (ids.length === 0) return;
  await noteUnread(transaction, release);
  const downstream = await readDownstream(transaction, ids);
  const datasetIds = new Set(
    downstream.flatMap(({ id, inputs }) => [id, ...inputs.map((input) => input.id)]),
  );
  const steps = planRound({
    released: release.datasetId,
    roundId: release.roundId,
    downstream,
    open: await listOpenRuns(transaction, { datasetIds }),
  });
  const { roundId, at } = release;
  await startRuns(parts, transaction, { roundId, requestedBy: 'crossdock', starts: 'triggered', at, steps });
}
