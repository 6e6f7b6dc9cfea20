import { originOf, policyFactsOf, policySource, principalOf, traitsOf } from '../../audit/decisions.ts';
import { listColumnUse } from '../../audit/store.ts';
import type { Contract } from '../../contracts/odcs.ts';
import type { Context } from '../../identity/context.ts';
import { listMembers } from '../../identity/store.ts';
import { preparePolicies } from '../../policy/policies.ts';
import { tagText } from '../../policy/tags.ts';
import type { Reader } from '../../store/database.ts';
import { readDerived } from '../derived/read-derived.ts';
import { forbiddenBy } from '../forbidden-by.ts';
import type { PublicationFacts, RunningVersion } from '../publication.ts';
import { listConsumers, listDatasetRows, type NamedProduct } from '../store.ts';
import { versionHash } from '../version-hash.ts';
import { listOtherMajors, listReleasedColumns, listVersions } from './store.ts';
import { defaultSunset } from './sunset.ts';

const DAY_MS = 86_400_000;
/** Use that is older tells nothing about who would be hit now. */
export const IMPACT_DAYS = 90;

/** Everything that decides about publishing a product as it is stored. */
export async function readFacts(
  context: Context,
  reader: Reader,
  { product, sunsetAt }: { product: NamedProduct; sunsetAt: Date | null },
): Promise<PublicationFacts> {
  const now = context.clock.now();
  const members = await listMembers(reader, product.domain_id);
  const datasets = await listDatasetRows(reader, product.id);
  const ids = datasets.map(({ id }) => id);
  const released = await listReleasedColumns(reader, ids);
  const derived = await readDerived(reader, ids);
  const scope = { domainId: product.domain_id, productId: product.id };
  const policyFacts = await policyFactsOf(reader, scope);
  const { domain, name, description, version, major } = product;
  const traits = traitsOf(policyFacts, { domain, productId: product.id, now })!;
  const tags = Object.entries(traits.tags).map(([key, value]) => tagText({ key, value }));
  return {
    ...{ name: `${domain}.${name}`, description, tags, version, major },
    owners: members.filter(({ role }) => role === 'owner').length,
    datasets: datasets.map((row) => ({
      name: row.name,
      description: row.description,
      contract: row.contract as unknown as Contract,
      text: row.contract_text,
      version: row.contract_version,
      hasPipeline: row.sql_text !== null,
      released: released.get(row.id) ?? null,
      derived: derived.get(row.id) ?? [],
    })),
    hash: versionHash(product.document),
    versions: await listVersions(reader, product.id),
    before: await readRunning(reader, product, now),
    noticeDays: Math.round(((sunsetAt ?? defaultSunset(now)).getTime() - now.getTime()) / DAY_MS),
    forbidden: forbiddenBy({
      principal: principalOf(context.caller),
      ...{ domain, product: name, traits, now, origin: originOf(context) },
      domainTags: policyFacts.domainTags,
      policies: preparePolicies(policyFacts.policies.map(policySource)),
    }),
  };
}

/** The major that is served now, where this one was not offered yet; its own offers were judged when applied. */
async function readRunning(reader: Reader, product: NamedProduct, now: Date): Promise<RunningVersion | null> {
  if (product.published_at !== null) return null;
  const majors = await listOtherMajors(reader, product);
  const before = majors.find(({ is_current, published_at }) => is_current && published_at !== null);
  if (before === undefined || before.status === 'retired') return null;
  const datasets = await listDatasetRows(reader, before.id);
  const ids = datasets.map(({ id }) => id);
  const released = await listReleasedColumns(reader, ids);
  return {
    version: before.version,
    major: before.major,
    datasets: datasets.map((row) => ({
      id: row.id,
      name: row.name,
      contract: row.contract as unknown as Contract,
      version: row.contract_version,
      text: row.contract_text,
      released: released.has(row.id),
    })),
    consumers: await listConsumers(reader, before.id, ['active']),
    use: await listColumnUse(reader, ids, new Date(now.getTime() - IMPACT_DAYS * DAY_MS)),
  };
}
