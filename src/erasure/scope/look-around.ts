import { subjectColumns } from '../../contracts/data-subjects.ts';
import { datasetTags, personalColumns } from '../../policy/dataset-tags.ts';
import type { Reader } from '../../store/database.ts';
import { type DatasetFacts, listHoldings, readDatasetFacts } from './store.ts';

/** A dataset with personal columns that an erasure does not look into, and why. */
export interface NotLookedInto {
  datasetId: string;
  /** `DOMAIN.PRODUCT.DATASET`. */
  dataset: string;
  reason: string;
}

export interface Around {
  /** Datasets of the domain that mark the same subjects. */
  marked: DatasetFacts[];
  /** Datasets with data whose personal columns nothing tells whose they are. */
  keyless: DatasetFacts[];
}

/** Contracts that are in memory at once. */
const AT_ONCE = 200;

/** All datasets of the mesh as to the subjects of one domain: lineage does not lead to whoever is marked alone. */
export async function lookAround(
  reader: Reader,
  { domainId, subject }: { domainId: string; subject: string },
): Promise<Around> {
  const around: Around = { marked: [], keyless: [] };
  const holdings = await listHoldings(reader);
  const hasData = new Set(holdings.flatMap(({ id, table }) => (table === null ? [] : [id])));
  for (let from = 0; from < holdings.length; from += AT_ONCE) {
    const ids = holdings.slice(from, from + AT_ONCE).map(({ id }) => id);
    for (const facts of await readDatasetFacts(reader, ids)) {
      const marks = subjectColumns(facts.contract);
      const isSame = facts.domainId === domainId && marks.some((mark) => mark.subject === subject);
      if (isSame) around.marked.push(facts);
      const hasKey = marks.some(({ role }) => role === 'key');
      if (!isSame && !hasKey && hasData.has(facts.id) && personalOf(facts).length > 0)
        around.keyless.push(facts);
    }
  }
  return around;
}

/** Columns with personal data, by the tags of domain, product and contract. */
export function personalOf({ contract, productTags, domainTags }: DatasetFacts): string[] {
  const document = contract as unknown as Record<string, unknown>;
  return personalColumns(datasetTags({ contract: document, productTags, domainTags }));
}
