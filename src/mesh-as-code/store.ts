import { type RawBuilder, sql } from 'kysely';
import { newId } from '../base/ids.ts';
import { saveRole } from '../identity/store.ts';
import { lockDatasets } from '../products/runs/store.ts';
import { json, type Transaction } from '../store/database.ts';
import type { ProductStatus, Role } from '../store/schema.ts';
import type { DeclaredGrant } from './declaration.ts';

interface Documented {
  document: unknown;
  text: string;
  at: Date;
}

/** There is one mesh; its row is written over. */
export async function saveMesh(
  transaction: Transaction,
  mesh: { name: string; title: string } & Documented,
): Promise<void> {
  const { name, title, text, at } = mesh;
  const values = { name, title, document: json(mesh.document), text, updated_at: at };
  const { numUpdatedRows } = await transaction.updateTable('meshes').set(values).executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  await transaction
    .insertInto('meshes')
    .values({ id: newId('msh'), ...values })
    .execute();
}

export async function savePolicy(
  transaction: Transaction,
  { scopeId, name, text }: { scopeId: string; name: string; text: string },
): Promise<void> {
  await transaction
    .insertInto('policies')
    .values({ scope_id: scopeId, name, text })
    .onConflict((conflict) => conflict.columns(['scope_id', 'name']).doUpdateSet({ text }))
    .execute();
}

export async function removePolicy(
  transaction: Transaction,
  { scopeId, name }: { scopeId: string; name: string },
): Promise<void> {
  await transaction.deleteFrom('policies').where('scope_id', '=', scopeId).where('name', '=', name).execute();
}

/** A restriction by its name in its scope; it keeps its id when it changes. */
export async function saveRestriction(
  transaction: Transaction,
  { scopeId, name, document }: { scopeId: string; name: string; document: unknown },
): Promise<void> {
  await transaction
    .insertInto('restrictions')
    .values({ id: newId('rst'), scope_id: scopeId, name, document: json(document) })
    .onConflict((conflict) =>
      conflict.columns(['scope_id', 'name']).doUpdateSet({ document: json(document) }),
    )
    .execute();
}

export async function removeRestriction(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('restrictions').where('id', '=', id).execute();
}

export interface SavedDomain extends Documented {
  id: string | null;
  name: string;
  title: string;
  description: string;
  tags: string[];
}

/** Creates a domain, or writes over it and opens it again. Returns its id. */
export async function saveDomain(transaction: Transaction, domain: SavedDomain): Promise<string> {
  const { name, title, description, text, at } = domain;
  const values = {
    title,
    description,
    tags: json(domain.tags),
    document: json(domain.document),
    text,
    updated_at: at,
    closed_at: null,
  };
  if (domain.id === null) {
    const id = newId('dom');
    await transaction
      .insertInto('domains')
      .values({ id, name, ...values, created_at: at })
      .execute();
    return id;
  }
  await transaction.updateTable('domains').set(values).where('id', '=', domain.id).execute();
  return domain.id;
}

export async function markDomainClosed(transaction: Transaction, id: string, at: Date): Promise<void> {
  await transaction
    .updateTable('domains')
    .set({ closed_at: at, updated_at: at })
    .where('id', '=', id)
    .execute();
  // Those declared are removed one by one; these came by the company's provider.
  await transaction
    .deleteFrom('memberships')
    .where('domain_id', '=', id)
    .where('principal_id', 'in', (given) =>
      given.selectFrom('company_memberships').select('principal_id').where('domain_id', '=', id),
    )
    .execute();
}

export async function saveMembership(
  transaction: Transaction,
  membership: { domainId: string; principalId: string; role: Role },
): Promise<void> {
  const { domainId, principalId, role } = membership;
  await saveRole(transaction, { domainId, principalId, role });
  // What is declared counts, whatever the company's provider says of this person.
  await transaction
    .deleteFrom('company_memberships')
    .where('domain_id', '=', domainId)
    .where('principal_id', '=', principalId)
    .execute();
}

export interface SavedSource extends Documented {
  id: string | null;
  domainId: string;
  name: string;
}

export async function saveSource(transaction: Transaction, source: SavedSource): Promise<string> {
  const values = { document: json(source.document), text: source.text, updated_at: source.at };
  if (source.id === null) {
    const id = newId('src');
    const { domainId, name, at } = source;
    await transaction
      .insertInto('sources')
      .values({ id, domain_id: domainId, name, ...values, created_at: at })
      .execute();
    return id;
  }
  await transaction.updateTable('sources').set(values).where('id', '=', source.id).execute();
  return source.id;
}

/** With what its crawls found; the files it names are not ours and stay. */
export async function removeSource(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('sources').where('id', '=', id).execute();
}

export interface SavedProduct extends Documented {
  id: string | null;
  domainId: string;
  name: string;
  title: string;
  description: string;
  tags: string[];
  version: string;
  major: number;
  /** Whether another major has the name: a new one takes it when it is published. */
  beside: boolean;
  grants: DeclaredGrant[];
  requestForm: unknown;
  /** Null keeps the state it has; a new product starts as a draft. */
  status: Exclude<ProductStatus, 'published'> | null;
}

/** What a product's documents say; only a publication makes it published. Returns its id. */
export async function saveProduct(transaction: Transaction, product: SavedProduct): Promise<string> {
  const { domainId, name, title, description, version, major, text, at, status } = product;
  const values = {
    title,
    description,
    version,
    major,
    text,
    tags: json(product.tags),
    document: json(product.document),
    grants: json(product.grants),
    request_form: json(product.requestForm),
    updated_at: at,
  };
  if (product.id === null) {
    const id = newId('prd');
    await transaction
      .insertInto('products')
      .values({
        ...{ id, domain_id: domainId, name, ...values },
        is_current: !product.beside,
        status: status ?? 'draft',
        created_at: at,
      })
      .execute();
    return id;
  }
  const state = status === null ? {} : { status };
  await transaction
    .updateTable('products')
    .set({ ...values, ...state })
    .where('id', '=', product.id)
    .execute();
  return product.id;
}

/** These majors, all retired, are not what the product's name means any more. */
export async function freeName(transaction: Transaction, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction.updateTable('products').set({ is_current: false }).where('id', 'in', ids).execute();
}

/** A product that was offered once stays on record; without a text it comes back as changed. */
export async function markProductGone(transaction: Transaction, id: string, at: Date): Promise<void> {
  await transaction
    .updateTable('products')
    .set({ status: 'retired', text: '', grants: json([]), updated_at: at })
    .where('id', '=', id)
    .execute();
}

/** Only for a product that was never offered. */
export async function removeProduct(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('policies').where('scope_id', '=', id).execute();
  await transaction.deleteFrom('restrictions').where('scope_id', '=', id).execute();
  await transaction.deleteFrom('products').where('id', '=', id).execute();
}

export interface SavedDataset {
  id: string | null;
  productId: string;
  name: string;
  description: string;
  contract: unknown;
  contractText: string;
  version: string;
  sql: string | null;
  columns: unknown[];
  /** Whether its rows could now be others: a run is then due. */
  meaning: boolean;
  at: Date;
}

export async function saveDataset(transaction: Transaction, dataset: SavedDataset): Promise<string> {
  const values = {
    description: dataset.description,
    contract: json(dataset.contract),
    contract_text: dataset.contractText,
    contract_version: dataset.version,
    sql_text: dataset.sql,
    columns: json(dataset.columns),
  };
  const { at } = dataset;
  if (dataset.id === null) {
    const id = newId('dts');
    await transaction
      .insertInto('datasets')
      .values({
        id,
        product_id: dataset.productId,
        name: dataset.name,
        ...values,
        created_at: at,
        updated_at: at,
      })
      .execute();
    return id;
  }
  if (dataset.meaning) await lockDatasets(transaction, [dataset.id]);
  const changed = dataset.meaning ? { updated_at: afterEveryRun(dataset.id, at) } : {};
  await transaction
    .updateTable('datasets')
    .set({ ...values, ...changed })
    .where('id', '=', dataset.id)
    .execute();
  return dataset.id;
}

/**
 * The moment of a change to a dataset that is locked. An apply takes its time before it comes here: a run that was
 * asked for in between, or by a server whose clock is ahead, has read what was there and must not count as the run
 * of what comes now.
 */
function afterEveryRun(datasetId: string, at: Date): RawBuilder<Date> {
  return sql<Date>`GREATEST(${at}::timestamptz, (
    SELECT max(queued_at) + interval '1 millisecond' FROM runs WHERE dataset_id = ${datasetId}))`;
}

/** Its table stays until maintenance has removed the files. */
export async function removeDataset(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('datasets').where('id', '=', id).execute();
}

export interface SavedContract {
  datasetId: string;
  version: string;
  text: string;
  hash: string;
  at: Date;
}

/** The text of a contract version. The plan sees to it that what it promises never changes once offered. */
export async function saveContractVersion(transaction: Transaction, contract: SavedContract): Promise<void> {
  const { text, hash } = contract;
  await transaction
    .insertInto('contract_versions')
    .values({
      dataset_id: contract.datasetId,
      version: contract.version,
      text,
      hash,
      created_at: contract.at,
    })
    .onConflict((conflict) => conflict.columns(['dataset_id', 'version']).doUpdateSet({ text, hash }))
    .execute();
}

export interface SavedInput {
  kind: 'source' | 'dataset';
  name: string;
  sourceId: string | null;
  inputDatasetId: string | null;
}

/** Makes these the inputs of a dataset. */
export async function replaceInputs(
  transaction: Transaction,
  datasetId: string,
  inputs: SavedInput[],
): Promise<void> {
  await transaction.deleteFrom('dataset_inputs').where('dataset_id', '=', datasetId).execute();
  if (inputs.length === 0) return;
  await transaction
    .insertInto('dataset_inputs')
    .values(
      inputs.map(({ kind, name, sourceId, inputDatasetId }) => ({
        dataset_id: datasetId,
        kind,
        name,
        source_id: sourceId,
        input_dataset_id: inputDatasetId,
      })),
    )
    .execute();
}
