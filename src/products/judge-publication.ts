import type { Problem } from '../base/errors.ts';

/** What decides whether a product may be offered. */
export interface PublicationFacts {
  /** `DOMAIN.PRODUCT`. */
  name: string;
  description: string;
  owners: number;
  datasets: { name: string; description: string; contractStatus: string | undefined }[];
  version: string;
  hash: string;
  /** Versions published before: they stay what they were. */
  versions: { version: string; hash: string }[];
}

/** Everything that keeps a product from being published; empty when nothing does. */
export function judgePublication(facts: PublicationFacts): Problem[] {
  const problems: Problem[] = [];
  const [domain = ''] = facts.name.split('.');
  if (facts.owners === 0) {
    problems.push({ message: `domain ${domain} has no owner: give one of its members the role owner` });
  }
  if (facts.description.trim() === '') {
    problems.push({
      message: `${facts.name} has no description: say in \`description.purpose\` what it is for`,
    });
  }
  if (facts.datasets.length === 0) {
    problems.push({ message: `${facts.name} has no dataset: add an output port with its contract` });
  }
  problems.push(...facts.datasets.flatMap((dataset) => judgeContract(facts.name, dataset)));
  const earlier = facts.versions.find(({ version }) => version === facts.version);
  if (earlier !== undefined && earlier.hash !== facts.hash) {
    problems.push({
      message: `version ${facts.version} of ${facts.name} was published with other content: raise \`version\``,
    });
  }
  return problems;
}

function judgeContract(product: string, dataset: PublicationFacts['datasets'][number]): Problem[] {
  const problems: Problem[] = [];
  const contract = `the contract of ${product}.${dataset.name}`;
  // ODCS 3.2 dropped the status; without one the contract counts by the product's.
  if (dataset.contractStatus !== undefined && dataset.contractStatus !== 'active') {
    problems.push({ message: `${contract} is ${dataset.contractStatus}: set its \`status\` to active` });
  }
  if (dataset.description.trim() === '') {
    problems.push({
      message: `${contract} does not describe its table: add \`description\` to the schema object`,
    });
  }
  return problems;
}
