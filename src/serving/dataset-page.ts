import { isoTime } from '../base/clock.ts';
import { type Column, typeName } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { describeChecks } from '../contracts/checks.ts';
import { contractTable, type ContractTable } from '../contracts/contract-table.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { AccessPlan } from '../policy/access-plan.ts';
import { printRowFilter } from '../policy/row-filter-print.ts';
import { addressOf } from '../products/product-name.ts';
import { sqlNamesOf } from '../products/sql-names.ts';
import type { listReleasedDatasets } from '../products/store.ts';
import type { DatasetRow, Read } from '../store/schema.ts';
import { type DatasetTags, personalColumns } from '../policy/dataset-tags.ts';
import { planDataset, type Reading, tagsOf } from '../subscriptions/plan-access.ts';
import type { AccessFacts } from '../subscriptions/store.ts';
import type { DatasetPage } from './product-page.ts';

export interface DatasetPageFacts {
  dataset: Read<DatasetRow>;
  released: Awaited<ReturnType<typeof listReleasedDatasets>>[number] | undefined;
  access: AccessFacts | undefined;
  reading: Reading;
  /** `domain.dataset` names that several products share. */
  ambiguous: Set<string>;
}

/** One dataset of a product's page: what its contract promises, and what this reader would see of it. */
export function pageOfDataset(
  product: { domain: string; name: string; major: number; is_current: boolean },
  facts: DatasetPageFacts,
): DatasetPage {
  const { dataset, released } = facts;
  const contract = dataset.contract as unknown as Contract;
  const table = contractTable(contract);
  const plan = previewPlan(facts, table.columns);
  const tags = facts.access && tagsOf(facts.access);
  const personal = new Set(tags === undefined ? [] : personalColumns(tags));
  const [domain = '', addressed = ''] = addressOf(product).split('.');
  const name = { domain, product: addressed, dataset: dataset.name };
  // A major that is not the current one has no short name.
  const ambiguous = product.is_current ? facts.ambiguous : new Set([`${domain}.${dataset.name}`]);
  return {
    id: dataset.id,
    name: dataset.name,
    sqlNames: sqlNamesOf(name, ambiguous),
    description: dataset.description,
    contract: { id: contract.id, version: dataset.contract_version, text: dataset.contract_text },
    effectiveTags: tags?.dataset ?? [],
    columns: table.columns.map((column, index) =>
      pageOfColumn({ column, index, table, plan, tags, personal }),
    ),
    rowFilter: plan === null || plan.rowFilter.op === 'true' ? null : printRowFilter(plan.rowFilter),
    quality: describeChecks(contract).map(({ id, title, severity }) => ({ id, title, severity })),
    sla: (contract.slaProperties ?? []).map(({ property, value, unit }) => ({
      property,
      value: plainValue(value),
      unit: unit ?? null,
    })),
    release: pageOfRelease(released),
  };
}

/**
 * The plan of the last release; before there is one, the plan of the table that the contract promises. Null
 * where the reader has no right, or several and would have to choose.
 */
function previewPlan({ access, reading }: DatasetPageFacts, columns: Column[]): AccessPlan | null {
  if (access === undefined) return null;
  const promised = { id: '', number: 0, snapshotId: '', rows: 0, releasedAt: isoTime(reading.now), columns };
  const release = access.release ?? { ...promised, columnTags: {}, partTags: {} };
  const table = access.table ?? { id: '', metadataKey: '' };
  try {
    return planDataset({ ...access, release, table }, reading).plan;
  } catch (error) {
    if (isMeshError(error) && error.status < 500) return null;
    throw error;
  }
}

interface ColumnFacts {
  column: Column;
  index: number;
  table: ContractTable;
  plan: AccessPlan | null;
  tags: DatasetTags | undefined;
  personal: ReadonlySet<string>;
}

function pageOfColumn({
  column,
  index,
  table,
  plan,
  tags,
  personal,
}: ColumnFacts): DatasetPage['columns'][number] {
  const promise = table.promises[index];
  const planned = plan?.columns.find(({ name }) => name === column.name);
  const access =
    plan === null ? 'not-granted' : planned === undefined ? 'hidden' : planned.mask ? 'masked' : 'visible';
  return {
    name: column.name,
    type: typeName(column.type),
    description: column.doc ?? null,
    businessName: promise?.businessName ?? null,
    required: column.required,
    unique: promise?.unique ?? false,
    primaryKey: table.primaryKey.includes(column.name),
    classification: promise?.classification ?? null,
    personal: personal.has(column.name),
    tags: promise?.tags ?? [],
    effectiveTags: tags?.columns[column.name] ?? [],
    access,
    ...(planned?.mask ? { mask: planned.mask } : {}),
  };
}

function pageOfRelease(released: DatasetPageFacts['released']): DatasetPage['release'] {
  if (!released?.release_id || released.released_at === null) return null;
  return {
    id: released.release_id,
    number: released.number ?? 0,
    releasedAt: isoTime(released.released_at),
    rows: released.rows ?? 0,
    bytes: released.bytes ?? 0,
    checks: released.checks ?? [],
  };
}

/** Numbers that JavaScript cannot hold exactly are kept as text. */
function plainValue(value: unknown): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  return String(value);
}
