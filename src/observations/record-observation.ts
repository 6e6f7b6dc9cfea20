import type { Contract } from '../contracts/odcs.ts';
import type { Parts } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { closeIncidents, openIncident } from '../store/incidents.ts';
import { type Deviation, findDeviations, summarizeDeviations } from './find-deviations.ts';
import type { Observation } from './observation.ts';
import { observationSettings } from './observation-settings.ts';
import { insertObservation, listPast } from './store.ts';

/** A snapshot's observation beside the history it is compared with. */
export interface Compared {
  observed: Observation;
  deviations: Deviation[];
  sinceLastMs: number | null;
}

export interface ObservedRun {
  id: string;
  datasetId: string;
  contract: Record<string, unknown>;
}

/** Compares a candidate with the releases before; it has the dataset to itself, so the past stays as it is read. */
export async function compareWithPast(
  { database, clock }: Parts,
  run: ObservedRun,
  observed: Observation,
): Promise<Compared> {
  const settings = observationSettings(run.contract as unknown as Contract);
  const past = await listPast(database.reader, run.datasetId, settings.history);
  const at = clock.now();
  const last = past[0];
  return {
    observed,
    deviations: findDeviations({ observed, at, past, settings }),
    sinceLastMs: last === undefined ? null : at.getTime() - last.at.getTime(),
  };
}

export interface Recorded {
  run: ObservedRun;
  compared: Compared;
  releaseNumber: number | null;
  at: Date;
}

/**
 * Keeps what was observed, in the transaction of the release or of its being held back. A release that is not
 * like the ones before opens an incident of severity warning, one that is closes it; neither holds it back.
 */
export async function recordObservation(
  parts: Pick<Parts, 'queue'>,
  transaction: Transaction,
  { run, compared, releaseNumber, at }: Recorded,
): Promise<void> {
  const { datasetId } = run;
  await insertObservation(transaction, { runId: run.id, datasetId, releaseNumber, at, ...compared });
  if (releaseNumber === null) return;
  const { deviations } = compared;
  if (deviations.length === 0) {
    const reason = `release ${releaseNumber} is like the ones before`;
    await closeIncidents(parts, transaction, { datasetId, kinds: ['deviation'], at, reason });
    return;
  }
  await openIncident(parts, transaction, {
    datasetId,
    kind: 'deviation',
    severity: 'warning',
    summary: summarizeDeviations(deviations),
    // Values of columns are for those who may see the column, whoever else answers for the dataset.
    detail: {
      run: run.id,
      release: releaseNumber,
      deviations: deviations.map(({ measure, column }) => ({ measure, column })),
    },
    at,
  });
}
