import type { Problem } from '../base/errors.ts';
import { contractTable } from '../contracts/contract-table.ts';
import type { Path } from '../contracts/parse-document.ts';
import type { Contract } from '../contracts/odcs.ts';
import { type DatasetTags, datasetTags, personalColumns } from '../policy/dataset-tags.ts';
import { plainTags } from '../policy/tags.ts';
import type { JudgedDataset, Publication, PublicationFacts } from './publication.ts';

/** What governance asks of each dataset that is offered. */
export function judgeDataset(
  { name: product, tags: productTags }: Pick<PublicationFacts, 'name' | 'tags'>,
  dataset: JudgedDataset,
): Problem[] {
  const { contract } = dataset;
  const name = `the contract of ${product}.${dataset.name}`;
  const at = (message: string, path: Path): Problem => ({
    message,
    ...(dataset.place === undefined ? {} : { place: dataset.place(path) }),
  });
  const problems: Problem[] = [];
  // ODCS 3.2 dropped the status; without one the contract counts by the product's.
  if (contract.status !== undefined && contract.status !== 'active') {
    problems.push(at(`${name} is ${contract.status}: set its \`status\` to active`, ['status']));
  }
  if (dataset.description.trim() === '') {
    const message = `${name} does not describe its table: add \`description\` to the schema object`;
    problems.push(at(message, ['schema', 0]));
  }
  if ((contract.slaProperties ?? []).length === 0) {
    problems.push(at(`${name} promises no service level: add \`slaProperties\``, ['slaProperties']));
  }
  const tags = tagsOf(contract, productTags);
  const personal = personalColumns(tags);
  for (const { name: column, path } of contractTable(contract).promises) {
    const { classification = '' } = plainTags(tags.columns[column] ?? []);
    if (!personal.includes(column) || classification.trim() !== '') continue;
    const message = `${product}.${dataset.name}: \`${column}\` holds personal data and has no \`classification\``;
    problems.push(at(message, path));
  }
  return problems;
}

/** Effective tags of a contract below those of its product. */
function tagsOf(contract: Contract, productTags: readonly string[]): DatasetTags {
  const document = contract as unknown as Record<string, unknown>;
  return datasetTags({ contract: document, productTags, domainTags: [] });
}

/** The same facts as policies of the mesh see them. */
export function publicationOf(
  facts: PublicationFacts,
  { isNewMajor, breaking }: { isNewMajor: boolean; breaking: boolean },
): Publication {
  const tables = facts.datasets.map(({ contract }) => contractTable(contract));
  const columns = tables.flatMap((table) => table.columns);
  const tagged = facts.datasets.map(({ contract }) => tagsOf(contract, facts.tags));
  const classified = tagged.flatMap((one) => Object.values(one.columns).map(plainTags));
  const levels = facts.datasets.map(
    ({ contract }) => new Set((contract.slaProperties ?? []).map((one) => one.property)),
  );
  const [first = new Set<string>(), ...others] = levels;
  return {
    version: facts.version,
    major: facts.major,
    newMajor: isNewMajor,
    breaking,
    owners: facts.owners,
    consumers: facts.before?.consumers.length ?? 0,
    datasets: facts.datasets.length,
    columns: columns.length,
    columnsWithoutDescription: columns.filter(({ doc }) => (doc ?? '').trim() === '').length,
    personalColumns: tagged.flatMap(personalColumns).length,
    classifications: [...new Set(classified.flatMap(({ classification }) => classification ?? []))].sort(),
    serviceLevels: [...first].filter((property) => others.every((set) => set.has(property))).sort(),
    tags: [...facts.tags],
    noticeDays: isNewMajor ? (facts.noticeDays ?? 0) : 0,
  };
}
