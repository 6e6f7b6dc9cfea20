import type { Problem } from '../base/errors.ts';
import { contractTable } from '../contracts/contract-table.ts';
import type { Path } from '../contracts/parse-document.ts';
import { isPersonal } from '../policy/personal-data.ts';
import { readTags } from '../policy/tags.ts';
import type { JudgedDataset, Publication, PublicationFacts } from './publication.ts';

/** What governance asks of each dataset that is offered. */
export function judgeDataset(product: string, dataset: JudgedDataset): Problem[] {
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
  const table = contractTable(contract);
  for (const [index, { tags, classification, path }] of table.promises.entries()) {
    if (!isPersonal(readTags(tags ?? [])) || (classification ?? '').trim() !== '') continue;
    const column = table.columns[index]?.name ?? '';
    const message = `${product}.${dataset.name}: \`${column}\` holds personal data and has no \`classification\``;
    problems.push(at(message, path));
  }
  return problems;
}

/** The same facts as policies of the mesh see them. */
export function publicationOf(
  facts: PublicationFacts,
  { isNewMajor, breaking }: { isNewMajor: boolean; breaking: boolean },
): Publication {
  const tables = facts.datasets.map(({ contract }) => contractTable(contract));
  const columns = tables.flatMap((table) => table.columns);
  const promises = tables.flatMap((table) => table.promises);
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
    personalColumns: promises.filter(({ tags }) => isPersonal(readTags(tags ?? []))).length,
    classifications: [...new Set(promises.flatMap(({ classification }) => classification ?? []))].sort(),
    serviceLevels: [...first].filter((property) => others.every((set) => set.has(property))).sort(),
    tags: [...facts.tags],
    noticeDays: isNewMajor ? (facts.noticeDays ?? 0) : 0,
  };
}
