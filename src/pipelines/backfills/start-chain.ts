import type { Context } from '../../identity/context.ts';
import { startRuns } from '../../products/runs/start-runs.ts';
import type { Transaction } from '../../store/database.ts';
import type { GivenValues } from '../parameter-values.ts';

/** The runs of a backfill: one of the dataset for each value, each after the one before it. */
export interface Chain {
  datasetId: string;
  productId: string;
  roundId: string;
  trigger: string;
  /** In order; with everything that each run is given. */
  links: { value: string; parameters: GivenValues }[];
  /** A run that comes before the first. */
  after: string | null;
}

/** Starts them in one round, so that whoever reads the dataset runs once, after the last. Returns their ids. */
export async function startChain(
  context: Pick<Context, 'queue' | 'caller' | 'clock'>,
  transaction: Transaction,
  { datasetId, productId, roundId, trigger, links, after }: Chain,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { value, parameters } of links) {
    const before = ids.at(-1) ?? after;
    const started = await startRuns(context, transaction, {
      roundId,
      requestedBy: context.caller.id,
      starts: 'released',
      at: context.clock.now(),
      steps: [
        {
          ...{ datasetId, productId, trigger, parameters },
          after: [],
          needs: before === null ? [] : [before],
          backfillValue: value,
        },
      ],
    });
    ids.push(started.get(datasetId)!);
  }
  return ids;
}
