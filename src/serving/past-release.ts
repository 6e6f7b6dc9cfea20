import { findLastAct } from '../audit/store.ts';
import { isoTime } from '../base/clock.ts';
import { isMeshError, MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import { readMetadata } from '../lake/lake.ts';
import { findSnapshot } from '../lake/snapshot.ts';
import { datasetRelation } from '../pipelines/input-relations.ts';
import { listReleaseTimes } from '../products/store.ts';
import type { PlannedDataset } from '../subscriptions/plan-access.ts';

/**
 * Releases are as of a moment that has been: what will be released nobody knows.
 * @throws MeshError `input.invalid`
 */
export function needPast(at: string | undefined, { clock }: Pick<Context, 'clock'>): Date | null {
  if (at === undefined) return null;
  const moment = new Date(at);
  if (moment <= clock.now()) return moment;
  const message = `${isoTime(moment)} is in the future: ask for a moment that has been, or leave it out for now`;
  throw new MeshError('input.invalid', { problems: [{ message, pointer: '/at' }] });
}

/**
 * A planned dataset as a view over its release as of a moment.
 * @throws MeshError `query.release-gone` where that release is not kept any more
 */
export async function relationAsOf(context: Context, planned: PlannedDataset, at: Date | null) {
  try {
    return await datasetRelation(context, planned);
  } catch (error) {
    if (at === null || !isMeshError(error, 'lake.snapshot-missing')) throw error;
    throw await goneRelease(context, planned, at);
  }
}

const WHY: Record<string, (day: string) => string> = {
  'dataset.erase': (day) => `a data subject was erased from all its past on ${day}`,
  'dataset.expire': (day) => `rows of it reached the age at which they are removed, on ${day}`,
};

async function goneRelease(context: Context, { facts, table, release }: PlannedDataset, at: Date) {
  const { reader } = context.database;
  const metadata = await readMetadata(context.lake, table.metadataKey);
  const releases = await listReleaseTimes(reader, facts.datasetId);
  const kept = releases.filter(({ snapshotId }) => findSnapshot(metadata, snapshotId) !== undefined);
  const oldest = kept.find(({ releasedAt }) => releasedAt > at);
  const dataset = `${facts.domain}.${facts.product}.${facts.dataset}`;
  const act = await findLastAct(reader, {
    objects: [facts.datasetId, dataset],
    actions: Object.keys(WHY),
    since: new Date(release.releasedAt),
  });
  const why = act && WHY[act.action]?.(isoTime(act.at).slice(0, 10));
  return new MeshError('query.release-gone', {
    facts: {
      dataset,
      at: isoTime(at),
      why: why ?? 'past releases are kept for a time only',
      oldest: oldest === undefined ? 'a later moment' : isoTime(oldest.releasedAt),
    },
  });
}
