import { MeshError } from '../../base/errors.ts';
import type { Reader } from '../../store/database.ts';
import { type AccessFacts, readAccessFacts } from '../store.ts';
import { type Candidate, listCandidates, listDomainIds, listReleasedDatasetIds } from './store.ts';

/** Everything that decides who sees what in the whole mesh, by id. */
export interface Access {
  datasets: Map<string, AccessFacts>;
  people: Map<string, Candidate>;
}

/** A mesh up to this size is compared as a whole, in some seconds and some hundred megabytes. */
const LARGEST = { datasets: 2_000, people: 10_000 };

/** @throws MeshError `mesh.too-large-to-rehearse` */
export async function readAccess(reader: Reader, now: Date): Promise<Access> {
  const domainIds = await listDomainIds(reader);
  const datasetIds = await listReleasedDatasetIds(reader, LARGEST.datasets + 1);
  const { found: people } = await listCandidates(reader, { domainIds, limit: LARGEST.people + 1, at: null });
  if (datasetIds.length > LARGEST.datasets || people.length > LARGEST.people) {
    throw new MeshError('mesh.too-large-to-rehearse', { facts: LARGEST });
  }
  const facts = await readAccessFacts(reader, { datasetIds, domainIds, now, releasesAt: null });
  return {
    datasets: new Map(facts.map((one) => [one.datasetId, one])),
    people: new Map(people.map((one) => [one.id, one])),
  };
}
