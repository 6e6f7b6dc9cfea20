import { announceVersion } from '../products/announce-version.ts';
import { recordLineage } from '../lineage/record-lineage.ts';
import { writePublication } from '../products/majors/write-publication.ts';
import type { Verdict } from '../products/publication.ts';
import { saveTriggers } from '../pipelines/triggers/store.ts';
import { readProduct } from '../products/store.ts';
import { versionHash } from '../products/version-hash.ts';
import { isChange } from './change.ts';
import { endOf } from './find-grant.ts';
import { type DeclaredProduct, fullName } from './declaration.ts';
import type { DatasetItem, ProductPlan } from './product-plan.ts';
import type { Input } from './resolve-inputs.ts';
import {
  freeName,
  markProductGone,
  removeDataset,
  removePolicy,
  removeProduct,
  replaceInputs,
  saveContractVersion,
  saveDataset,
  savePolicy,
  saveProduct,
} from './store.ts';
import { writePolicies, writeRestrictions } from './write-mesh.ts';
import { recordItem, type Writing } from './writing.ts';

export interface WrittenProduct {
  id: string;
  changed: boolean;
}

/** Writes one product with its datasets and rules. `sources`: ids of the domain's sources by name. */
export async function writeProduct(
  writing: Writing,
  plan: ProductPlan,
  { domainId, sources }: { domainId: string; sources: Map<string, string> },
): Promise<WrittenProduct> {
  const { declared, stored, change } = plan;
  if (declared === null) return removeOne(writing, plan, domainId);
  const changed = isChange(plan);
  const { older, majors } = plan;
  // A name of which every major is retired is free for the next one.
  if (stored === null && older.length === 0)
    await freeName(
      writing.transaction,
      majors.map(({ row }) => row.id),
    );
  const id = changed ? await saveDeclared(writing, plan, { declared, domainId }) : (stored?.row.id ?? '');
  if (changed) await recordItem(writing, change, { object: id, domainId });
  const scope = { scopeId: id, domainId };
  await writePolicies(writing, plan.access, scope);
  await copyAccess(writing, plan);
  await writeRestrictions(writing, plan.restrictions, scope);
  for (const dataset of plan.datasets.filter(isChange)) {
    // One that goes is recorded while it still has a name.
    if (dataset.declared === null && dataset.stored !== null)
      await recordItem(writing, dataset.change, { object: dataset.stored.row.id, domainId });
    const datasetId = await writeDataset(writing, dataset, { productId: id, sources });
    if (dataset.declared !== null) await recordItem(writing, dataset.change, { object: datasetId, domainId });
  }
  if (plan.publish && plan.verdict !== null) await publish(writing, declared, plan.verdict);
  else await announceEnding(writing, plan);
  return { id, changed: changed || plan.datasets.some(isChange) };
}

/** What was offered once stays on record as retired; a draft that nobody asked for leaves nothing. */
async function removeOne(
  writing: Writing,
  { stored, change }: ProductPlan,
  domainId: string,
): Promise<WrittenProduct> {
  const { transaction, at } = writing;
  const id = stored?.row.id ?? '';
  const keep = stored !== null && (stored.row.published_at !== null || stored.hasHistory);
  // While it still has a name.
  await recordItem(writing, change, { object: id, domainId });
  if (keep) await markProductGone(transaction, id, at);
  else await removeProduct(transaction, id);
  return { id, changed: true };
}

function saveDeclared(
  { transaction, at }: Writing,
  { stored, status, publish, older }: ProductPlan,
  { declared, domainId }: { declared: DeclaredProduct; domainId: string },
): Promise<string> {
  const state = publish || status === 'published' || status === stored?.row.status ? null : status;
  return saveProduct(transaction, {
    id: stored?.row.id ?? null,
    domainId,
    name: declared.name,
    title: declared.title,
    description: declared.description,
    tags: declared.tags,
    version: declared.version,
    major: declared.major,
    beside: older.length > 0,
    document: declared.document,
    text: declared.text,
    grants: declared.grants,
    requestForm: declared.requestForm,
    status: state,
    at,
  });
}

async function writeDataset(
  { transaction, at }: Writing,
  { declared, stored, inputs, meaning }: DatasetItem,
  { productId, sources }: { productId: string; sources: Map<string, string> },
): Promise<string> {
  if (declared === null) {
    const id = stored?.row.id ?? '';
    await removeDataset(transaction, id);
    return id;
  }
  const datasetId = await saveDataset(transaction, {
    id: stored?.row.id ?? null,
    productId,
    name: declared.name,
    description: declared.description,
    contract: declared.contract,
    contractText: declared.text,
    version: declared.version,
    sql: declared.sql?.text ?? null,
    columns: declared.columns,
    meaning,
    at,
  });
  const triggers = declared.sql?.settings.settings.triggers ?? [];
  await saveTriggers(transaction, { datasetId, triggers, at });
  const { text, version } = declared;
  await saveContractVersion(transaction, {
    datasetId,
    version,
    text,
    hash: versionHash(declared.contract),
    at,
  });
  await replaceInputs(
    transaction,
    datasetId,
    inputs.map((input) => savedInput(input, sources)),
  );
  await recordLineage(transaction, { datasetId, origin: 'declared', runId: null, at });
  return datasetId;
}

function savedInput(input: Input, sources: Map<string, string>) {
  const { kind, name } = input;
  return kind === 'source'
    ? { kind, name, sourceId: sources.get(input.source) ?? null, inputDatasetId: null }
    : { kind, name, sourceId: null, inputDatasetId: input.datasetId };
}

/** What consumers have subscribed to says that it will end, or has. */
async function announceEnding(
  { context, transaction }: Writing,
  { declared, stored, status }: ProductPlan,
): Promise<void> {
  const before = stored?.row.status;
  const ends = (status === 'deprecated' || status === 'retired') && status !== before;
  if (declared === null || !ends || (before !== 'published' && before !== 'deprecated')) return;
  const product = await readProduct(transaction, `${fullName(declared)}@${declared.major}`);
  const type = status === 'deprecated' ? 'product.version.deprecated' : 'product.version.sunset';
  await announceVersion(context, transaction, { product, type });
}

/** Who may use a product is said of all of its majors. */
async function copyAccess({ transaction }: Writing, { access, older }: ProductPlan): Promise<void> {
  for (const { row, policies } of older) {
    for (const { declared } of access) {
      if (declared !== null) await savePolicy(transaction, { scopeId: row.id, ...declared });
    }
    const kept = new Set(access.flatMap(({ declared }) => declared?.name ?? []));
    for (const { name } of policies.filter((policy) => !kept.has(policy.name)))
      await removePolicy(transaction, { scopeId: row.id, name });
  }
}

async function publish(
  { context, transaction, permits }: Writing,
  declared: DeclaredProduct,
  verdict: Verdict,
): Promise<void> {
  const { major, previousMajorEnds } = declared;
  const name = fullName(declared);
  const product = await readProduct(transaction, `${name}@${major}`);
  const granted = permits.publish.get(name);
  if (granted === undefined) return;
  const sunsetAt = previousMajorEnds === null ? null : endOf(previousMajorEnds);
  await writePublication(context, transaction, { product, granted, sunsetAt, verdict });
}
