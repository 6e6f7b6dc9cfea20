import type { Problem } from '../base/errors.ts';
import { judgeVersion, requiredBump } from '../contracts/changes/required-version.ts';
import { conformTable } from '../contracts/conforms.ts';
import { contractTable } from '../contracts/contract-table.ts';
import { parseVersion } from '../contracts/version.ts';
import { compareVersions, findImpact } from './compare-versions.ts';
import { judgeDerived } from './derived/judge-derived.ts';
import { judgeDataset, publicationOf } from './judge-governance.ts';
import type { Impact, JudgedDataset, PublicationFacts, VersionChange, Verdict } from './publication.ts';

/** Judges a publication from these facts alone: what differs, whom it hits, and everything that forbids it. */
export function judgePublication(facts: PublicationFacts): Verdict {
  const { before } = facts;
  const changes = compareVersions(facts);
  const impact = findImpact(changes, before);
  const isNewMajor = before !== null && facts.major > before.major;
  const breaking = changes.filter((change) => change.class === 'breaking');
  const versions = facts.datasets.flatMap((dataset) => judgeContractVersion(facts, dataset, changes));
  const derived = facts.datasets.map((dataset) => judgeDerived(facts, dataset));
  const forbidden = facts.forbidden(publicationOf(facts, { isNewMajor, breaking: breaking.length > 0 }));
  return {
    problems: [
      ...judgeProduct(facts),
      ...facts.datasets.flatMap((dataset) => judgeDataset(facts, dataset)),
      ...derived.flatMap(({ problems }) => problems),
      ...forbidden.map((reason) => ({ message: `${facts.name} may not be published: ${reason}` })),
      ...(isNewMajor ? [] : refuseBreaking(facts, breaking, impact)),
      ...versions.filter(({ refused }) => refused).map(({ problem }) => problem),
      ...facts.datasets.filter(({ hasPipeline }) => !hasPipeline).flatMap(conformance),
    ],
    warnings: [
      ...derived.flatMap(({ warnings }) => warnings),
      ...versions.filter(({ refused }) => !refused).map(({ problem }) => problem),
      ...facts.datasets.filter(({ hasPipeline }) => hasPipeline).flatMap(conformance),
    ],
    before: before?.version ?? null,
    required: requiredBump(changes),
    changes,
    impact,
  };
}

function judgeProduct(facts: PublicationFacts): Problem[] {
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
  const earlier = facts.versions.find(({ version }) => version === facts.version);
  if (earlier !== undefined && earlier.hash !== facts.hash) {
    problems.push({
      message: `version ${facts.version} of ${facts.name} was published with other content: raise \`version\``,
    });
  }
  return problems;
}

/** Within a major nothing breaks: each breaking change with its place, and who would feel it. */
function refuseBreaking(facts: PublicationFacts, breaking: VersionChange[], impact: Impact[]): Problem[] {
  const { before } = facts;
  if (before === null || isPreRelease(before.version)) return [];
  const needed = `${before.major + 1}.0.0`;
  return breaking.map(({ dataset, message, pointer, place, tableColumns }) => ({
    message: `${facts.name}.${dataset}: ${message}, which breaks consumers: it needs a new major version, ${needed}${whoFeels(
      impact.filter((one) => one.dataset === dataset && isHit(one, tableColumns)),
    )}`,
    ...(place === null ? {} : { place }),
    pointer,
  }));
}

/** Until its release a version promises nothing (semver §9). */
function isPreRelease(version: string): boolean {
  return (parseVersion(version)?.preRelease.length ?? 0) > 0;
}

function isHit({ columns }: Impact, changed: readonly string[]): boolean {
  const names = new Set(changed.map((name) => name.toLowerCase()));
  return changed.length === 0 || columns.some((column) => names.has(column.toLowerCase()));
}

function whoFeels(impact: Impact[]): string {
  if (impact.length === 0) return '; nobody has read it in the last 90 days';
  const who = impact.map(({ domain, purpose, subscription, uses, lastUsedAt }) => {
    const held = subscription === null ? 'its own domain' : `${JSON.stringify(purpose)}, ${subscription}`;
    return `${domain} (${held}) ${uses} ${uses === 1 ? 'time' : 'times'}, last at ${lastUsedAt}`;
  });
  return `; read in the last 90 days by ${who.join('; ')}`;
}

/**
 * The contract's own number says what its differences mean: it has to where they break consumers, and should where
 * they do not.
 */
function judgeContractVersion(
  { name: product, before }: PublicationFacts,
  { name, contract, version, place }: JudgedDataset,
  changes: VersionChange[],
): { refused: boolean; problem: Problem }[] {
  const running = before?.datasets.find((one) => one.name === name);
  const mine = changes.filter(({ dataset }) => dataset === name);
  if (running === undefined || mine.every((change) => change.class === 'cosmetic')) return [];
  const { enough, least, required } = judgeVersion(running.version, version, mine);
  if (enough) return [];
  const refused = required === 'major';
  const what = refused
    ? 'changes what breaks consumers: its version must'
    : 'promises more: its version should';
  const message = `the contract ${contract.id} of ${product}.${name} ${what} be ${least ?? 'a semantic version'} or higher, not ${version}`;
  const at = place === undefined ? {} : { place: place(['version']) };
  return [{ refused, problem: { message, ...at, pointer: '/version' } }];
}

/** The rows that consumers see against the new promise; a pipeline's next run makes it true before it releases. */
function conformance({ name, contract, released, place }: JudgedDataset): Problem[] {
  if (released === null) return [];
  const options = {
    nullability: 'checked' as const,
    ...(place === undefined ? {} : { document: { place } }),
  };
  return conformTable(contractTable(contract), released, options).map((problem) => ({
    ...problem,
    message: `${name}: the released table differs: ${problem.message}`,
  }));
}
